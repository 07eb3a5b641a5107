// Counts the failed tasks of a deployment in progress, which is what DescribeServices shows and the circuit breaker goes by:
// tasks that ended by themselves before they were healthy, and tasks stopped because their health check failed. A task that
// becomes healthy takes the count back, unless the service says otherwise. Pure; a part of plan.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import type { Deployment } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { endedItself, endOf, killedFromOutside } from './count-ends.ts'
import { UNHEALTHY_REASON } from './events.ts'
import { type Fleet, fleetOf } from './fleet.ts'
import type { Snapshot, Stop } from './plan.ts'
import type { DeploymentSettings } from './settings.ts'

/** The deployment with its count brought up to date. `settle`: tasks whose end is counted in this pass. */
export const withFailedTasks = (
  deployment: Deployment,
  { service, live }: Snapshot,
  settle: readonly Task[],
  now: number,
  settings: DeploymentSettings,
): Deployment => {
  if (deployment.rolloutState !== 'IN_PROGRESS') return deployment
  const isOwn = (task: Task): boolean => task.deploymentId === deployment.id
  const failed = settle.filter(task => isOwn(task) && failedFirst(task, now, settings)).length
  if (failed + deployment.failedTasks === 0) return deployment
  const healthy = fleetOf(service, deployment, live.filter(isOwn), now, settings.healthyAfterMs).healthy.length
  const { deploymentCircuitBreaker } = service.deploymentConfiguration
  return withFailures(afterHealthy(deployment, healthy, deploymentCircuitBreaker), failed, healthy)
}

/** Tasks stopped now because their health check failed count as well. */
export const withUnhealthyStops = (fleet: Fleet, stop: readonly Stop[]): Fleet => {
  const { deployment, healthy } = fleet
  if (deployment.rolloutState !== 'IN_PROGRESS') return fleet
  const count = stop.filter(
    ({ task, reason }) => reason === UNHEALTHY_REASON && task.deploymentId === deployment.id,
  ).length
  return count === 0 ? fleet : { ...fleet, deployment: withFailures(deployment, count, healthy.length) }
}

// `healthy`: how many tasks of the deployment are healthy at the moment.
const withFailures = (deployment: Deployment, count: number, healthy: number): Deployment => {
  const failedTasks = deployment.failedTasks + count
  if (failedTasks === 0) return deployment
  const healthyAtFailure = count > 0 ? healthy : Math.min(deployment.healthyAtFailure ?? healthy, healthy)
  if (count === 0 && healthyAtFailure === deployment.healthyAtFailure) return deployment
  return { ...deployment, failedTasks, healthyAtFailure }
}

// More healthy tasks than when the last failure was counted: one has become healthy since.
const afterHealthy = (
  deployment: Deployment,
  healthy: number,
  breaker: DeploymentCircuitBreaker | undefined,
): Deployment => {
  if (deployment.failedTasks === 0 || breaker?.resetOnHealthyTask === false) return deployment
  if (healthy <= (deployment.healthyAtFailure ?? 0)) return deployment
  const { healthyAtFailure: _, ...rest } = deployment
  return { ...rest, failedTasks: 0 }
}

const failedFirst = (task: Task, now: number, settings: DeploymentSettings): boolean => {
  if (!endedItself(task)) return false
  if (task.startedAt === undefined) return true
  if (killedFromOutside(task)) return false
  if (task.containers.some(container => container.essential && container.hasHealthCheck))
    return task.healthStatus !== 'HEALTHY'
  return endOf(task, now) - task.startedAt < settings.healthyAfterMs
}
