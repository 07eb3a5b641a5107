// A daemon as callers see it, made from its row, its deployments' rows and its tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonDetail.html
import type {
  DaemonDetail,
  DaemonRevisionDetail,
  DaemonStatus,
  DaemonSummary,
  UpdateDaemonResponse,
} from '@aws-sdk/client-ecs'
import type { Daemon } from '../../../domain/daemon.ts'
import type { Service } from '../../../domain/service.ts'
import { revisionArnOf } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { liveDeployments } from '../service/describe.ts'
import { countsOf } from './revision-counts.ts'

/** One that is gone is not found. */
export const statusOf = ({ status }: Service): DaemonStatus => (status === 'ACTIVE' ? 'ACTIVE' : 'DELETE_IN_PROGRESS')

export const summarizeDaemon = (row: Daemon): DaemonSummary => ({
  daemonArn: row.arn,
  status: statusOf(row),
  createdAt: new Date(row.createdAt),
  updatedAt: new Date(row.daemon.updatedAt),
})

/** What an operation that changed it answers. */
export const changedAnswer = (row: Daemon): UpdateDaemonResponse => ({
  ...summarizeDaemon(row),
  deploymentArn: row.daemon.deploymentArn,
})

export const describeDaemonDetail = (reader: Reader, row: Daemon): DaemonDetail => ({
  ...changedAnswer(row),
  clusterArn: row.clusterArn,
  currentRevisions: liveDeployments(reader, row).map(one => describeCounts(reader, row, revisionArnOf(one))),
})

const describeCounts = (reader: Reader, row: Daemon, arn: string): DaemonRevisionDetail => {
  const counts = countsOf(reader, row, arn)
  return {
    arn,
    capacityProviders: counts.map(one => ({
      arn: one.arn,
      runningCount: one.running,
      withoutDaemonCount: one.without,
    })),
    totalRunningCount: counts.reduce((sum, { running }) => sum + running, 0),
    totalWithoutDaemonCount: counts.reduce((sum, { without }) => sum + without, 0),
  }
}
