// Reads who waits in a cluster and where they could go: groups of equal tasks with their candidates, for plan.ts.
import { providerKey } from '../../domain/capacity-provider.ts'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Task } from '../../domain/task.ts'
import { candidatePool, type OwnSpread, type Pool } from '../../scheduler/candidates.ts'
import { placementRequestOf } from '../../scheduler/request.ts'
import { deploymentSpreadOf, occupancyOf } from '../../store/occupancy.ts'
import type { Reader } from '../../store/store.ts'
import { containerInstances, deployments, tasks } from '../../store/tables.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import type { Group } from './plan.ts'
import type { Scope } from './waiting.ts'

export type Waiters = {
  readonly groups: readonly Group[]
  /** Every candidate was looked at, so that a refusal is the whole answer. */
  readonly complete: boolean
  /** Others wait that are not in the groups. */
  readonly more: boolean
}

/** `scope`: where tasks that were refused before may be tried again. A task never refused yet is tried everywhere. */
export const waitersOf = (reader: Reader, clusterArn: string, scope: Scope, most: number, now: number): Waiters => {
  const { waiting, more } = someWaiting(reader, clusterArn, most)
  const complete = scope === 'all' || waiting.some(task => task.placementExplanation === undefined)
  const pools = new Map<string, Pool>()
  const poolOf = (where: Where): Pool => {
    const known = pools.get(where.value)
    if (known !== undefined) return known
    const pool = candidatePool(instancesFor(reader, where, complete ? 'all' : scope), occupancyOf(reader))
    pools.set(where.value, pool)
    return pool
  }
  const groups: Group[] = []
  const daemons: Group[] = []
  for (const equal of Map.groupBy(waiting, kindOf).values()) {
    const [first] = equal
    if (first === undefined) continue
    const pool = poolOf(whereTo(first))
    const spread = `${clusterArn}|${first.group}`
    const { madeFor, madeForZone } = first
    let known: { readonly own: OwnSpread | undefined } | undefined
    const own = (): OwnSpread | undefined => {
      known ??= { own: deploymentSpreadOf(reader, first) }
      return known.own
    }
    const group: Group = {
      tasks: equal.toSorted((a, b) => a.createdAt - b.createdAt),
      request: placementRequestOf(first, taskDefinitionOf(reader, first.taskDefinitionArn), 0),
      // Only for the groups that a pass gets to.
      candidates: () => {
        if (madeForZone !== undefined)
          return pool.candidates(spread).filter(one => one.availabilityZone === madeForZone)
        if (madeFor === undefined) return pool.candidates(spread, own())
        const candidate = pool.candidate(spread, madeFor)
        return candidate === undefined ? [] : [candidate]
      },
      shunned: shunnedBy(reader, first, now),
      take: instanceArn => pool.take(instanceArn, first.reservation, spread, own()),
    }
    // A DAEMON service's tasks are the first to get a place on their instance.
    if (madeFor === undefined) groups.push(group)
    else daemons.push(group)
  }
  return { groups: [...daemons, ...groups], complete, more }
}

const NONE: ReadonlySet<string> = new Set()

const shunnedBy = (reader: Reader, { deploymentId }: Task, now: number): ReadonlySet<string> => {
  const shunned = deploymentId === undefined ? undefined : reader.get(deployments, deploymentId)?.shunned
  if (shunned === undefined) return NONE
  return new Set(shunned.flatMap(one => (one.until > now ? [one.containerInstanceArn] : [])))
}

// `most` counts tasks that were never refused: each pass places or refuses those that it gets, so the next gets others. All of
// a DAEMON service's, which come first, and all that were refused until `most` is reached. No more are read: of ten thousand that
// wait each pass takes some.
const someWaiting = (reader: Reader, clusterArn: string, most: number) => {
  const waiting: Task[] = []
  let fresh = 0
  const take = (task: Task): void => {
    if (task.desiredStatus !== 'RUNNING') return
    waiting.push(task)
    if (task.placementExplanation === undefined) fresh++
  }
  for (const task of reader.byIndex(tasks, 'unplacedMadeFor', clusterArn)) take(task)
  for (const task of reader.byIndex(tasks, 'unplaced', clusterArn)) {
    if (task.madeFor !== undefined) continue
    if (fresh >= most) return { waiting, more: true }
    take(task)
  }
  return { waiting, more: false }
}

// Tasks that ask for the same: of one deployment, or alike without one, made under the same placement rules.
const kindOf = (task: Task): string => {
  const rules = task.placementConstraints.length + task.placementStrategy.length
  const said = rules === 0 ? '' : JSON.stringify([task.placementConstraints, task.placementStrategy])
  return `${task.deploymentId ?? alone(task)}|${task.capacityProviderName ?? ''}|${task.madeFor ?? ''}|${task.madeForZone ?? ''}|${said}`
}

const alone = ({ taskDefinitionArn, group, reservation }: Task): string =>
  JSON.stringify([taskDefinitionArn, group, reservation])

/** An index of `containerInstances`, and what to look for in it. */
type Where = { readonly index: 'fargate' | 'byCapacityProvider' | 'byCluster'; readonly value: string }

// FARGATE: whoever gives capacity, in whatever cluster. Else the cluster's own, or of those a capacity provider's.
const whereTo = ({ launchType, capacityProviderName: provider, clusterArn }: Task): Where => {
  if (launchType === 'FARGATE') return { index: 'fargate', value: 'fargate' }
  if (provider === undefined) return { index: 'byCluster', value: clusterArn }
  return { index: 'byCapacityProvider', value: providerKey(clusterArn, provider) }
}

const instancesFor = (reader: Reader, { index, value }: Where, scope: Scope): Iterable<ContainerInstance> => {
  if (scope === 'all') return reader.byIndex(containerInstances, index, value)
  const keyOf = containerInstances.indexes[index]
  return [...scope]
    .flatMap(arn => reader.get(containerInstances, arn) ?? [])
    .filter(instance => keyOf?.(instance) === value)
}
