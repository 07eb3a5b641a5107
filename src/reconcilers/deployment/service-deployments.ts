// How far a service's deployments have come, as ListServiceDeployments tells it: begun, complete, stopped by a newer one or with
// the service. Pure; a part of plan.ts, after the deployments' outcome. What ends one early is end-deployment.ts's.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
import { failureThreshold } from '../../domain/circuit-breaker.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import { isOver, revisionArnOf, type ServiceDeployment } from '../../domain/service-deployment.ts'
import { isTaskSet } from '../../domain/task-set.ts'
import { assert } from '../../lib/assert.ts'
import { currentOf, type Rollout } from './end-deployment.ts'
import type { Plan, Snapshot } from './plan.ts'
import { type Trouble, troubleInWords } from './serving.ts'

/** The rows that are not as the snapshot has them. `deployments`: PRIMARY first. */
export const changedRows = (
  snapshot: Snapshot,
  { service, deployments, open, trouble }: Omit<Rollout, 'events'> & { readonly trouble?: Trouble | undefined },
  now: number,
): Pick<Plan, 'deployments' | 'serviceDeployments' | 'service'> => {
  const [primary] = deployments
  assert(primary !== undefined, `service ${service.arn} is planned without a deployment`)
  const noted = withLastCompleted(service, primary)
  const advanced = advanceServiceDeployments(service, primary, open, { trouble, now })
  return {
    deployments: deployments
      .filter(one => !snapshot.deployments.includes(one))
      .map(one => ({ ...one, updatedAt: now })),
    serviceDeployments: advanced
      .filter(one => !snapshot.open.includes(one))
      .map(one => ({ ...(isOver(one) ? withTasks(one, deployments, snapshot) : one), updatedAt: now })),
    ...(noted === snapshot.service ? {} : { service: noted }),
  }
}

const withTasks = (
  one: ServiceDeployment,
  deployments: readonly Deployment[],
  { live }: Pick<Snapshot, 'live'>,
): ServiceDeployment => {
  const own = live.filter(task => task.deploymentId === one.deploymentId && task.desiredStatus === 'RUNNING')
  const running = own.filter(task => task.lastStatus === 'RUNNING').length
  const requested = deployments.find(({ id }) => id === one.deploymentId)?.desiredCount ?? 0
  return { ...one, targetTasks: { requested, running, pending: own.length - running } }
}

const withLastCompleted = (service: Service, primary: Deployment): Service => {
  // Task sets are no revisions.
  if (primary.rolloutState !== 'COMPLETED' || isTaskSet(primary)) return service
  const lastCompletedRevisionArn = revisionArnOf(primary)
  return lastCompletedRevisionArn === service.lastCompletedRevisionArn
    ? service
    : { ...service, lastCompletedRevisionArn }
}

type Moment = { readonly trouble: Trouble | undefined; readonly now: number }

/** `open`: those that are not over, changed or not by what was planned before. `primary`: as it is after this pass. */
const advanceServiceDeployments = (
  service: Service,
  primary: Deployment,
  open: readonly ServiceDeployment[],
  { trouble, now }: Moment,
): readonly ServiceDeployment[] => {
  const current = currentOf(open, primary)
  return open.map(one =>
    one === current ? withTrouble(advanced(service, primary, one, now), trouble) : stopped(one, now),
  )
}

// What keeps it from going on is said as long as it lasts, and after that until it is complete.
const withTrouble = (one: ServiceDeployment, trouble: Trouble | undefined): ServiceDeployment => {
  if (one.status !== 'IN_PROGRESS' || trouble === undefined) return one
  const statusReason = `${troubleInWords(trouble)}.`
  return one.statusReason === statusReason ? one : { ...one, statusReason }
}

/** All of them end with the service. */
export const stopServiceDeployments = (open: readonly ServiceDeployment[], now: number): readonly ServiceDeployment[] =>
  open.map(one =>
    one.deletes
      ? { ...one, status: 'SUCCESSFUL', finishedAt: now }
      : { ...stopped({ ...one, status: 'STOP_REQUESTED' }, now), statusReason: 'The service was deleted.' },
  )

const advanced = (service: Service, primary: Deployment, one: ServiceDeployment, now: number): ServiceDeployment => {
  const started = one.startedAt === undefined ? { ...one, startedAt: now } : one
  const begun: ServiceDeployment = one.status === 'PENDING' ? { ...started, status: 'IN_PROGRESS' } : started
  if (primary.rolloutState !== 'COMPLETED') return begun
  if (begun.status === 'ROLLBACK_IN_PROGRESS') return { ...begun, status: 'ROLLBACK_SUCCESSFUL', finishedAt: now }
  if (begun.status !== 'IN_PROGRESS') return begun
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  const { statusReason: _, ...succeeded } = begun
  return {
    ...succeeded,
    status: 'SUCCESSFUL',
    finishedAt: now,
    circuitBreaker: {
      status: breaker?.enable ? 'MONITORING_COMPLETE' : 'DISABLED',
      failureCount: primary.failedTasks,
      threshold: failureThreshold(breaker, service.desiredCount),
    },
  }
}

const stopped = (one: ServiceDeployment, now: number): ServiceDeployment =>
  one.status === 'STOP_REQUESTED' ? { ...one, status: 'STOPPED', stoppedAt: now, finishedAt: now } : one
