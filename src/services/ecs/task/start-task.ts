// StartTask: one task on each of up to ten instances that the caller names; no strategy, but the same checks as placement.
// After: the dispatcher, as with RunTask. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StartTask.html
import type { StartTaskRequest, StartTaskResponse } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { newTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import type { Ids } from '../../../lib/ids.ts'
import { candidateOf } from '../../../scheduler/candidates.ts'
import { place } from '../../../scheduler/place.ts'
import { placementRequestOf } from '../../../scheduler/request.ts'
import { occupancyOf } from '../../../store/occupancy.ts'
import type { Reader } from '../../../store/store.ts'
import { withSubnetAddress } from '../../../store/subnet-address.ts'
import { tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { containerInstanceArnFor, findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { describeTask } from './describe.ts'
import { type Failures, identity, noAddress, onInstance, type TaskPlan } from './place-tasks.ts'
import { planOf } from './plan.ts'

const MAX_INSTANCES = 10

export const startTask: EcsOperation<StartTaskRequest, StartTaskResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const named = input.containerInstances ?? []
    if (named.length === 0) throw invalid('Container instances cannot be empty.')
    if (named.length > MAX_INSTANCES) throw invalid(`At most ${MAX_INSTANCES} container instances can be given.`)
    const tags = validateTags(input.tags)
    return store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const plan = planOf(tx, request, cluster, { ...input, launchType: 'EC2' }, tags, clock.now())
      const started: Task[] = []
      const failures: Failures[number][] = []
      for (const identifier of named) {
        const outcome = startOn(tx, ids, request, cluster, plan, identifier)
        if ('task' in outcome) {
          tx.put(tasks, outcome.task)
          started.push(outcome.task)
        } else failures.push(outcome)
      }
      return { tasks: started.map(task => describeTask(tx, task, { tags: true })), failures }
    })
  }

const startOn = (
  reader: Reader,
  ids: Ids,
  request: RequestContext,
  cluster: Cluster,
  plan: TaskPlan,
  identifier: string,
): { readonly task: Task } | Failures[number] => {
  const instance = findContainerInstance(reader, request, cluster, identifier)
  if (!instance) return { arn: containerInstanceArnFor(request, cluster, identifier), reason: 'MISSING' }
  const made = newTask({ ...plan, ...identity(ids, plan) })
  const task = withSubnetAddress(reader, made)
  if (task === undefined) {
    const { reason, detail } = noAddress(made)
    return { arn: instance.arn, reason, detail }
  }
  // Whoever names the instance has chosen: no constraint holds, not even the definition's.
  const definition = { ...plan.definition, placementConstraints: [] }
  const placement = place(placementRequestOf(task, definition, ids.fraction()), [
    candidateOf(instance, `${cluster.arn}|${plan.group}`, occupancyOf(reader)),
  ])
  if (!('refusals' in placement)) return { task: onInstance(reader, task, instance) }
  const [refusal] = placement.refusals
  return {
    arn: instance.arn,
    reason: refusal?.reason ?? 'INACTIVE',
    ...(refusal?.detail ? { detail: refusal.detail } : {}),
  }
}
