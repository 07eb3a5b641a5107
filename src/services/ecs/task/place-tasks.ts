// Places up to ten tasks at once, inside RunTask's transaction: puts those that found an instance, and says why the rest did
// not. Reads the instances and what is in use on them; the scheduler decides.
import type { LaunchType } from '@aws-sdk/client-ecs'
import { scopeOf } from '../../../domain/arn.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { freeGpus, withGpus } from '../../../domain/gpu.ts'
import type { IdempotencyRecord } from '../../../domain/idempotency.ts'
import { subnetOf } from '../../../domain/network-interface.ts'
import { type NewTask, newTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import { assert } from '../../../lib/assert.ts'
import type { Ids } from '../../../lib/ids.ts'
import { candidateOf } from '../../../scheduler/candidates.ts'
import { FARGATE_UNAVAILABLE } from '../../../scheduler/explain.ts'
import { place, type Refusal } from '../../../scheduler/place.ts'
import { placementRequestOf } from '../../../scheduler/request.ts'
import { occupancyOf } from '../../../store/occupancy.ts'
import type { Reader, Transaction } from '../../../store/store.ts'
import { withSubnetAddress } from '../../../store/subnet-address.ts'
import { tasks } from '../../../store/tables.ts'
import type { Capacity } from '../capacity-provider/strategy.ts'
import { invalid } from '../refuse.ts'
import { hasInstances, instancesFor, someInstancesFor } from './instances-for.ts'

/** ECS answers a failure an instance; this many show the pattern, and keep an answer from thousands of instances small. */
const MAX_FAILURES = 100

export type TaskPlan = Omit<NewTask, 'id' | 'containerUuids' | 'attachmentUuid' | 'host'> &
  Pick<Capacity, 'capacityProviderStrategy'>

/** Plain enough to keep: a repeated request is answered with them. */
export type Failures = IdempotencyRecord['failures']

export type Placed = { readonly placed: readonly Task[]; readonly failures: Failures }

export const placeTasks = (tx: Transaction, ids: Ids, plan: TaskPlan, count: number): Placed => {
  if (plan.launchType !== 'FARGATE' && plan.capacityProviderName === undefined && !hasInstances(tx, plan))
    throw invalid('No Container Instances were found in your cluster.')
  let instances = someInstancesFor(tx, ids, plan)
  let all = false
  const placed: Task[] = []
  while (placed.length < count) {
    const outcome = placeOne(tx, ids, plan, instances)
    if ('refusals' in outcome) {
      // What one finds no room for, the next, equal one won't either.
      if (all) return { placed, failures: failuresOf(plan.launchType, outcome.refusals, count - placed.length) }
      instances = instancesFor(tx, plan)
      all = true
    } else {
      tx.put(tasks, outcome)
      placed.push(outcome)
    }
  }
  return { placed, failures: [] }
}

const placeOne = (
  reader: Reader,
  ids: Ids,
  plan: TaskPlan,
  instances: ReadonlyMap<string, ContainerInstance>,
): Task | { readonly refusals: readonly Refusal[] } => {
  const group = `${plan.clusterArn}|${plan.group}`
  const occupancy = occupancyOf(reader)
  const candidates = Array.from(instances.values(), instance => candidateOf(instance, group, occupancy))
  const made = newTask({ ...plan, ...identity(ids, plan) })
  const task = withSubnetAddress(reader, made)
  if (task === undefined) return { refusals: [noAddress(made)] }
  const placement = place(placementRequestOf(task, plan.definition, ids.fraction()), candidates)
  if ('refusals' in placement) return placement
  const instance = instances.get(placement.arn)
  assert(instance, 'place answered an instance that was no candidate')
  return onInstance(reader, task, instance)
}

/** As ECS words it when an instance has no interface left. */
export const noAddress = (task: Task): Refusal => {
  const subnet = task.attachments.map(subnetOf).find(id => id !== undefined) ?? ''
  const { region, accountId } = scopeOf(task.arn)
  return {
    arn: `arn:aws:ec2:${region}:${accountId}:subnet/${subnet}`,
    reason: 'RESOURCE:ENI',
    detail: `The subnet ${subnet} has no free address.`,
    passed: 0,
  }
}

export const onInstance = (reader: Reader, task: Task, instance: ContainerInstance): Task => ({
  ...withGpus(task, freeGpus(instance, reader.sum(tasks, 'usage', instance.arn))),
  lastStatus: 'PENDING',
  containerInstanceArn: instance.arn,
  availabilityZone: instance.availabilityZone,
})

export const identity = (ids: Ids, plan: TaskPlan): Pick<NewTask, 'id' | 'containerUuids' | 'attachmentUuid'> => ({
  id: ids.taskId(plan.now),
  containerUuids: plan.definition.containerDefinitions.map(() => ids.uuid()),
  ...(plan.networkConfiguration === undefined ? {} : { attachmentUuid: ids.uuid() }),
})

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
