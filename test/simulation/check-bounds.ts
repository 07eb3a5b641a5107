// Whether the scheduler keeps its bounds in one durable commit: never more tasks started than the maximum allows, never a healthy
// one stopped that the minimum needs or that is protected, never two of a DAEMON service on one instance. What others do to
// tasks (users, hosts, the tasks themselves) is not counted against it.
import type { ContainerInstance } from '../../src/domain/container-instance.ts'
import type { Deployment, Service } from '../../src/domain/service.ts'
import { isProtected, rankOf, type Task } from '../../src/domain/task.ts'
import { computedDesiredCount, isExternal, isTaskSet } from '../../src/domain/task-set.ts'

/** Without a health check a task counts as healthy this long after its start, while a deployment is in progress. */
const HEALTHY_AFTER_MS = 3_000

/** What one commit did to a service's tasks, and the rows after it. */
export type Step = {
  readonly service: Service
  /** Its deployments that are not over. */
  readonly deployments: readonly Deployment[]
  /** All of its tasks. */
  readonly all: readonly Task[]
  readonly started: readonly Task[]
  /** Asked to stop by the scheduler, as they were before and are now. */
  readonly stopped: readonly { readonly before: Task; readonly after: Task }[]
  readonly instanceOf: (task: Task) => ContainerInstance | undefined
  readonly now: number
}

export function* beyondBounds(all: Step): Generator<string> {
  const { service } = all
  if (service.status !== 'ACTIVE') return
  yield* unprotected(all)
  // What comes back with a lost host, of a deployment that ended without it, was never counted on, and goes at once.
  const isLive = ({ deploymentId }: Task): boolean => all.deployments.some(({ id }) => id === deploymentId)
  const step = { ...all, stopped: all.stopped.filter(({ before }) => isLive(before)) }
  if (service.schedulingStrategy === 'DAEMON') yield* ofDaemon(step)
  else if (isExternal(service))
    for (const one of step.deployments)
      yield* beyondPercentages(
        { ...ofDeployment(step, one), started: step.started.filter(({ deploymentId }) => deploymentId === one.id) },
        isTaskSet(one) ? computedDesiredCount(service, one) : 0,
      )
  else yield* beyondPercentages(step, service.desiredCount)
}

const ofDeployment = (step: Step, { id }: Deployment): Step => ({
  ...step,
  all: step.all.filter(({ deploymentId }) => deploymentId === id),
  stopped: step.stopped.filter(({ after }) => after.deploymentId === id),
})

// What stands on a lost instance counts for nothing: it is replaced before anybody knows what became of it.
const isUp = (task: Task): boolean =>
  rankOf(task.lastStatus) <= rankOf('RUNNING') && task.connectivity !== 'DISCONNECTED'

export const isScaledIn = (task: Task): boolean =>
  task.desiredStatus === 'STOPPED' && task.stopCode === 'ServiceSchedulerInitiated'

const occupies = (task: Task): boolean => isUp(task) && (task.desiredStatus === 'RUNNING' || isScaledIn(task))

const serves = (task: Task): boolean => isUp(task) && task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING'

function* beyondPercentages({ service, all, started, stopped, now }: Step, desiredCount: number): Generator<string> {
  const { maximumPercent = 200 } = service.deploymentConfiguration
  const occupied = all.filter(occupies)
  const maximum = Math.max(desiredCount, Math.floor((desiredCount * maximumPercent) / 100))
  if (started.length > 0 && occupied.length > maximum)
    yield `${service.name}: ${started.length} tasks started, which makes ${occupied.length} of at most ${maximum}: ${occupied.map(inWords).join(', ')}`
  const healthy = stopped.filter(({ before, after }) => isSurelyHealthy(service, before, after, now)).length
  if (healthy > 0) yield* belowMinimum(service, desiredCount, healthy, all.filter(serves).length)
}

function* belowMinimum(service: Service, desiredCount: number, healthy: number, serving: number): Generator<string> {
  const { minimumHealthyPercent = 100 } = service.deploymentConfiguration
  const minimum = Math.min(desiredCount, Math.ceil((desiredCount * minimumHealthyPercent) / 100))
  if (serving < minimum)
    yield `${service.name}: ${healthy} healthy tasks stopped, which leaves ${serving} of at least ${minimum}`
}

const inWords = ({ id, lastStatus, desiredStatus, deploymentId, connectivity }: Task): string =>
  `${id.slice(-8)} ${lastStatus}/${desiredStatus} ${connectivity ?? ''} of ${deploymentId}`

const failedItsTarget = ({ stoppedReason = '' }: Task): boolean => stoppedReason.startsWith('Task failed ELB')

// Behind load balancers: it was healthy there once, and no check said otherwise.
const isServed = (before: Task, after: Task): boolean => before.servedAt !== undefined && !failedItsTarget(after)

const isSurelyHealthy = (service: Service, before: Task, after: Task, now: number): boolean =>
  serves(before) &&
  (service.loadBalancers === undefined || isServed(before, after)) &&
  before.healthStatus !== 'UNHEALTHY' &&
  before.startedAt !== undefined &&
  // As it was when it was decided: the commit may have taken long.
  (after.stoppingAt ?? now) - before.startedAt > HEALTHY_AFTER_MS &&
  !before.containers.some(container => container.hasHealthCheck)

const placeOf = (task: Task): string => task.containerInstanceArn ?? task.madeFor ?? ''

function* ofDaemon({ service, all, started, stopped, instanceOf, now }: Step): Generator<string> {
  for (const task of started) {
    const here = all.filter(other => occupies(other) && placeOf(other) === placeOf(task))
    if (here.length > 1)
      yield `${service.name}: ${here.length} tasks on the instance ${placeOf(task)}: ${here.map(inWords).join(', ')}`
  }
  // Where it does not belong any more, it goes whatever the minimum says.
  const healthy = stopped.filter(
    ({ before, after }) => instanceOf(before)?.status === 'ACTIVE' && isSurelyHealthy(service, before, after, now),
  ).length
  if (healthy > 0) yield* belowMinimum(service, service.desiredCount, healthy, all.filter(serves).length)
}

function* unprotected({ service, stopped, instanceOf, now }: Step): Generator<string> {
  if (service.schedulingStrategy === 'DAEMON') return
  for (const { before, after } of stopped) {
    const draining = instanceOf(before)?.status !== 'ACTIVE'
    // Against scale-in and deployments, not against being replaced when a check fails.
    const unhealthy = before.healthStatus === 'UNHEALTHY' || failedItsTarget(after)
    if (isProtected(before, after.stoppingAt ?? now) && !draining && !unhealthy)
      yield `${service.name}: the protected task ${before.arn} is stopped: ${after.stoppedReason}`
  }
}
