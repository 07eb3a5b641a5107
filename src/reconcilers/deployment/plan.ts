// What to do about one service now: tasks to start and to stop, ends to count, deployments' progress, events to tell. Pure:
// the service, its deployments and its tasks come in, the time too; rows and ids are made by the commit.
// Rules: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
// Before: reconciler.ts, which reads the snapshot. After: commit.ts, which makes it so.
import type { Deployment, Service } from '../../domain/service.ts'
import type { ServiceDeployment } from '../../domain/service-deployment.ts'
import type { Task } from '../../domain/task.ts'
import { assert } from '../../lib/assert.ts'
import { chooseStops } from './choose-stops.ts'
import { countEnds } from './count-ends.ts'
import { endFailed } from './end-deployment.ts'
import { scalingReason, stoppedEvent, UNHEALTHY_REASON, unhealthyEvent } from './events.ts'
import { withFailedTasks, withUnhealthyStops } from './failed-tasks.ts'
import { type Fleet, fleetOf, goodOf, isUp, leavingOf, occupiedBy } from './fleet.ts'
import { planOutcome } from './outcome.ts'
import { changedRows, stopServiceDeployments } from './service-deployments.ts'
import type { DeploymentSettings } from './settings.ts'
import { type Bounds, boundsOf, sum, targetsOf } from './targets.ts'

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
}

export type Stop = { readonly task: Task; readonly reason: string }

export type Plan = {
  readonly start: readonly { readonly deployment: Deployment; readonly count: number }[]
  readonly stop: readonly Stop[]
  readonly settle: readonly Task[]
  /** Rows that changed. */
  readonly deployments: readonly Deployment[]
  readonly serviceDeployments: readonly ServiceDeployment[]
  readonly service?: Service
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
  deployments: [],
  serviceDeployments: [],
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
  const { live, open, lastCompleted } = snapshot
  const { deployments: counted, settle } = countEnds(snapshot.deployments, live, snapshot.ended, now, settings)
  const known = counted.map(one => withFailedTasks(one, snapshot, settle, now, settings))
  const rollout = endFailed(snapshot.service, known, open, lastCompleted, now)
  const { service } = rollout
  const fleets = fleetsOf(service, rollout.deployments, live, now, settings)
  assert(fleets[0] !== undefined, `service ${service.arn} is ACTIVE without a deployment`)

  const bounds = boundsOf(service)
  const startable = (fleet: Fleet): boolean => mayStart(fleet.deployment, now)
  const targets = targetsOf(service, fleets[0], fleets.slice(1), bounds, startable(fleets[0]))
  const targetOf = (fleet: Fleet): number => targets.get(fleet.deployment.id) ?? 0
  const starts = planStarts(fleets, targetOf, bounds, startable, settings)
  const stops = planStops(service, fleets, targetOf, bounds)
  const stop = [...strays(snapshot), ...stops].slice(0, settings.stopsPerPass)
  const [primary = fleets[0], ...older] = fleets.map(fleet => withUnhealthyStops(fleet, stop))
  const outcome = planOutcome({ service, primary, older, bounds, targetOf, starts, stops: stop, now, settings })
  const waits = fleets.filter(
    ({ deployment }) => (deployment.notBefore ?? 0) > now && deployment.rolloutState !== 'FAILED',
  )
  return {
    start: starts.chosen.map(({ fleet, count }) => ({ deployment: fleet.deployment, count })),
    stop,
    settle,
    ...changedRows(snapshot, { ...rollout, deployments: outcome.deployments }, now),
    events: [...rollout.events, ...stopEvents(service, stop), ...outcome.events],
    again: starts.cut || stops.length > stop.length,
    wakeAt: earliest([
      ...fleets.map(fleet => fleet.nextChangeAt),
      ...waits.filter(fleet => targetOf(fleet) > goodOf(fleet)).map(fleet => fleet.deployment.notBefore),
      ...fleets.map(fleet => crashForgottenAt(fleet, settings)),
    ]),
  }
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
): readonly Fleet[] => {
  const byDeployment = Map.groupBy(live, task => task.deploymentId ?? '')
  const order = (deployment: Deployment): number => (deployment.status === 'PRIMARY' ? 1 : 0)
  return deployments
    .toSorted((a, b) => order(b) - order(a) || b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    .map(one => fleetOf(service, one, byDeployment.get(one.id) ?? [], now, settings.healthyAfterMs))
}

export type Starts = {
  readonly chosen: readonly { readonly fleet: Fleet; readonly count: number }[]
  /** The maximum left no room for all of them. */
  readonly short: boolean
  readonly cut: boolean
}

// The PRIMARY first, unless too few tasks are healthy: then the revisions that are known to work.
const planStarts = (
  fleets: readonly Fleet[],
  targetOf: (fleet: Fleet) => number,
  bounds: Bounds,
  startable: (fleet: Fleet) => boolean,
  settings: DeploymentSettings,
): Starts => {
  const healthy = sum(fleets, fleet => fleet.healthy.length)
  const order = healthy < bounds.minimum ? fleets.toReversed() : fleets
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

// Never takes the healthy below the minimum, whatever the targets say. Older deployments give up theirs first.
const planStops = (
  service: Service,
  fleets: readonly Fleet[],
  targetOf: (fleet: Fleet) => number,
  bounds: Bounds,
): readonly Stop[] => {
  let allowed = Math.max(0, sum(fleets, fleet => fleet.healthy.length) - bounds.minimum)
  let peers = fleets.flatMap(fleet => [...fleet.healthy, ...fleet.maturing, ...fleet.pending])
  const stops: Stop[] = []
  for (const fleet of fleets.toReversed()) {
    const chosen = chooseStops(fleet, targetOf(fleet), allowed, peers, service.placementStrategy)
    if (chosen.length === 0) continue
    const gone = new Set(chosen)
    allowed -= fleet.healthy.filter(task => gone.has(task)).length
    peers = peers.filter(task => !gone.has(task))
    const unhealthy = new Set(fleet.unhealthy)
    for (const task of chosen)
      stops.push({ task, reason: unhealthy.has(task) ? UNHEALTHY_REASON : scalingReason(fleet.deployment.id) })
  }
  return stops.length > 0 ? stops : unhealthyFirst(fleets, targetOf, bounds)
}

// An unhealthy task whose replacement finds no room below the maximum goes first, one at a time: it is stopped only when
// nothing else is on its way in or out.
const unhealthyFirst = (
  fleets: readonly Fleet[],
  targetOf: (fleet: Fleet) => number,
  bounds: Bounds,
): readonly Stop[] => {
  if (sum(fleets, occupiedBy) < bounds.maximum) return []
  if (fleets.some(fleet => fleet.maturing.length + fleet.pending.length + leavingOf(fleet).length > 0)) return []
  const fleet = fleets.find(one => one.unhealthy.length > 0 && targetOf(one) > goodOf(one))
  const task = fleet?.unhealthy[0]
  return task === undefined ? [] : [{ task, reason: UNHEALTHY_REASON }]
}

/** Wanted tasks of a deployment that is no longer there: none is expected; they would otherwise run on for ever. */
const strays = ({ deployments, live }: Snapshot): readonly Stop[] => {
  const known = new Set(deployments.map(({ id }) => id))
  return live
    .filter(task => task.desiredStatus === 'RUNNING' && !known.has(task.deploymentId ?? ''))
    .map(task => ({ task, reason: scalingReason(task.deploymentId ?? '') }))
}

const stopEvents = (service: Service, stops: readonly Stop[]): readonly string[] => [
  ...stops.filter(({ reason }) => reason === UNHEALTHY_REASON).map(({ task }) => unhealthyEvent(service, task)),
  ...(stops.length > 0
    ? [
        stoppedEvent(
          service,
          stops.map(({ task }) => task),
        ),
      ]
    : []),
]

// A deployment whose tasks crashed is looked at when one has stayed up: the next crash is then replaced at once again.
const crashForgottenAt = (
  { deployment, healthy, maturing }: Fleet,
  settings: DeploymentSettings,
): number | undefined => {
  const { lastCrashAt } = deployment
  if (lastCrashAt === undefined) return undefined
  const since = [...healthy, ...maturing].flatMap(({ startedAt = 0 }) => (startedAt >= lastCrashAt ? [startedAt] : []))
  const first = earliest(since)
  return first === undefined ? undefined : first + settings.crashes.withinMs
}

const earliest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : known.reduce((first, time) => Math.min(first, time))
}

// A deleted service: everything is stopped; when nothing runs any more it is INACTIVE, and nobody counts its ends.
const planDraining = (snapshot: Snapshot, now: number, settings: DeploymentSettings): Plan => {
  const { service, deployments, live, ended } = snapshot
  const wanted = live.filter(task => task.desiredStatus === 'RUNNING')
  const stop = wanted
    .slice(0, settings.stopsPerPass)
    .map(task => ({ task, reason: scalingReason(task.deploymentId ?? '') }))
  const events = stopEvents(service, stop)
  const again = wanted.length > stop.length
  if (wanted.length > 0 || live.some(isUp)) return { ...NO_PLAN, stop, settle: ended, events, again }
  return {
    ...NO_PLAN,
    settle: [...ended, ...live.filter(task => !task.settled)],
    service: { ...service, status: 'INACTIVE', inactiveAt: now },
    deployments: deployments.map(one => ({ ...one, status: 'INACTIVE', desiredCount: 0, updatedAt: now })),
    serviceDeployments: stopServiceDeployments(snapshot.open, now).map(one => ({ ...one, updatedAt: now })),
  }
}
