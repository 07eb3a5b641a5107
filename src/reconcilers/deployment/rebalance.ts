// Evens out a steady REPLICA service over Availability Zones: a task more in the emptiest zone that has room, and when it is
// healthy, one less in the fullest. One at a time, so that there is never more than one task above the desired count; each move
// makes the spread more even than it was, so that it ends, and whatever interrupts it leaves a service as any other. Pure; a
// part of plan.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
// Before: replica.ts, which plans with the task more (`extra`). After: placement, which puts it into its zone.
import type { Deployment } from '../../domain/service.ts'
import { isProtected, type Task } from '../../domain/task.ts'
import { isRebalanced } from '../../domain/zone-rebalancing.ts'
import { withNotice, withoutNotice } from '../notices.ts'
import { blockedEvent, scalingReason } from './events.ts'
import { type Fleet, goodOf, isUp, occupiedBy, servingOf, wantedOf } from './fleet.ts'
import type { Moves, Snapshot, Stop } from './plan.ts'
import * as told from './rebalance-events.ts'
import type { Board } from './replica.ts'
import { isUnplaceable, sum } from './targets.ts'
import type { Zone } from './zones.ts'

export type Interim = {
  /** The task that is to take another's place, as long as it may. */
  readonly replacement: Task | undefined
  /** Tasks made for a zone in which they found no place, and which nothing waits for any more. */
  readonly abandoned: readonly Task[]
}

const NO_INTERIM: Interim = { replacement: undefined, abandoned: [] }

/** What is under way. Looked at before anything else is planned: the replacement counts beyond what the service is to have. */
export const interimOf = ({ service, deployments, live, hosts }: Snapshot): Interim => {
  // Without a move under way no task is looked at.
  if (!deployments.some(one => one.rebalancing?.zone !== undefined)) return NO_INTERIM
  const [primary, ...others] = deployments
  const { zone, at } = primary?.rebalancing ?? {}
  const isOn = others.length === 0 && primary?.rolloutState === 'COMPLETED' && isRebalanced(service)
  const wanted = live.filter(task => task.madeForZone !== undefined && task.desiredStatus === 'RUNNING')
  const replacement = wanted.find(
    task =>
      isOn &&
      task.deploymentId === primary?.id &&
      task.madeForZone === zone &&
      task.createdAt === at &&
      task.connectivity === undefined &&
      task.healthStatus !== 'UNHEALTHY' &&
      !isUnplaceable(task) &&
      hosts?.get(task.containerInstanceArn ?? '')?.draining !== true,
  )
  const abandoned = wanted.filter(task => task !== replacement && task.containerInstanceArn === undefined)
  return { replacement, abandoned }
}

export type Rebalance = {
  /** The PRIMARY with what has become of it. */
  readonly deployment: Deployment
  readonly start?: { readonly zone: string; readonly provider: string }
  readonly stops: readonly Stop[]
  readonly events: readonly string[]
  readonly wakeAt?: number | undefined
}

/** `zones`: undefined when there is nothing to even out, or not now. */
export const planRebalance = (
  board: Board,
  moves: Moves,
  { replacement, abandoned }: Interim,
  zones: readonly Zone[] | undefined,
): Rebalance => {
  const [{ deployment }] = board.fleets
  const { rebalancing } = deployment
  const left = abandoned.map(task => ({ task, reason: scalingReason(task.deploymentId ?? '') }))
  const then = (next: Rebalance): Rebalance => (left.length === 0 ? next : { ...next, stops: [...left, ...next.stops] })
  if (rebalancing?.zone !== undefined) {
    const unplaced = abandoned.some(isUnplaceable) ? [told.unplacedEvent(board.service, rebalancing.zone)] : []
    return then(replacement === undefined ? gaveUp(board, unplaced) : finishMove(board, moves, replacement))
  }
  const wakeAt = rebalancing?.notBefore
  if (rebalancing !== undefined && wakeAt === undefined && !isRebalanced(board.service)) return then(gaveUp(board, []))
  if (zones !== undefined && isStill(board, moves)) return then(nextMove(board, zones))
  return then({ ...NOTHING, deployment, wakeAt: wakeAt !== undefined && wakeAt > board.now ? wakeAt : undefined })
}

const NOTHING = { events: [], stops: [] }

/** Everything that is wanted is healthy, and nothing is on its way in or out. */
const isStill = ({ service, fleets: [primary, ...older] }: Board, { starts, stops }: Moves): boolean =>
  older.length === 0 &&
  primary.deployment.steadySince !== undefined &&
  primary.healthy.length === service.desiredCount &&
  wantedOf(primary) === service.desiredCount &&
  !primary.stopping.some(isUp) &&
  starts.chosen.length + stops.length === 0

const nextMove = (board: Board, zones: readonly Zone[]): Rebalance => {
  const { service, fleets, bounds, startable, now } = board
  const [primary] = fleets
  const { deployment } = primary
  const counts = countsIn(primary, zones)
  const [fullest, emptiest] = [counts[0], counts.at(-1)]
  const under = deployment.rebalancing !== undefined && deployment.rebalancing.notBefore === undefined
  if (fullest === undefined || emptiest === undefined || fullest.count - emptiest.count < 2) {
    const { rebalancing: _, ...rest } = withoutNotice(deployment, 'rebalancing')
    return { ...NOTHING, deployment: rest, events: under ? [told.balancedEvent(service, counts)] : [] }
  }
  if (!startable(primary)) return { ...NOTHING, deployment }
  if (sum(fleets, occupiedBy) >= bounds.maximum) return hindered(board, 'maximum', blockedEvent(service))
  const move = moveAmong(primary, counts, zones, now)
  if (move === 'no-room') return hindered(board, emptiest.name, told.unplacedEvent(service, emptiest.name))
  if (move === 'protected') return hindered(board, 'protected', told.heldEvent(service, deployment.id))
  return {
    deployment: { ...withoutNotice(deployment, 'rebalancing'), rebalancing: { zone: move.zone, at: now } },
    start: move,
    stops: [],
    events: under ? [] : [told.unbalancedEvent(service, counts)],
  }
}

/** Fullest first. */
const countsIn = (primary: Fleet, zones: readonly Zone[]): readonly told.ZoneCount[] => {
  const counts = new Map(zones.map(({ name }) => [name, 0]))
  for (const task of [...primary.healthy, ...primary.maturing, ...primary.pending]) {
    const zone = task.availabilityZone ?? task.madeForZone
    if (zone !== undefined && counts.has(zone)) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

type Move = { readonly zone: string; readonly provider: string }

// Into the emptiest zone that can have one of the fullest that can give one: two tasks apart or more, so that it is of use. The
// task that goes is of the same capacity provider as the one that comes: shares stay as they are.
const moveAmong = (
  primary: Fleet,
  counts: readonly told.ZoneCount[],
  zones: readonly Zone[],
  now: number,
): Move | 'no-room' | 'protected' => {
  let hinders: 'no-room' | 'protected' = 'no-room'
  for (const to of counts.toReversed()) {
    const rooms = zones.find(({ name }) => name === to.name)?.rooms
    for (const from of counts) {
      if (from.count - to.count < 2) break
      if (rooms === undefined || rooms.size === 0) continue
      hinders = 'protected'
      const given = givers(primary, from.name, now).find(task => rooms.has(task.capacityProviderName ?? ''))
      if (given !== undefined) return { zone: to.name, provider: given.capacityProviderName ?? '' }
    }
  }
  return hinders
}

/** Healthy tasks of a zone that may go: those on the instance with the most first, there the newest. */
const givers = (primary: Fleet, zone: string, now: number): readonly Task[] => {
  const own = primary.healthy.filter(task => task.availabilityZone === zone && !isProtected(task, now))
  const here = Map.groupBy(own, ({ containerInstanceArn = '' }) => containerInstanceArn)
  const beside = ({ containerInstanceArn = '' }: Task): number => here.get(containerInstanceArn)?.length ?? 0
  return own.toSorted((a, b) => beside(b) - beside(a) || b.createdAt - a.createdAt || (a.arn < b.arn ? 1 : -1))
}

// Not before the replacement has shown that it works, and all else that is wanted is there.
const finishMove = (board: Board, moves: Moves, replacement: Task): Rebalance => {
  const { service, fleets, bounds, now, settings } = board
  const [primary] = fleets
  const { deployment } = primary
  const readyAt = replacement.containers.some(one => one.essential && one.hasHealthCheck)
    ? now
    : (replacement.startedAt ?? now) + settings.healthyAfterMs
  const waits = { ...NOTHING, deployment, wakeAt: readyAt > now ? readyAt : undefined }
  const isReady = primary.healthy.includes(replacement) && readyAt <= now
  if (!isReady || goodOf(primary) <= service.desiredCount || moves.stops.length > 0) return waits
  if (sum(fleets, servingOf) <= bounds.minimum) return waits
  const counts = countsIn(
    primary,
    [...new Set(primary.healthy.map(task => task.availabilityZone ?? ''))].map(name => ({ name, rooms: new Set() })),
  )
  const here = counts.find(({ name }) => name === replacement.availabilityZone)?.count ?? 0
  const same = (task: Task): boolean => task.capacityProviderName === replacement.capacityProviderName
  const task = counts
    .filter(({ count }) => count > here)
    .flatMap(({ name }) => givers(primary, name, now))
    .find(same)
  if (task === undefined) return gaveUp(board, [told.heldEvent(service, deployment.id)])
  return {
    // Between two moves.
    deployment: { ...deployment, rebalancing: {} },
    stops: [{ task, reason: scalingReason(deployment.id) }],
    events: [told.stoppedEvent(service, task)],
  }
}

const gaveUp = ({ service, fleets: [{ deployment }], now, settings }: Board, events: readonly string[]): Rebalance => {
  const notBefore = now + settings.rebalanceAgainMs
  const stopped = { ...deployment, rebalancing: { notBefore } }
  return { ...NOTHING, deployment: stopped, events: [...events, told.endedEvent(service)], wakeAt: notBefore }
}

// It can't begin, or not go on: said once for each cause.
const hindered = (board: Board, cause: string, event: string): Rebalance => {
  const [{ deployment }] = board.fleets
  const noticed = withNotice(deployment, 'rebalancing', cause, board.now)
  const notBefore = board.now + board.settings.rebalanceAgainMs
  return {
    ...NOTHING,
    deployment: { ...(noticed ?? deployment), rebalancing: { notBefore } },
    events: noticed === undefined ? [] : [event],
    wakeAt: notBefore,
  }
}
