// Whether the PRIMARY deployment ends before it is complete, and what then: too many failed tasks (circuit breaker), a user who
// stops it. It is FAILED and starts no more tasks; with rollback the deployment that was last complete is PRIMARY again, in
// progress until it has all its tasks back. Pure; a part of plan.ts, before it looks at tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
import { failureThreshold } from '../../domain/circuit-breaker.ts'
import { type Deployment, type Service, shownAs } from '../../domain/service.ts'
import { revisionArnOf, type ServiceDeployment } from '../../domain/service-deployment.ts'
import { failedEvent, rollingBackEvent, shiftFailedEvent, stoppedDeploymentEvent } from './events.ts'
import { type Trouble, troubleInWords } from './serving.ts'
import type { Hopeless } from './troubles.ts'

export type Rollout = {
  readonly service: Service
  readonly deployments: readonly Deployment[]
  /** Service deployments that are not over. */
  readonly open: readonly ServiceDeployment[]
  readonly events: readonly string[]
}

/** Why it ends, in the words of each place that tells. */
type Cause = {
  readonly rolloutStateReason: string
  readonly event: string
  readonly statusReason: string
  /** The same where it was a rollback itself. */
  readonly rollbackFailed: string
  readonly rollback: boolean
  readonly rollingBackReason: (deploymentId: string) => string
  readonly tripped: boolean
}

const NO_CANDIDATE = 'No rollback candidate was found to run the rollback.'

type Given = Pick<Rollout, 'open'> & {
  /** The deployment that was last complete, which may have been replaced and be INACTIVE. */
  readonly lastCompleted: Deployment | undefined
  readonly hopeless?: Hopeless | undefined
}

export const endFailed = (
  service: Service,
  deployments: readonly Deployment[],
  { open, lastCompleted, hopeless }: Given,
  now: number,
): Rollout => {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const current = primary && currentOf(open, primary)
  const given = hopeless !== undefined && hopeless.at <= now ? hopeless.trouble : undefined
  const cause = primary && causeOf(service, primary, current, given)
  if (primary === undefined || cause === undefined) return { service, deployments, open, events: [] }
  const failed: Deployment = {
    ...primary,
    rolloutState: 'FAILED',
    rolloutStateReason: cause.rolloutStateReason,
  }
  const candidate = cause.rollback ? candidateFor(primary, deployments, lastCompleted) : undefined
  const told = (change: Partial<ServiceDeployment>): readonly ServiceDeployment[] =>
    open.map(one => (one === current ? { ...one, ...breakerSeen(service, primary, cause), ...change } : one))
  if (candidate === undefined)
    return {
      service,
      deployments: deployments.map(one => (one === primary ? failed : one)),
      open: told(givenUp(current, cause, now)),
      events: [cause.event],
    }
  const revived = revive(candidate, cause)
  return {
    service: shownAs(service, revived),
    deployments: [
      revived,
      ...deployments
        .filter(one => one.id !== revived.id)
        .map(one => (one === primary ? { ...failed, status: 'ACTIVE' as const } : one)),
    ],
    open: told({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: cause.statusReason,
      rollback: { reason: cause.statusReason, startedAt: now, serviceRevisionArn: revisionArnOf(revived) },
    }),
    events: [cause.event, rollingBackEvent(service, revived.id)],
  }
}

/** The service deployment that the PRIMARY carries out: its own, or the one that is rolled back to it. */
export const currentOf = (open: readonly ServiceDeployment[], primary: Deployment): ServiceDeployment | undefined =>
  open.find(one =>
    one.status === 'ROLLBACK_IN_PROGRESS'
      ? one.rollback?.serviceRevisionArn === revisionArnOf(primary)
      : one.deploymentId === primary.id,
  )

const causeOf = (
  service: Service,
  primary: Deployment,
  current: ServiceDeployment | undefined,
  hopeless: Trouble | undefined,
): Cause | undefined => {
  if (primary.rolloutState !== 'IN_PROGRESS') return undefined
  const asked = current?.status
  if (asked === 'ROLLBACK_REQUESTED' || asked === 'STOP_REQUESTED') return stoppedBy(service, primary, asked)
  const failure = current?.shift?.failure
  if (failure !== undefined && asked !== 'ROLLBACK_IN_PROGRESS') return shiftFailed(service, primary, failure)
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  if (!breaker?.enable) return undefined
  const tripped = primary.failedTasks >= failureThreshold(breaker, service.desiredCount)
  if (!tripped && hopeless === undefined) return undefined
  // What is rolled back to and fails as well has nowhere to go back to.
  const rollback = breaker.rollback === true && asked !== 'ROLLBACK_IN_PROGRESS'
  const why = tripped || hopeless === undefined ? thresholdExceeded(primary) : `${troubleInWords(hopeless)}.`
  return {
    rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    event: failedEvent(service, primary.id),
    statusReason: `Service deployment ${rollback ? 'rolled back' : 'stopped'} because ${why}`,
    rollbackFailed: `The rollback failed because ${why}`,
    rollback,
    rollingBackReason: id => `ECS deployment circuit breaker: rolling back to deploymentId ${id}.`,
    tripped: true,
  }
}

// Found by shift.ts in an earlier run.
const shiftFailed = (service: Service, primary: Deployment, failure: string): Cause => ({
  rolloutStateReason: failure,
  event: shiftFailedEvent(service, primary.id, failure),
  statusReason: failure,
  rollbackFailed: failure,
  rollback: true,
  rollingBackReason: id => `ECS deployment: rolling back to deploymentId ${id}.`,
  tripped: false,
})
// AWS's sentence, with what its users have to look for elsewhere.
const thresholdExceeded = ({ lastFailure }: Deployment): string =>
  `the circuit breaker threshold was exceeded.${lastFailure === undefined ? '' : ` Last failure: ${lastFailure}`}`

const stoppedBy = (service: Service, primary: Deployment, asked: 'ROLLBACK_REQUESTED' | 'STOP_REQUESTED'): Cause => {
  const rollback = asked === 'ROLLBACK_REQUESTED'
  return {
    rolloutStateReason: `ECS deployment ${primary.id} stopped by user.`,
    event: stoppedDeploymentEvent(service, primary.id),
    statusReason: `Service deployment ${rollback ? 'rolled back' : 'stopped'} by user.`,
    rollbackFailed: 'The rollback was stopped by user.',
    rollback,
    rollingBackReason: id => `ECS deployment: rolling back to deploymentId ${id}.`,
    tripped: false,
  }
}

// The one that was last complete. One that is rolled back to itself is in progress again, and no candidate until it is complete.
const candidateFor = (
  primary: Deployment,
  deployments: readonly Deployment[],
  lastCompleted: Deployment | undefined,
): Deployment | undefined => {
  const live = deployments.find(({ id }) => id === lastCompleted?.id) ?? lastCompleted
  const newest = deployments.toSorted((a, b) => b.createdAt - a.createdAt)
  const found = live ?? newest.find(one => one !== primary && one.rolloutState === 'COMPLETED')
  return found?.rolloutState === 'COMPLETED' && found.id !== primary.id ? found : undefined
}

// Its row as a new rollout begins: what it counted and told before is past.
const revive = (candidate: Deployment, cause: Cause): Deployment => {
  const { lastFailureAt: _, lastCrashAt: __, consecutiveCrashes: ___, notBefore: ____, ...rest } = candidate
  const { notices: _____, steadySince: ______, healthyAtFailure: _______, rebalancing: ________, ...noted } = rest
  const { bakingSince: _________, lastFailure: __________, crowdedSince: ___________, ...made } = noted
  return {
    ...made,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: cause.rollingBackReason(candidate.id),
    failedTasks: 0,
    consecutiveFailures: 0,
  }
}

const givenUp = (current: ServiceDeployment | undefined, cause: Cause, now: number): Partial<ServiceDeployment> => {
  const rollsBack = current?.status === 'ROLLBACK_IN_PROGRESS'
  if (cause.rollback || rollsBack)
    return {
      status: 'ROLLBACK_FAILED',
      statusReason: rollsBack ? cause.rollbackFailed : NO_CANDIDATE,
      finishedAt: now,
    }
  return { status: 'STOPPED', statusReason: cause.statusReason, stoppedAt: now, finishedAt: now }
}

// A rollback keeps what made it one.
const breakerSeen = (
  service: Service,
  primary: Deployment,
  { tripped }: Cause,
): Partial<Pick<ServiceDeployment, 'circuitBreaker'>> => {
  if (!tripped) return {}
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  const threshold = failureThreshold(breaker, service.desiredCount)
  return { circuitBreaker: { status: 'TRIGGERED', failureCount: primary.failedTasks, threshold } }
}
