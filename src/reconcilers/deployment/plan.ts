// What to do about one service now: tasks to start and to stop, ends to count, deployments' progress, events to tell. Pure:
// the service, its deployments and its tasks come in, the time too; rows and ids are made by the commit.
// Rules: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
// Before: reconciler.ts, which reads the snapshot. After: commit.ts, which makes it so.
import type { TaskStopCode } from '@aws-sdk/client-ecs'
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import type { ServiceDeployment } from '../../domain/service-deployment.ts'
import type { Task } from '../../domain/task.ts'
import { isExternal } from '../../domain/task-set.ts'
import { assert } from '../../lib/assert.ts'
import { bakedAt } from './bake.ts'
import { changesByTime, earliest } from './changes-by-time.ts'
import { countEnds } from './count-ends.ts'
import { daemonMoves, withDesiredCount } from './daemon.ts'
import { endFailed } from './end-deployment.ts'
import { scalingReason, stoppedEvent, unhealthyEvent } from './events.ts'
import { withFailedTasks, withUnhealthyStops } from './failed-tasks.ts'
import { type Around, type Fleet, fleetOf, type Hosts, isUp, NO_HOSTS } from './fleet.ts'
import { type Forwardings, NO_FORWARDINGS } from './forwarding.ts'
import { planOutcome } from './outcome.ts'
import { tellProtected } from './protection.ts'
import { interimOf, planRebalance } from './rebalance.ts'
import { type Board, crowdedOrNot, replicaMoves } from './replica.ts'
import { changedRows, stopServiceDeployments } from './service-deployments.ts'
import type { Servings, Trouble } from './serving.ts'
import type { DeploymentSettings } from './settings.ts'
import { planShift } from './shift.ts'
import { boundsOf } from './targets.ts'
import { eachByItself, planTaskSetsOutcome, taskSetMoves } from './task-sets.ts'
import { hopelessOf, tellTroubles, troubleOf } from './troubles.ts'
import type { Zone } from './zones.ts'

export type Snapshot = {
  readonly service: Service
  /** PRIMARY and ACTIVE ones. */
  readonly deployments: readonly Deployment[]
  /** Service deployments that are not over. */
  readonly open: readonly ServiceDeployment[]
  /** The deployment that was last complete, INACTIVE or not: what a failed one is rolled back to. */
  readonly lastCompleted: Deployment | undefined
  /** Tasks that are not STOPPED. */
  readonly live: readonly Task[]
  /** STOPPED ones that no run has counted yet. */
  readonly ended: readonly Task[]
  /** Those with its tasks; of a DAEMON service all of its cluster. Nothing is known against one that is not here. */
  readonly hosts?: Hosts
  /** What load balancers say of its tasks. */
  readonly servings?: Servings
  /** Where its tasks may be, if they are to be evened out over zones now. */
  readonly zones?: readonly Zone[] | undefined
  /** While a deployment shifts traffic: the rules that it is shifted by. */
  readonly forwardings?: Forwardings | undefined
}

/**
 * `stopCode`: ServiceSchedulerInitiated when it says nothing. `unhealthy`: a check of it failed, its container's or, with
 * `trouble`, its target's.
 */
export type Stop = {
  readonly task: Task
  readonly reason: string
  readonly stopCode?: TaskStopCode
  readonly unhealthy?: boolean
  readonly trouble?: Trouble | undefined
}

/** `madeFor`: the instances of a DAEMON service's tasks, one each. */
type Start<Of> = Of & {
  readonly count: number
  readonly madeFor?: readonly string[]
  /** To even out the zones: the one it is for, and its capacity provider ('' for none). */
  readonly into?: { readonly zone: string; readonly provider: string }
}

export type Starts = {
  readonly chosen: readonly Start<{ readonly fleet: Fleet }>[]
  /** The maximum left no room for all of them. */
  readonly short: boolean
  readonly cut: boolean
}

/** What a scheduling strategy makes of the fleets. */
export type Moves = {
  /** How many tasks each is to have. */
  readonly targetOf: (fleet: Fleet) => number
  readonly starts: Starts
  readonly stops: readonly Stop[]
  /** Deployments whose unhealthy tasks stand where their replacements could. */
  readonly crowded?: readonly Deployment[]
}

export type Plan = {
  readonly start: readonly Start<{ readonly deployment: Deployment }>[]
  readonly stop: readonly Stop[]
  readonly settle: readonly Task[]
  /** Tasks whose targets are healthy for the first time. */
  readonly served: readonly Task[]
  /** Rows that changed. */
  readonly deployments: readonly Deployment[]
  readonly serviceDeployments: readonly ServiceDeployment[]
  readonly service?: Service
  readonly rules: readonly Rule[]
  /** In the order in which they are told. */
  readonly events: readonly string[]
  /** A limit cut the work short. */
  readonly again: boolean
  readonly wakeAt?: number | undefined
}

export const NO_PLAN: Plan = {
  start: [],
  stop: [],
  settle: [],
  served: [],
  deployments: [],
  serviceDeployments: [],
  rules: [],
  events: [],
  again: false,
}

export const planDeployments = (snapshot: Snapshot, now: number, settings: DeploymentSettings): Plan => {
  switch (snapshot.service.status) {
    case 'ACTIVE':
      return planActive(snapshot, now, settings)
    case 'DRAINING':
      return planDraining(snapshot, now, settings)
    case 'INACTIVE':
      return { ...NO_PLAN, settle: snapshot.ended }
  }
}

const planActive = (snapshot: Snapshot, now: number, settings: DeploymentSettings): Plan => {
  const { open, lastCompleted, hosts = NO_HOSTS, servings, forwardings = NO_FORWARDINGS } = snapshot
  const interim = interimOf(snapshot)
  const abandoned = new Set(interim.abandoned)
  const live = abandoned.size === 0 ? snapshot.live : snapshot.live.filter(task => !abandoned.has(task))
  const { deployments: counted, settle } = countEnds(snapshot.deployments, live, snapshot.ended, now, settings)
  const known = counted.map(one => withFailedTasks(one, snapshot, settle, now, settings))
  const hopeless = hopelessOf(snapshot, known, settings)
  const rollout = endFailed(withDesiredCount(snapshot.service, hosts), known, { open, lastCompleted, hopeless }, now)
  const { service } = rollout
  const daemon = service.schedulingStrategy === 'DAEMON'
  const around = daemon ? { servings } : { hosts, servings }
  const [first, ...others] = fleetsOf(service, rollout.deployments, live, now, settings, around)
  // One whose task sets somebody else makes may have none.
  if (first === undefined && isExternal(service)) return { ...NO_PLAN, settle, stop: strays(snapshot) }
  assert(first !== undefined, `service ${service.arn} is ACTIVE without a deployment`)

  const fleets = [first, ...others] as const
  const bounds = boundsOf(service)
  const startable = (fleet: Fleet): boolean => mayStart(fleet.deployment, now)
  const extra = interim.replacement === undefined ? 0 : 1
  const board = { service, fleets, bounds, hosts, startable, extra, now, settings }
  const shift = planShift({ ...rollout, fleets, lastCompletedId: lastCompleted?.id, forwardings, now })
  const moves = shift === undefined ? movesOf(board) : eachByItself(board, shift.targetOf)
  const { targetOf, starts, stops } = moves
  const rebalance = planRebalance(board, moves, interim, snapshot.zones)
  const stop = [...strays({ ...snapshot, live }), ...stops].slice(0, settings.stopsPerPass)
  const [moved = first, ...older] = fleets.map(fleet => withUnhealthyStops(crowdedOrNot(fleet, moves, now), stop))
  const primary = rebalance.deployment === first.deployment ? moved : { ...moved, deployment: rebalance.deployment }
  const mayComplete = shift?.mayComplete ?? true
  const pass = { service, primary, older, bounds, targetOf, starts, stops: stop, mayComplete, now, settings }
  const planned = isExternal(service) ? planTaskSetsOutcome(pass) : planOutcome(pass)
  const told = tellTroubles(planned, service, fleets, now)
  const { outcome, protectedUntil } = tellProtected(told, service, fleets, targetOf, now)
  return {
    start: [
      ...starts.chosen.map(({ fleet, ...chosen }) => ({ deployment: fleet.deployment, ...chosen })),
      ...(rebalance.start === undefined ? [] : [{ deployment: first.deployment, count: 1, into: rebalance.start }]),
    ],
    stop: [...stop, ...rebalance.stops],
    settle,
    served: servedOf(fleets, [...stop, ...rebalance.stops]),
    ...changedRows(
      snapshot,
      { ...rollout, open: shift?.open ?? rollout.open, deployments: outcome.deployments, trouble: troubleOf(primary) },
      now,
    ),
    rules: shift?.rules ?? [],
    events: [...rollout.events, ...stopEvents(service, stop), ...outcome.events, ...rebalance.events],
    again: starts.cut || stops.length > stop.length,
    wakeAt: earliest([
      protectedUntil,
      rebalance.wakeAt,
      shift?.wakeAt,
      hopeless && hopeless.at > now ? hopeless.at : undefined,
      ...outcome.deployments.map(one => bakedAt(one, service)),
      ...changesByTime(board, targetOf, shift !== undefined),
    ]),
  }
}

const servedOf = (fleets: readonly Fleet[], stop: readonly Stop[]): readonly Task[] => {
  const served = fleets.flatMap(fleet => fleet.served)
  if (served.length === 0) return served
  const stopped = new Set(stop.map(({ task }) => task))
  return served.filter(task => !stopped.has(task))
}

const movesOf = (board: Board): Moves => {
  if (isExternal(board.service)) return taskSetMoves(board)
  return board.service.schedulingStrategy === 'DAEMON' ? daemonMoves(board) : replicaMoves(board)
}

/** Not one that failed, nor one that waits after failed starts. */
const mayStart = ({ rolloutState, notBefore = 0 }: Deployment, now: number): boolean =>
  rolloutState !== 'FAILED' && notBefore <= now

/** PRIMARY first, then newest to oldest. */
const fleetsOf = (
  service: Service,
  deployments: readonly Deployment[],
  live: readonly Task[],
  now: number,
  settings: DeploymentSettings,
  around: Around,
): readonly Fleet[] => {
  const byDeployment = Map.groupBy(live, task => task.deploymentId ?? '')
  const order = (deployment: Deployment): number => (deployment.status === 'PRIMARY' ? 1 : 0)
  return deployments
    .toSorted((a, b) => order(b) - order(a) || b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    .map(one => fleetOf(service, one, byDeployment.get(one.id) ?? [], now, settings.healthyAfterMs, around))
}

/** Wanted tasks of a deployment that is no longer there: none is expected; they would otherwise run on for ever. */
const strays = ({ deployments, live }: Pick<Snapshot, 'deployments' | 'live'>): readonly Stop[] => {
  const known = new Set(deployments.map(({ id }) => id))
  return live
    .filter(task => task.desiredStatus === 'RUNNING' && !known.has(task.deploymentId ?? ''))
    .map(task => ({ task, reason: scalingReason(task.deploymentId ?? '') }))
}

// Of tasks that nobody can see, it is not said that they were stopped.
const stopEvents = (service: Service, stops: readonly Stop[]): readonly string[] => {
  const seen = stops.map(({ task }) => task).filter(({ connectivity }) => connectivity !== 'DISCONNECTED')
  return [
    ...stops.filter(one => one.unhealthy).map(({ task, trouble }) => unhealthyEvent(service, task, trouble)),
    ...(seen.length > 0 ? [stoppedEvent(service, seen)] : []),
  ]
}

// Up, or not told to stop because load balancers are not done with it.
const isBeforeItsStop = (task: Task): boolean =>
  isUp(task) || (task.lastStatus === 'DEACTIVATING' && task.connectivity !== 'DISCONNECTED')

// A deleted service: everything is stopped; when nothing runs any more it is INACTIVE, and nobody counts its ends.
const planDraining = (snapshot: Snapshot, now: number, settings: DeploymentSettings): Plan => {
  const { service, deployments, live, ended } = snapshot
  const wanted = live.filter(task => task.desiredStatus === 'RUNNING')
  const stop = wanted
    .slice(0, settings.stopsPerPass)
    .map(task => ({ task, reason: scalingReason(task.deploymentId ?? '') }))
  const events = stopEvents(service, stop)
  const again = wanted.length > stop.length
  if (wanted.length > 0 || live.some(isBeforeItsStop)) return { ...NO_PLAN, stop, settle: ended, events, again }
  return {
    ...NO_PLAN,
    settle: [...ended, ...live.filter(task => !task.settled)],
    service: { ...service, status: 'INACTIVE', inactiveAt: now },
    deployments: deployments.map(one => ({ ...one, status: 'INACTIVE', desiredCount: 0, updatedAt: now })),
    serviceDeployments: stopServiceDeployments(snapshot.open, now).map(one => ({ ...one, updatedAt: now })),
  }
}
