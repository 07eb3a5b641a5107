// Which tasks a REPLICA service starts and stops now, given how many each deployment is to have: within the minimum that must
// stay healthy and the maximum that there may be. Pure; a part of plan.ts, beside daemon.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
import { lastSegment } from '../../domain/arn.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { waitsForRoom } from '../../scheduler/explain.ts'
import { chooseStops } from './choose-stops.ts'
import { scalingReason } from './events.ts'
import { type Fleet, goodOf, type Hosts, leavingOf, occupiedBy, servingOf } from './fleet.ts'
import type { Moves, Starts, Stop } from './plan.ts'
import type { DeploymentSettings } from './settings.ts'
import { type Bounds, isUnplaceable, sum, targetsOf } from './targets.ts'
import { unhealthyStop } from './unhealthy-stop.ts'

export type Board = {
  readonly service: Service
  /** PRIMARY first, then newest to oldest. */
  readonly fleets: readonly [Fleet, ...Fleet[]]
  readonly bounds: Bounds
  readonly hosts: Hosts
  readonly startable: (fleet: Fleet) => boolean
  /** Tasks that the PRIMARY is to have beyond what is desired, for as long as one takes another's place (rebalance.ts). */
  readonly extra: number
  readonly now: number
  readonly settings: DeploymentSettings
}

export const replicaMoves = (board: Board): Moves => {
  const { service, fleets, bounds, startable } = board
  const [primary, ...older] = fleets
  const targets = targetsOf(service, primary, older, bounds, startable(primary))
  const extra = (fleet: Fleet): number => (fleet === primary ? board.extra : 0)
  const targetOf = (fleet: Fleet): number => (targets.get(fleet.deployment.id) ?? 0) + extra(fleet)
  const starts = planStarts(board, targetOf)
  const stops = planStops(board, targetOf)
  return { targetOf, starts, ...(stops.length > 0 ? { stops } : unhealthyFirst(board, targetOf)) }
}

// The PRIMARY first, unless too few tasks are healthy: then the revisions that are known to work.
const planStarts = ({ fleets, bounds, startable, settings }: Board, targetOf: (fleet: Fleet) => number): Starts => {
  const order = sum(fleets, servingOf) < bounds.minimum ? fleets.toReversed() : fleets
  let room = Math.max(0, bounds.maximum - sum(fleets, occupiedBy))
  let left = settings.startsPerPass
  let [short, cut] = [false, false]
  const chosen: { fleet: Fleet; count: number }[] = []
  for (const fleet of order) {
    const missing = startable(fleet) ? Math.max(0, targetOf(fleet) - goodOf(fleet)) : 0
    const fitting = Math.min(missing, room)
    const count = Math.min(fitting, left)
    short ||= fitting < missing
    cut ||= count < fitting
    room -= count
    left -= count
    if (count > 0) chosen.push({ fleet, count })
  }
  return { chosen, short, cut }
}

// Never takes what serves below the minimum, whatever the targets say. Older deployments give up theirs first.
const planStops = (board: Board, targetOf: (fleet: Fleet) => number): readonly Stop[] => {
  const { service, fleets, bounds, hosts, now, settings } = board
  let allowed = Math.max(0, sum(fleets, servingOf) - bounds.minimum)
  let release = roomForMoving(board, targetOf)
  let peers = fleets.flatMap(fleet => [...fleet.healthy, ...fleet.maturing, ...fleet.pending])
  const stops: Stop[] = []
  for (const fleet of fleets.toReversed()) {
    const strategy = service.placementStrategy
    // One more than a pass stops says that there are more.
    const choice = { allowed, release, peers, strategy, hosts, now, most: settings.stopsPerPass + 1 }
    const chosen = chooseStops(fleet, { ...choice, target: targetOf(fleet) })
    if (chosen.length === 0) continue
    const gone = new Set(chosen)
    const moved = fleet.moving.filter(task => gone.has(task)).length
    allowed -= moved + fleet.healthy.filter(task => gone.has(task)).length
    release = Math.max(0, release - moved)
    peers = peers.filter(task => !gone.has(task))
    for (const task of chosen) stops.push(stopOf(fleet, task))
  }
  return stops
}

const stopOf = (fleet: Fleet, task: Task): Stop => {
  if (fleet.unhealthy.includes(task)) return unhealthyStop(fleet, task)
  if (fleet.lost.includes(task)) return { task, reason: lostReason(task), stopCode: 'InfrastructureHealth' }
  return { task, reason: scalingReason(fleet.deployment.id) }
}

// AWS does not stop the tasks of a lost host by itself, so that it has no words for it.
const lostReason = (task: Task): string =>
  `Container instance ${lastSegment(task.containerInstanceArn ?? '')} is disconnected; the task was replaced`

// Tasks on draining instances that go before others serve in their place, as far as the minimum allows: because the maximum
// has no room for the others, or because no instance has.
const roomForMoving = ({ fleets, bounds, startable }: Board, targetOf: (fleet: Fleet) => number): number => {
  const affected = fleets.filter(fleet => fleet.moving.length > 0 && startable(fleet))
  const missing = sum(affected, fleet => Math.max(0, targetOf(fleet) - goodOf(fleet)))
  const room = bounds.maximum - sum(fleets, occupiedBy)
  const byMaximum = missing - Math.max(0, room) - sum(fleets, fleet => leavingOf(fleet).length)
  const unplaceable = sum(affected, fleet => fleet.pending.filter(isUnplaceable).length)
  return Math.max(0, byMaximum, unplaceable)
}

// An unhealthy task whose replacement finds no room, below the maximum or on any instance, goes first, one at a time: it is stopped
// only when nothing else is on its way in or out. AWS starts replacements first as long as there are resources for them.
const unhealthyFirst = (
  { fleets, bounds, now, settings }: Board,
  targetOf: (fleet: Fleet) => number,
): Pick<Moves, 'stops' | 'crowded'> => {
  const coming = ({ maturing, pending }: Fleet): number =>
    maturing.length + pending.filter(task => !isUnplaceable(task)).length
  if (fleets.some(fleet => coming(fleet) + leavingOf(fleet).length > 0)) return { stops: [] }
  const full = sum(fleets, occupiedBy) >= bounds.maximum
  const crowded = fleets.filter(isCrowded).map(({ deployment }) => deployment)
  const fleet = fleets.find(one => {
    if (one.pending.length > 0) return (mayGoFirstAt(one.deployment, settings) ?? now + 1) <= now && isCrowded(one)
    return one.unhealthy.length > 0 && full && targetOf(one) > goodOf(one)
  })
  const task = fleet?.unhealthy[0]
  return fleet === undefined || task === undefined ? { stops: [], crowded } : { stops: [unhealthyStop(fleet, task)] }
}

// What a stop that has begun leaves may be the place that is missing.
const isCrowded = ({ unhealthy, pending, stopping }: Fleet): boolean =>
  unhealthy.length > 0 &&
  stopping.length === 0 &&
  pending.some(({ placementExplanation = '' }) => waitsForRoom(placementExplanation))

/** When an unhealthy task may go before its replacement has a place; undefined when none has to. */
export const mayGoFirstAt = ({ crowdedSince }: Deployment, settings: DeploymentSettings): number | undefined =>
  crowdedSince === undefined ? undefined : crowdedSince + settings.crowdedAfterMs

/** The fleet whose deployment remembers since when it is crowded. */
export const crowdedOrNot = (fleet: Fleet, { crowded = [] }: Moves, now: number): Fleet => {
  const { crowdedSince, ...rest } = fleet.deployment
  const is = crowded.includes(fleet.deployment)
  if (is === (crowdedSince !== undefined)) return fleet
  return { ...fleet, deployment: is ? { ...rest, crowdedSince: now } : rest }
}
