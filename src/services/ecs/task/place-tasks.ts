// Places up to ten tasks at once, inside RunTask's transaction: the tasks that found an instance, as rows, and why the rest
// did not. Reads the instances and what is in use on them; the scheduler decides. After: RunTask writes the rows.
import type { LaunchType } from '@aws-sdk/client-ecs'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import type { IdempotencyRecord } from '../../../domain/idempotency.ts'
import { type NewTask, newTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import { assert } from '../../../lib/assert.ts'
import type { Ids } from '../../../lib/ids.ts'
import { candidatePool } from '../../../scheduler/candidates.ts'
import { FARGATE_UNAVAILABLE } from '../../../scheduler/explain.ts'
import { place, type Refusal } from '../../../scheduler/place.ts'
import { placementRequestOf } from '../../../scheduler/request.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances, tasks } from '../../../store/tables.ts'
import { invalid } from '../refuse.ts'

/** ECS answers a failure an instance; this many show the pattern, and keep an answer from thousands of instances small. */
const MAX_FAILURES = 100

export type TaskPlan = Omit<NewTask, 'id' | 'containerUuids' | 'host'>

/** Plain enough to keep: a repeated request is answered with them. */
export type Failures = IdempotencyRecord['failures']

export type Placed = { readonly placed: readonly Task[]; readonly failures: Failures }

export const placeTasks = (reader: Reader, ids: Ids, plan: TaskPlan, count: number): Placed => {
  const instances = instancesFor(reader, plan)
  const group = `${plan.clusterArn}|${plan.group}`
  const pool = candidatePool(
    instances.values(),
    arn => reader.sum(tasks, 'usage', arn),
    name => reader.sum(tasks, 'spread', name),
  )
  const placed: Task[] = []
  for (let made = 0; made < count; made++) {
    const task = newTask({ ...plan, ...identity(ids, plan) })
    const asked = placementRequestOf(task, plan.definition, ids.fraction())
    const placement = place(asked, pool.candidates(group))
    // What one finds no room for, the next, equal one won't either.
    if ('refusals' in placement)
      return { placed, failures: failuresOf(plan.launchType, placement.refusals, count - made) }
    const instance = instances.get(placement.arn)
    assert(instance, 'place answered an instance that was no candidate')
    pool.take(placement.arn, task.reservation, group)
    placed.push(onInstance(task, instance))
  }
  return { placed, failures: [] }
}

export const onInstance = (task: Task, instance: ContainerInstance): Task => ({
  ...task,
  lastStatus: 'PENDING',
  containerInstanceArn: instance.arn,
  availabilityZone: instance.availabilityZone,
})

export const identity = (ids: Ids, plan: TaskPlan): Pick<NewTask, 'id' | 'containerUuids'> => ({
  id: ids.hex32(),
  containerUuids: plan.definition.containerDefinitions.map(() => ids.uuid()),
})

// FARGATE: whoever gives capacity, in whatever cluster and region. EC2 and EXTERNAL: the cluster's own instances; a machine
// registered here is both.
const instancesFor = (reader: Reader, plan: TaskPlan): ReadonlyMap<string, ContainerInstance> => {
  const fargate = plan.launchType === 'FARGATE'
  const rows = fargate
    ? reader.byIndex(containerInstances, 'fargate', 'fargate')
    : reader.byIndex(containerInstances, 'byCluster', plan.clusterArn)
  const found = new Map<string, ContainerInstance>()
  for (const row of rows) if (row.status === 'ACTIVE') found.set(row.arn, row)
  if (!fargate && found.size === 0) throw invalid('No Container Instances were found in your cluster.')
  return found
}

const failuresOf = (launchType: LaunchType, refusals: readonly Refusal[], missing: number): Failures =>
  launchType === 'FARGATE'
    ? Array.from({ length: missing }, () => ({ reason: FARGATE_UNAVAILABLE, detail: fargateDetail(refusals) }))
    : refusals.slice(0, MAX_FAILURES).map(({ arn, reason, detail }) => ({ arn, reason, detail }))

// Without the hosts' names, which are not the caller's.
const fargateDetail = (refusals: readonly Refusal[]): string => {
  if (refusals.length === 0) return 'No container instance gives FARGATE capacity.'
  const counts = new Map<string, number>()
  for (const { reason } of refusals) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return `FARGATE capacity, hosts by reason: ${[...counts].map(([reason, hosts]) => `${reason} ${hosts}`).join(', ')}.`
}
