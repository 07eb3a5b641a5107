// Which tasks of a deployment to stop when it has more than it is to have. Pure. Those that do not serve yet go first; of
// those that do, the ones that stand closest together, so that what remains is spread as well as it can be.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import type { Task } from '../../domain/task.ts'
import { type Fleet, goodOf } from './fleet.ts'

/**
 * `allowed`: healthy tasks that may be stopped in all; those chosen here are to be taken off it by the caller. `peers`: all
 * tasks of the service that stay counted in its spread.
 */
export const chooseStops = (
  fleet: Fleet,
  target: number,
  allowed: number,
  peers: readonly Task[],
  strategy: readonly PlacementStrategy[],
): readonly Task[] => {
  // An unhealthy task is kept until its replacement is healthy: it may still serve some requests.
  const keptUnhealthy = Math.max(0, target - fleet.healthy.length)
  const stops = [...fleet.unhealthy.slice(keptUnhealthy)]
  let surplus = goodOf(fleet) - target
  for (const idle of [fleet.pending, fleet.maturing]) {
    const taken = idle.slice(0, Math.max(0, surplus))
    stops.push(...taken)
    surplus -= taken.length
  }
  const healthy = Math.min(surplus, allowed)
  if (healthy > 0) stops.push(...crowded(fleet.healthy, healthy, peers, strategy))
  return stops
}

// From the zone with the most tasks of the service, there from the instance with the most, there the newest. With binpack
// as first strategy the other way around: instances with few tasks are emptied.
const crowded = (
  from: readonly Task[],
  count: number,
  peers: readonly Task[],
  strategy: readonly PlacementStrategy[],
): readonly Task[] => {
  const zones = countBy(peers, zoneOf)
  const instances = countBy(peers, instanceOf)
  const packed = strategy[0]?.type === 'binpack'
  const rank = (task: Task): readonly [number, number] => {
    const here = instances.get(instanceOf(task)) ?? 0
    return packed ? [-here, 0] : [zones.get(zoneOf(task)) ?? 0, here]
  }
  const left = new Set(from)
  const chosen: Task[] = []
  while (chosen.length < count) {
    let most: Task | undefined
    for (const task of left) if (most === undefined || comesFirst(task, rank(task), most, rank(most))) most = task
    if (most === undefined) break
    left.delete(most)
    chosen.push(most)
    zones.set(zoneOf(most), (zones.get(zoneOf(most)) ?? 0) - 1)
    instances.set(instanceOf(most), (instances.get(instanceOf(most)) ?? 0) - 1)
  }
  return chosen
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

const countBy = (tasks: readonly Task[], of: (task: Task) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const task of tasks) counts.set(of(task), (counts.get(of(task)) ?? 0) + 1)
  return counts
}
