// How many tasks each deployment is to have. Pure. The PRIMARY is to have all that the service wants; the older ones hold
// what it has not taken over yet, and what they hold only falls: by what is healthy in the PRIMARY, and by what may be
// given up to make room for it. An older deployment's task that dies meanwhile is replaced by one of the same revision,
// because the new revision may never work.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
import type { DaemonFields } from '../../domain/daemon.ts'
import { deploymentBounds, type Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { type Fleet, goodOf, leavingOf, occupiedBy, servingOf, wantedOf } from './fleet.ts'

export type Bounds = {
  /** Healthy tasks that must remain when this loop stops something. */
  readonly minimum: number
  /** RUNNING and PENDING tasks that there may be when this loop starts something. */
  readonly maximum: number
}

// ECS's defaults for the REPLICA scheduling strategy.
const DEFAULT_MINIMUM_PERCENT = 100
const DEFAULT_MAXIMUM_PERCENT = 200

export const boundsOf = (service: Service): Bounds => {
  const { desiredCount, deploymentConfiguration, daemon } = service
  if (daemon !== undefined) return daemonBounds(desiredCount, daemon)
  const { minimumHealthyPercent, maximumPercent } = deploymentConfiguration
  const { minimum, maximum } = deploymentBounds(
    desiredCount,
    minimumHealthyPercent ?? DEFAULT_MINIMUM_PERCENT,
    maximumPercent ?? DEFAULT_MAXIMUM_PERCENT,
  )
  // A maximum below what is wanted would keep a service from ever having it; it bounds deployments, not the service.
  return { minimum: Math.min(minimum, desiredCount), maximum: Math.max(maximum, desiredCount) }
}

// At least one at a time: a rollout must go on, on a single instance too.
const daemonBounds = (desiredCount: number, { drainPercent }: DaemonFields): Bounds => {
  const atOnce = Math.max(1, Math.floor((desiredCount * drainPercent) / 100))
  return { minimum: Math.max(0, desiredCount - atOnce), maximum: desiredCount }
}

/** By deployment id. `older`: newest first. `startable`: the PRIMARY does not back off at the moment. */
export const targetsOf = (
  service: Service,
  primary: Fleet,
  older: readonly Fleet[],
  bounds: Bounds,
  startable: boolean,
): ReadonlyMap<string, number> => {
  const targets = new Map(older.map(fleet => [fleet.deployment.id, heldBy(fleet)]))
  const { desiredCount } = service
  lower(targets, older, total(targets) - Math.max(0, desiredCount - primary.healthy.length))
  if (startable)
    lower(targets, older, Math.min(roomNeeded(service, primary, older, bounds), spare(primary, older, targets, bounds)))
  return targets.set(primary.deployment.id, desiredCount)
}

// One that never completed its rollout has shown no task that works: it is not given new ones.
const heldBy = (fleet: Fleet): number => {
  const { desiredCount, rolloutState } = fleet.deployment
  const wanted = wantedOf(fleet)
  return rolloutState === 'COMPLETED' ? (desiredCount ?? wanted) : Math.min(desiredCount ?? wanted, wanted)
}

const total = (targets: ReadonlyMap<string, number>): number => {
  let sum = 0
  for (const target of targets.values()) sum += target
  return sum
}

// The oldest give up first.
const lower = (targets: Map<string, number>, older: readonly Fleet[], by: number): void => {
  let left = by
  for (const { deployment } of older.toReversed()) {
    const target = targets.get(deployment.id) ?? 0
    const given = Math.max(0, Math.min(target, left))
    targets.set(deployment.id, target - given)
    left -= given
  }
}

// Tasks of older deployments that are in the PRIMARY's way: by the maximum, or because no instance has what its tasks need
// (placement said so). What is already on its way out will make room by itself.
const roomNeeded = (service: Service, primary: Fleet, older: readonly Fleet[], bounds: Bounds): number => {
  const fleets = [primary, ...older]
  const missing = service.desiredCount - goodOf(primary)
  const room = bounds.maximum - sum(fleets, occupiedBy)
  const byMaximum = missing - room - sum(fleets, fleet => leavingOf(fleet).length)
  const byPlacement = primary.pending.filter(isUnplaceable).length - sum(older, fleet => fleet.stopping.length)
  return Math.max(0, byMaximum, byPlacement)
}

export const isUnplaceable = (task: Task): boolean =>
  task.containerInstanceArn === undefined && task.placementExplanation !== undefined

// How far the targets may fall further: healthy tasks above the minimum, and those that do not serve anyway.
const spare = (
  primary: Fleet,
  older: readonly Fleet[],
  targets: ReadonlyMap<string, number>,
  bounds: Bounds,
): number => {
  const keeps = (fleet: Fleet): number => targets.get(fleet.deployment.id) ?? 0
  const healthy = servingOf(primary) + sum(older, fleet => Math.min(servingOf(fleet), keeps(fleet)))
  const idle = sum(older, fleet => Math.max(0, keeps(fleet) - servingOf(fleet)))
  return Math.max(0, healthy - bounds.minimum) + idle
}

export const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
