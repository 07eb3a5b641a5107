// Which tasks a DAEMON service starts and stops now: one on every container instance that it belongs on, none elsewhere. Never
// two on one instance, so that a new revision's task follows an old one's: as many at a time as the minimum leaves. Pure; a
// part of plan.ts, beside replica.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
import type { Service } from '../../domain/service.ts'
import { isProtected, type Task } from '../../domain/task.ts'
import { scalingReason } from './events.ts'
import { type Fleet, type Hosts, leavingOf, servingOf } from './fleet.ts'
import type { Moves, Stop } from './plan.ts'
import type { Board } from './replica.ts'
import { sum } from './targets.ts'
import { unhealthyStop } from './unhealthy-stop.ts'

/** A DAEMON service's desired count is the number of instances that it belongs on; others keep theirs. */
export const withDesiredCount = (service: Service, hosts: Hosts): Service => {
  if (service.schedulingStrategy !== 'DAEMON') return service
  const desiredCount = [...hosts.values()].filter(({ fits }) => fits).length
  return desiredCount === service.desiredCount ? service : { ...service, desiredCount }
}

type Placed = { readonly task: Task; readonly fleet: Fleet }

export const daemonMoves = (board: Board): Moves => {
  const { fleets, hosts } = board
  const [primary, ...older] = fleets
  const wanted = fleets.flatMap(fleet => wantedIn(fleet).map(task => ({ task, fleet })))
  const [here, elsewhere] = partition(wanted, ({ task }) => hosts.get(placeOf(task))?.fits ?? false)
  const byHost = Map.groupBy(here, ({ task }) => placeOf(task))
  const misplaced = [
    ...elsewhere.filter(({ task }) => mustLeave(task, hosts)),
    ...[...byHost.values()].flatMap(surplusOn),
  ]
  const stops = [...misplaced, ...outdated(board, byHost, misplaced)].map(stopOf)
  const gone = new Set(stops.map(({ task }) => task))
  const left = (fleet: Fleet): number => wantedIn(fleet).filter(task => !gone.has(task)).length
  const targets = new Map(older.map(fleet => [fleet.deployment.id, left(fleet)]))
  targets.set(primary.deployment.id, board.service.desiredCount)
  return {
    targetOf: fleet => targets.get(fleet.deployment.id) ?? 0,
    starts: startsOn(board, byHost),
    stops,
  }
}

/** Where it is, or is to be. */
const placeOf = (task: Task): string => task.containerInstanceArn ?? task.madeFor ?? ''

const wantedIn = (fleet: Fleet): readonly Task[] => [
  ...fleet.healthy,
  ...fleet.maturing,
  ...fleet.pending,
  ...fleet.unhealthy,
]

const stopOf = ({ task, fleet }: Placed): Stop =>
  fleet.unhealthy.includes(task) ? unhealthyStop(fleet, task) : { task, reason: scalingReason(fleet.deployment.id) }

// A draining instance's daemon is the last of its services' tasks to stop; one that only waits for it is not needed any more.
const mustLeave = (task: Task, hosts: Hosts): boolean => {
  const host = hosts.get(placeOf(task))
  const waits = host?.draining === true && host.busy && task.lastStatus === 'RUNNING'
  return !waits
}

// The PRIMARY's before older ones', what is healthy before what is not: they come in that order.
const surplusOn = (own: readonly Placed[]): readonly Placed[] => {
  const [best, ...rest] = own
  const sick = best?.fleet.unhealthy.includes(best.task) ? [best] : []
  return [...sick, ...rest]
}

// Tasks of older deployments in the PRIMARY's way. What does not serve goes at once; of the rest as many as the minimum leaves,
// without those that go anyway.
const outdated = (
  { fleets, bounds, startable, now }: Board,
  byHost: ReadonlyMap<string, readonly Placed[]>,
  misplaced: readonly Placed[],
): readonly Placed[] => {
  const [primary] = fleets
  if (!startable(primary)) return []
  const old = [...byHost.values()].flatMap(([best]) =>
    best === undefined || best.fleet === primary || best.fleet.unhealthy.includes(best.task) ? [] : [best],
  )
  const free = old.filter(({ task }) => !isProtected(task, now))
  const [serving, idle] = partition(free, ({ task, fleet }) => fleet.healthy.includes(task))
  const going = misplaced.filter(({ task, fleet }) => fleet.healthy.includes(task)).length
  return [...idle, ...serving.slice(0, Math.max(0, sum(fleets, servingOf) - going - bounds.minimum))]
}

const startsOn = (
  { fleets, hosts, startable, settings }: Board,
  byHost: ReadonlyMap<string, readonly Placed[]>,
): Moves['starts'] => {
  const [primary] = fleets
  if (!startable(primary)) return { chosen: [], short: false, cut: false }
  const leaving = new Set(fleets.flatMap(fleet => leavingOf(fleet).map(placeOf)))
  const free = [...hosts].flatMap(([arn, { fits }]) => (fits && !byHost.has(arn) && !leaving.has(arn) ? [arn] : []))
  const madeFor = free.slice(0, settings.startsPerPass)
  const chosen = madeFor.length === 0 ? [] : [{ fleet: primary, count: madeFor.length, madeFor }]
  return { chosen, short: false, cut: free.length > madeFor.length }
}

const partition = <T>(items: readonly T[], of: (item: T) => boolean): readonly [readonly T[], readonly T[]] => [
  items.filter(of),
  items.filter(item => !of(item)),
]
