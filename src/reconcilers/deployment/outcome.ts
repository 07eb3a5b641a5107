// How far a service's deployments have come, after what was decided in this pass: desired counts, older ones that are empty,
// the rollout's completion, steady state, and the events that tell of it. Pure; a part of plan.ts.
import { type Deployment, rolloutReason, type Service } from '../../domain/service.ts'
import { REPEAT_EVENT_AFTER_MS, withNotice, withoutNotice } from '../notices.ts'
import { bake } from './bake.ts'
import { blockedEvent, completedEvent, failingEvent, steadyEvent, unwatchedEvent } from './events.ts'
import { type Fleet, goodOf, isUp, leavingOf, wantedOf } from './fleet.ts'
import type { Starts, Stop } from './plan.ts'
import type { DeploymentSettings } from './settings.ts'
import type { Bounds } from './targets.ts'

export type Pass = {
  readonly service: Service
  readonly primary: Fleet
  /** Newest first. */
  readonly older: readonly Fleet[]
  readonly bounds: Bounds
  readonly targetOf: (fleet: Fleet) => number
  readonly starts: Starts
  readonly stops: readonly Stop[]
  /** False while a shift of traffic has stages before it. */
  readonly mayComplete: boolean
  readonly now: number
  readonly settings: DeploymentSettings
}

export type Outcome = { readonly deployments: readonly Deployment[]; readonly events: readonly string[] }

export const planOutcome = (pass: Pass): Outcome => {
  const { service, primary, older, targetOf } = pass
  const events: string[] = []
  const olderNow = older.map(fleet => aged(fleet, targetOf(fleet)))
  const replaced = olderNow.every(({ status }) => status === 'INACTIVE')
  const whole = isWhole(pass)

  let deployment = withDesiredCount(asPrimary(primary.deployment), service.desiredCount)
  const tell = (told: Deployment | undefined, message: string): void => {
    if (told === undefined) return
    deployment = told
    events.push(message)
  }
  if (isFailing(deployment, pass)) tell(withNotice(deployment, 'failing', 'starts', pass.now), failingEvent(service))
  else if (!deployment.lastFailureAt && !deployment.lastCrashAt) deployment = withoutNotice(deployment, 'failing')
  if (isBlocked(pass)) tell(withNotice(deployment, 'blocked', 'configuration', pass.now), blockedEvent(service))
  else if (goodOf(primary) >= service.desiredCount || pass.starts.chosen.length > 0)
    deployment = withoutNotice(deployment, 'blocked')

  if (deployment.rolloutState === 'IN_PROGRESS' && service.deploymentConfiguration.alarms?.enable)
    tell(withNotice(deployment, 'alarms', 'unwatched', pass.now), unwatchedEvent(service, deployment.id))

  const baked = bake(
    deployment,
    service,
    deployment.rolloutState === 'IN_PROGRESS' && replaced && whole && pass.mayComplete,
    pass.now,
  )
  deployment = baked.deployment
  if (baked.done) tell(completed(deployment), completedEvent(service, deployment.id))
  if (deployment.rolloutState !== 'COMPLETED' || !(whole || isBetweenTasks(deployment)))
    deployment = unsteady(deployment)
  else if (whole && !mayCrashAgain(deployment) && pass.now - (deployment.steadySince ?? 0) >= REPEAT_EVENT_AFTER_MS)
    tell({ ...deployment, steadySince: pass.now }, steadyEvent(service))
  return { deployments: [deployment, ...olderNow], events }
}

// UpdateService makes the new deployment PRIMARY and leaves the older ones ACTIVE; what is left over is put right here.
const asPrimary = (deployment: Deployment): Deployment =>
  deployment.status === 'PRIMARY' ? deployment : { ...deployment, status: 'PRIMARY' }

const withDesiredCount = (deployment: Deployment, desiredCount: number): Deployment =>
  deployment.desiredCount === desiredCount ? deployment : { ...deployment, desiredCount }

// INACTIVE once no task of it runs or is still wanted; tasks whose stop has begun are not waited for.
const aged = (fleet: Fleet, target: number): Deployment => {
  const deployment = withDesiredCount(fleet.deployment, target)
  if (target === 0 && wantedOf(fleet) === 0 && !fleet.stopping.some(isUp)) return { ...deployment, status: 'INACTIVE' }
  return deployment.status === 'ACTIVE' ? deployment : { ...deployment, status: 'ACTIVE' }
}

const completed = (deployment: Deployment): Deployment => ({
  ...deployment,
  rolloutState: 'COMPLETED',
  rolloutStateReason: rolloutReason(deployment.id, 'COMPLETED'),
})

// Tasks that crash as soon as they run do run for a moment. Forgotten when one has stayed up (changes-by-time.ts looks then).
const mayCrashAgain = ({ lastCrashAt }: Deployment): boolean => lastCrashAt !== undefined

// A move of a task to another zone is no unrest that steady state would have to be told after.
const isBetweenTasks = ({ rebalancing }: Deployment): boolean =>
  rebalancing !== undefined && rebalancing.notBefore === undefined

const unsteady = (deployment: Deployment): Deployment => {
  if (deployment.steadySince === undefined) return deployment
  const { steadySince: _, ...rest } = deployment
  return rest
}

/** All that is wanted is healthy, and nothing else of the PRIMARY runs. */
const isWhole = ({ service, primary, stops }: Pass): boolean =>
  primary.healthy.length === service.desiredCount &&
  wantedOf(primary) === service.desiredCount &&
  !primary.stopping.some(isUp) &&
  stops.length === 0

// One that is FAILED starts no more, and has said so.
export const isFailing = (deployment: Deployment, { settings }: Pass): boolean =>
  deployment.rolloutState !== 'FAILED' &&
  (deployment.consecutiveFailures >= settings.failuresBeforeEvent ||
    (deployment.consecutiveCrashes ?? 0) > settings.crashes.atOnce)

// The PRIMARY wants tasks that the maximum does not allow, nothing may be stopped, and nothing is under way that would change
// it: only another configuration can. 125 % of 3 is 3, 75 % of 2 is 2.
const isBlocked = ({ service, primary, older, bounds, starts, stops }: Pass): boolean =>
  starts.short &&
  starts.chosen.length === 0 &&
  stops.length === 0 &&
  bounds.maximum <= service.desiredCount &&
  bounds.minimum >= service.desiredCount &&
  [primary, ...older].every(fleet => fleet.pending.length + fleet.maturing.length + leavingOf(fleet).length === 0)
