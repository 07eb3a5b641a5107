// Reads who waits in a cluster and where they could go: groups of equal tasks with their candidates, for plan.ts.
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Task } from '../../domain/task.ts'
import { candidatePool, type Pool } from '../../scheduler/candidates.ts'
import { placementRequestOf } from '../../scheduler/request.ts'
import { occupancyOf } from '../../store/occupancy.ts'
import type { Reader } from '../../store/store.ts'
import { containerInstances, tasks } from '../../store/tables.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import type { Group } from './plan.ts'
import type { Scope } from './waiting.ts'

export type Waiters = {
  readonly groups: readonly Group[]
  /** Every candidate was looked at, so that a refusal is the whole answer. */
  readonly complete: boolean
}

/** `scope`: where tasks that were refused before may be tried again. A task never refused yet is tried everywhere. */
export const waitersOf = (reader: Reader, clusterArn: string, scope: Scope): Waiters => {
  const waiting = [...reader.byIndex(tasks, 'unplaced', clusterArn)].filter(task => task.desiredStatus === 'RUNNING')
  const complete = scope === 'all' || waiting.some(task => task.placementExplanation === undefined)
  const pools = new Map<boolean, Pool>()
  const poolOf = (fargate: boolean): Pool => {
    const known = pools.get(fargate)
    if (known !== undefined) return known
    const instances = instancesFor(reader, clusterArn, fargate, complete ? 'all' : scope)
    const pool = candidatePool(instances, occupancyOf(reader))
    pools.set(fargate, pool)
    return pool
  }
  const groups: Group[] = []
  for (const equal of Map.groupBy(waiting, kindOf).values()) {
    const [first] = equal
    if (first === undefined) continue
    const pool = poolOf(first.launchType === 'FARGATE')
    const spread = `${clusterArn}|${first.group}`
    groups.push({
      tasks: equal.toSorted((a, b) => a.createdAt - b.createdAt),
      request: placementRequestOf(first, taskDefinitionOf(reader, first.taskDefinitionArn), 0),
      candidates: pool.candidates(spread),
      take: instanceArn => pool.take(instanceArn, first.reservation, spread),
    })
  }
  return { groups, complete }
}

// Tasks that ask for the same: of one deployment, made under the same placement rules.
const kindOf = (task: Task): string => {
  const rules = task.placementConstraints.length + task.placementStrategy.length
  const said = rules === 0 ? '' : JSON.stringify([task.placementConstraints, task.placementStrategy])
  return `${task.deploymentId ?? task.arn}|${said}`
}

// FARGATE: whoever gives capacity, in whatever cluster. Else the cluster's own.
const instancesFor = (
  reader: Reader,
  clusterArn: string,
  fargate: boolean,
  scope: Scope,
): Iterable<ContainerInstance> => {
  if (scope === 'all')
    return fargate
      ? reader.byIndex(containerInstances, 'fargate', 'fargate')
      : reader.byIndex(containerInstances, 'byCluster', clusterArn)
  return [...scope]
    .flatMap(arn => reader.get(containerInstances, arn) ?? [])
    .filter(instance => (fargate ? instance.fargateCapacity : instance.clusterArn === clusterArn))
}
