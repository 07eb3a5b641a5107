// Which tasks of a deployment to stop when it has more than it is to have, or has them where they can't stay. Pure. Those that
// do not serve yet go first; of those that do, the ones on instances that are draining, then the ones that stand closest
// together, so that what remains is spread as well as it can be. A protected task is not stopped for having too many.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import { isProtected, type Task } from '../../domain/task.ts'
import { OWN_DEPLOYMENT } from '../../scheduler/strategies.ts'
import { type ByProvider, byProvider } from './by-provider.ts'
import { type Fleet, goodOf, type Hosts, servingOf } from './fleet.ts'

export type StopChoice = {
  readonly target: number
  /** Serving tasks that may be stopped in all; those chosen here are to be taken off it by the caller. */
  readonly allowed: number
  /** Tasks on draining instances that go although nothing serves in their place yet (moving.ts). */
  readonly release: number
  /** All tasks of the service that stay counted in its spread. */
  readonly peers: readonly Task[]
  readonly strategy: readonly PlacementStrategy[]
  readonly hosts: Hosts
  readonly now: number
  /** Tasks that only are too many: no more than these are looked for, for it costs a look at all others each. */
  readonly most: number
}

export const chooseStops = (fleet: Fleet, choice: StopChoice): readonly Task[] => {
  const { target, allowed, release, most } = choice
  // An unhealthy task is kept until its replacement is healthy: it may still serve some requests. So is a lost one, for its
  // instance may come back before its replacement found a place.
  const kept = Math.max(0, target - servingOf(fleet))
  const stops = [...fleet.misplaced, ...fleet.unhealthy.slice(kept)]
  stops.push(...fleet.lost.slice(Math.max(0, kept - fleet.unhealthy.length)))
  const moved = Math.min(Math.max(servingOf(fleet) - target, release), allowed)
  const leaving = fleet.moving.slice(0, Math.max(0, moved))
  stops.push(...leaving)
  let surplus = goodOf(fleet) - target
  const wanted = [...fleet.healthy, ...fleet.maturing, ...fleet.pending]
  const providers = byProvider(fleet.deployment.capacityProviderStrategy, wanted)
  for (const idle of [fleet.pending, fleet.maturing]) {
    if (surplus <= 0) break
    const taken = crowded(fleet, idle, Math.min(surplus, most), choice, providers)
    stops.push(...taken)
    surplus -= taken.length
  }
  const healthy = Math.min(surplus, allowed - leaving.length)
  if (healthy > 0) stops.push(...crowded(fleet, fleet.healthy, Math.min(healthy, most), choice, providers))
  return stops
}

// From the zone with the most tasks, there from the instance with the most, there the newest: as placement counts them
// (scheduler/strategies.ts), the deployment's own first, then all of the service's. With binpack as first strategy, from the
// instance that has the most of its resource left then, so that the others stay full.
const crowded = (
  { deployment }: Fleet,
  from: readonly Task[],
  count: number,
  { peers, strategy, hosts, now }: StopChoice,
  providers: ByProvider,
): readonly Task[] => {
  const weightOf = ({ deploymentId }: Task): number => (deploymentId === deployment.id ? OWN : 1)
  const zones = countBy(peers, zoneOf, weightOf)
  const instances = countBy(peers, instanceOf, weightOf)
  const freed = new Map<string, number>()
  const resource = packedBy(strategy)
  const rank = (task: Task): readonly [number, number] => {
    if (task.containerInstanceArn === undefined) return NOWHERE
    const here = instances.get(instanceOf(task)) ?? 0
    if (resource === undefined) return [zones.get(zoneOf(task)) ?? 0, here]
    const host = hosts.get(instanceOf(task))
    const left = resource === 'memory' ? host?.memoryLeft : host?.cpuLeft
    return [(left ?? 0) + (freed.get(instanceOf(task)) ?? 0) + task.reservation[resource], -here]
  }
  const left = new Set(from.filter(task => !isProtected(task, now)))
  const chosen: Task[] = []
  while (chosen.length < count) {
    let most: Task | undefined
    let highest: readonly [number, number] = NOWHERE
    for (const task of providers.eligible(left)) {
      const ranked = rank(task)
      if (most !== undefined && !comesFirst(task, ranked, most, highest)) continue
      most = task
      highest = ranked
    }
    if (most === undefined) break
    left.delete(most)
    providers.gone(most)
    chosen.push(most)
    zones.set(zoneOf(most), (zones.get(zoneOf(most)) ?? 0) - OWN)
    instances.set(instanceOf(most), (instances.get(instanceOf(most)) ?? 0) - OWN)
    if (resource !== undefined)
      freed.set(instanceOf(most), (freed.get(instanceOf(most)) ?? 0) + most.reservation[resource])
  }
  return chosen
}

/** A task of the deployment itself, which is one of the service, too. */
const OWN = OWN_DEPLOYMENT + 1

/** Before all that have a place. */
const NOWHERE = [Number.MAX_VALUE, 0] as const

const packedBy = (strategy: readonly PlacementStrategy[]): 'cpu' | 'memory' | undefined => {
  const [first] = strategy
  if (first?.type !== 'binpack') return undefined
  return first.field?.toLowerCase() === 'memory' ? 'memory' : 'cpu'
}

const comesFirst = (
  task: Task,
  rank: readonly [number, number],
  best: Task,
  bestRank: readonly [number, number],
): boolean => {
  const order = rank[0] - bestRank[0] || rank[1] - bestRank[1] || task.createdAt - best.createdAt
  return order > 0 || (order === 0 && task.arn > best.arn)
}

const zoneOf = (task: Task): string => task.availabilityZone ?? ''
const instanceOf = (task: Task): string => task.containerInstanceArn ?? ''

const countBy = (
  tasks: readonly Task[],
  of: (task: Task) => string,
  weightOf: (task: Task) => number,
): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const task of tasks) counts.set(of(task), (counts.get(of(task)) ?? 0) + weightOf(task))
  return counts
}
