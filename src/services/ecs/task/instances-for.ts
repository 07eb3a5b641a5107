// The instances that a task may go to. FARGATE: whoever gives capacity, in whatever cluster and region. EC2 and EXTERNAL: the
// cluster's own, and of those the task's capacity provider's where it has one; a machine that is registered here is both.
// Before: RunTask. After: `place`.
import { providerKey } from '../../../domain/capacity-provider.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import type { Ids } from '../../../lib/ids.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances } from '../../../store/tables.ts'
import type { TaskPlan } from './place-tasks.ts'

/**
 * Where nothing says which instance is best, the best of this many, taken at random, is as good as the best of thousands, and
 * costs the same whatever the fleet's size. Zones are counted over the whole fleet either way.
 */
const SAMPLE = 100

type Instances = ReadonlyMap<string, ContainerInstance>

const indexOf = (plan: TaskPlan): readonly [index: string, value: string] => {
  if (plan.launchType === 'FARGATE') return ['fargate', 'fargate']
  return plan.capacityProviderName === undefined
    ? ['byCluster', plan.clusterArn]
    : ['byCapacityProvider', providerKey(plan.clusterArn, plan.capacityProviderName)]
}

export const hasInstances = (reader: Reader, plan: TaskPlan): boolean =>
  active(reader.byIndex(containerInstances, ...indexOf(plan)), 1).size > 0

/** All of them. */
export const instancesFor = (reader: Reader, plan: TaskPlan): Instances =>
  active(reader.byIndex(containerInstances, ...indexOf(plan)), Number.POSITIVE_INFINITY)

/** A sample where the plan has no strategy; all where it has one, or they are few. */
export const someInstancesFor = (reader: Reader, ids: Ids, plan: TaskPlan): Instances => {
  const [index, value] = indexOf(plan)
  if (plan.placementStrategy.length > 0 || reader.count(containerInstances, index, value) <= SAMPLE)
    return instancesFor(reader, plan)
  const [first] = reader.byIndex(containerInstances, index, value)
  if (!first) return new Map()
  // Ids are random, so that those behind a random one are a random choice.
  const start = first.arn.slice(0, -first.id.length) + ids.hex32()
  const behind = active(reader.byIndex(containerInstances, index, value, start), SAMPLE)
  if (behind.size === SAMPLE) return behind
  return new Map([...behind, ...active(reader.byIndex(containerInstances, index, value), SAMPLE - behind.size)])
}

const active = (rows: Iterable<ContainerInstance>, most: number): Instances => {
  const found = new Map<string, ContainerInstance>()
  for (const row of rows) {
    if (row.status === 'ACTIVE') found.set(row.arn, row)
    if (found.size >= most) break
  }
  return found
}
