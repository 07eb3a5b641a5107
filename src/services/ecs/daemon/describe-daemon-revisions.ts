// DescribeDaemonRevisions: up to twenty daemon revisions by ARN: what the tasks of a daemon deployment are made from.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemonRevisions.html
import type {
  DaemonRevision,
  DescribeDaemonRevisionsRequest,
  DescribeDaemonRevisionsResponse,
  Failure,
} from '@aws-sdk/client-ecs'
import type { ServiceRevision } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { imagesOf } from '../service/describe-service-revisions.ts'
import { findServiceRevision } from '../service/find-service-deployment.ts'

const MAX_ARNS = 20

export const describeDaemonRevisions: EcsOperation<DescribeDaemonRevisionsRequest, DescribeDaemonRevisionsResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = input.daemonRevisionArns ?? []
    if (asked.length === 0) throw invalid('Daemon revision ARNs cannot be empty.')
    if (asked.length > MAX_ARNS) throw invalid(`At most ${MAX_ARNS} daemon revisions can be described at a time.`)
    const daemonRevisions: DaemonRevision[] = []
    const failures: Failure[] = []
    for (const arn of asked) {
      const found = findServiceRevision(store, request, arn, 'daemon-revision')
      if (found) daemonRevisions.push(describeRevision(store, found))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { daemonRevisions, failures }
  }

const describeRevision = (reader: Reader, row: ServiceRevision): DaemonRevision => ({
  daemonRevisionArn: row.arn,
  clusterArn: row.clusterArn,
  daemonArn: row.serviceArn,
  daemonTaskDefinitionArn: row.taskDefinitionArn,
  createdAt: new Date(row.createdAt),
  containerImages: imagesOf(reader, row),
  propagateTags: row.daemon?.propagateTags === 'SERVICE' ? 'DAEMON' : 'NONE',
  enableECSManagedTags: row.daemon?.enableECSManagedTags ?? false,
  enableExecuteCommand: false,
  critical: row.daemon?.critical ?? true,
})
