// A service deployment as callers see it, made from its row, its deployments' rows and the store's sums over their tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
import type {
  ServiceDeployment as ServiceDeploymentAnswer,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceDeploymentLifecycleStage,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import { failureThreshold } from '../../../domain/circuit-breaker.ts'
import { deploymentIdOf, type ServiceDeployment } from '../../../domain/service-deployment.ts'
import type { TrafficShift } from '../../../domain/traffic-shift.ts'
import type { Reader } from '../../../store/store.ts'
import { deployments, services, tasks } from '../../../store/tables.ts'

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time))

export const describeBrief = (row: ServiceDeployment): ServiceDeploymentBrief => ({
  serviceDeploymentArn: row.arn,
  serviceArn: row.serviceArn,
  clusterArn: row.clusterArn,
  startedAt: dateOf(row.startedAt),
  createdAt: new Date(row.createdAt),
  finishedAt: dateOf(row.finishedAt),
  targetServiceRevisionArn: row.targetRevisionArn,
  status: row.status,
  statusReason: row.statusReason,
})

export const describeServiceDeployment = (reader: Reader, row: ServiceDeployment): ServiceDeploymentAnswer => ({
  serviceDeploymentArn: row.arn,
  serviceArn: row.serviceArn,
  clusterArn: row.clusterArn,
  createdAt: new Date(row.createdAt),
  startedAt: dateOf(row.startedAt),
  finishedAt: dateOf(row.finishedAt),
  stoppedAt: dateOf(row.stoppedAt),
  updatedAt: new Date(row.updatedAt),
  sourceServiceRevisions: row.sourceRevisionArns.map((arn, at) => ({
    ...summaryOf(reader, arn),
    ...weightsOf(row.shift, share => (at === 0 ? 100 - share : 0)),
  })),
  targetServiceRevision: { ...targetOf(reader, row), ...weightsOf(row.shift, share => share) },
  status: row.status,
  statusReason: row.statusReason,
  ...stageOf(row),
  deploymentConfiguration: row.deploymentConfiguration,
  ...(row.rollback ? { rollback: { ...row.rollback, startedAt: new Date(row.rollback.startedAt) } } : {}),
  deploymentCircuitBreaker: breakerOf(reader, row),
  alarms: { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] },
})

// Of a strategy that shifts traffic.
const stageOf = ({ shift }: ServiceDeployment): Partial<ServiceDeploymentAnswer> =>
  shift === undefined
    ? {}
    : {
        // The SDK's enum lacks one of the stages that its own text lists.
        lifecycleStage: shift.stage as ServiceDeploymentLifecycleStage,
        lifecycleHookDetails: shift.hooks.map(({ id, status, expiresAt, timeoutAction }) => ({
          hookId: id,
          targetType: 'PAUSE',
          status,
          expiresAt: new Date(expiresAt),
          timeoutAction,
        })),
      }

const weightsOf = (
  shift: TrafficShift | undefined,
  share: (ofTarget: number) => number,
): Partial<ServiceRevisionSummary> =>
  shift === undefined
    ? {}
    : {
        requestedTestTrafficWeight: share(shift.test),
        requestedProductionTrafficWeight: share(shift.production),
      }

// As they were when it was over: what runs by now is DescribeServices's to say.
const targetOf = (reader: Reader, { targetRevisionArn, targetTasks }: ServiceDeployment): ServiceRevisionSummary =>
  targetTasks === undefined
    ? summaryOf(reader, targetRevisionArn)
    : {
        arn: targetRevisionArn,
        requestedTaskCount: targetTasks.requested,
        runningTaskCount: targetTasks.running,
        pendingTaskCount: targetTasks.pending,
      }

/** A revision with its tasks as they are now: none once its deployment was replaced. */
export const summaryOf = (reader: Reader, revisionArn: string): ServiceRevisionSummary => {
  const id = deploymentIdOf(revisionArn)
  const counts = reader.sum(tasks, 'byDeployment', id)
  return {
    arn: revisionArn,
    requestedTaskCount: reader.get(deployments, id)?.desiredCount ?? 0,
    runningTaskCount: counts['running'] ?? 0,
    pendingTaskCount: counts['pending'] ?? 0,
  }
}

export const breakerOf = (reader: Reader, row: ServiceDeployment): ServiceDeploymentCircuitBreaker => {
  if (row.circuitBreaker) return row.circuitBreaker
  const service = reader.get(services, row.serviceArn)
  const breaker = service?.deploymentConfiguration.deploymentCircuitBreaker
  return {
    status: breaker?.enable ? 'MONITORING' : 'DISABLED',
    failureCount: reader.get(deployments, row.deploymentId)?.failedTasks ?? 0,
    threshold: failureThreshold(breaker, service?.desiredCount ?? 0),
  }
}
