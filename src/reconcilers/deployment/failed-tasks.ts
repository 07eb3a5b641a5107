// Counts the failed tasks of a deployment in progress, which is what DescribeServices shows and the circuit breaker goes by:
// tasks that ended by themselves before they were healthy, and tasks stopped because their health check failed. A task that
// becomes healthy takes the count back, unless the service says otherwise. Pure; a part of plan.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import type { Deployment } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { endedItself, endOf, killedFromOutside } from './count-ends.ts'
import { type Fleet, fleetOf } from './fleet.ts'
import type { Snapshot, Stop } from './plan.ts'
import type { DeploymentSettings } from './settings.ts'

/** The deployment with its count brought up to date. `settle`: tasks whose end is counted in this pass. */
export const withFailedTasks = (
  deployment: Deployment,
  { service, live, servings }: Snapshot,
  settle: readonly Task[],
  now: number,
  settings: DeploymentSettings,
): Deployment => {
  if (deployment.rolloutState !== 'IN_PROGRESS') return deployment
  const isOwn = (task: Task): boolean => task.deploymentId === deployment.id
  const balanced = (deployment.loadBalancers?.length ?? 0) > 0
  const failed = settle.filter(task => isOwn(task) && failedFirst(task, balanced, now, settings))
  if (failed.length + deployment.failedTasks === 0) return deployment
  const own = live.filter(isOwn)
  const healthy = fleetOf(service, deployment, own, now, settings.healthyAfterMs, { servings }).healthy.length
  const { deploymentCircuitBreaker } = service.deploymentConfiguration
  const failures = failed.map(failureInWords)
  return withFailures(afterHealthy(deployment, healthy, deploymentCircuitBreaker), failures, healthy)
}

/** Tasks stopped now because their health check failed count as well. */
export const withUnhealthyStops = (fleet: Fleet, stop: readonly Stop[]): Fleet => {
  const { deployment, healthy } = fleet
  if (deployment.rolloutState !== 'IN_PROGRESS') return fleet
  const failures = stop
    .filter(({ task, unhealthy }) => unhealthy && task.deploymentId === deployment.id)
    .map(
      ({ task, reason, trouble }) =>
        `(task ${task.id}) ${reason}${trouble ? ` due to (reason ${trouble.reason})` : ''}`,
    )
  return failures.length === 0 ? fleet : { ...fleet, deployment: withFailures(deployment, failures, healthy.length) }
}

// `failures`: new ones, in words. `healthy`: how many tasks of the deployment are healthy at the moment.
const withFailures = (deployment: Deployment, failures: readonly string[], healthy: number): Deployment => {
  const count = failures.length
  const failedTasks = deployment.failedTasks + count
  if (failedTasks === 0) return deployment
  const healthyAtFailure = count > 0 ? healthy : Math.min(deployment.healthyAtFailure ?? healthy, healthy)
  if (count === 0 && healthyAtFailure === deployment.healthyAtFailure) return deployment
  const lastFailure = failures.at(-1)
  return { ...deployment, failedTasks, healthyAtFailure, ...(lastFailure === undefined ? {} : { lastFailure }) }
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

const failureInWords = ({ id, stoppedReason, containers }: Task): string => {
  const gone = containers.find(
    ({ essential, reason, exitCode }) => essential && (reason !== undefined || exitCode !== undefined),
  )
  const detail = gone?.reason ?? (gone?.exitCode === undefined ? undefined : `exit code ${gone.exitCode}`)
  return `(task ${id}) ${stoppedReason}${detail === undefined || detail === stoppedReason ? '' : `: ${detail}`}`
}

// `balanced`: behind load balancers, which say when a task is healthy.
const failedFirst = (task: Task, balanced: boolean, now: number, settings: DeploymentSettings): boolean => {
  if (!endedItself(task)) return false
  if (task.startedAt === undefined) return true
  if (killedFromOutside(task)) return false
  if (balanced) return task.servedAt === undefined
  if (task.containers.some(container => container.essential && container.hasHealthCheck))
    return task.healthStatus !== 'HEALTHY'
  return endOf(task, now) - task.startedAt < settings.healthyAfterMs
}
