// A daemon deployment as callers see it: a service deployment's row in a daemon's words.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonDeployment.html
import type {
  DaemonDeployment,
  DaemonDeploymentRevisionDetail,
  DaemonDeploymentStatus,
  DaemonDeploymentSummary,
} from '@aws-sdk/client-ecs'
import { type Daemon, isDaemon } from '../../../domain/daemon.ts'
import type { ServiceDeployment } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { services } from '../../../store/tables.ts'
import { breakerOf } from '../service/describe-service-deployment.ts'
import { countsOf } from './revision-counts.ts'

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time))

const inDaemonWords = (text: string | undefined): string | undefined =>
  text?.replace('Service deployment', 'Daemon deployment').replace('the service', 'the daemon')

// A daemon's can't be asked to roll back: it does so by itself.
const statusOf = ({ status }: ServiceDeployment): DaemonDeploymentStatus =>
  status === 'ROLLBACK_REQUESTED' ? 'STOP_REQUESTED' : status

const timesOf = (row: ServiceDeployment) => ({
  createdAt: new Date(row.createdAt),
  startedAt: dateOf(row.startedAt),
  stoppedAt: dateOf(row.stoppedAt),
  finishedAt: dateOf(row.finishedAt),
})

export const summarizeDeployment = (row: ServiceDeployment): DaemonDeploymentSummary => ({
  daemonDeploymentArn: row.arn,
  daemonArn: row.serviceArn,
  clusterArn: row.clusterArn,
  status: statusOf(row),
  statusReason: inDaemonWords(row.statusReason),
  ...(row.deletes ? {} : { targetDaemonRevisionArn: row.targetRevisionArn }),
  ...timesOf(row),
})

export const describeDaemonDeployment = (reader: Reader, row: ServiceDeployment): DaemonDeployment => {
  const owner = reader.get(services, row.serviceArn)
  const daemon = owner && isDaemon(owner) ? owner : undefined
  const detail = (arn: string): DaemonDeploymentRevisionDetail => (daemon ? revisionOf(reader, daemon, arn) : { arn })
  const { rollback } = row
  return {
    daemonDeploymentArn: row.arn,
    clusterArn: row.clusterArn,
    status: statusOf(row),
    statusReason: inDaemonWords(row.statusReason),
    ...(row.deletes
      ? {}
      : { targetDaemonRevision: detail(row.targetRevisionArn), circuitBreaker: breakerOf(reader, row) }),
    sourceDaemonRevisions: row.sourceRevisionArns.map(detail),
    alarms: { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] },
    ...(rollback
      ? {
          rollback: {
            reason: inDaemonWords(rollback.reason),
            startedAt: new Date(rollback.startedAt),
            rollbackTargetDaemonRevisionArn: rollback.serviceRevisionArn,
            rollbackCapacityProviders: detail(rollback.serviceRevisionArn).capacityProviders?.flatMap(
              ({ arn }) => arn ?? [],
            ),
          },
        }
      : {}),
    deploymentConfiguration: { ...row.daemon },
    ...timesOf(row),
  }
}

const revisionOf = (reader: Reader, daemon: Daemon, arn: string): DaemonDeploymentRevisionDetail => {
  const counts = countsOf(reader, daemon, arn)
  return {
    arn,
    capacityProviders: counts.map(one => ({
      arn: one.arn,
      runningInstanceCount: one.running,
      withoutDaemonInstanceCount: one.without,
      drainingInstanceCount: one.draining,
    })),
    totalRunningInstanceCount: counts.reduce((sum, { running }) => sum + running, 0),
    totalWithoutDaemonInstanceCount: counts.reduce((sum, { without }) => sum + without, 0),
    totalDrainingInstanceCount: counts.reduce((sum, { draining }) => sum + draining, 0),
  }
}
