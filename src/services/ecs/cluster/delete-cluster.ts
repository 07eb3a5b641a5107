// DeleteCluster: makes an empty cluster INACTIVE. Its row stays, so that DescribeClusters can say so.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
import type { DeleteClusterRequest, DeleteClusterResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Reader } from '../../../store/store.ts'
import { clusters, containerInstances, services, tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'

export const deleteCluster: EcsOperation<DeleteClusterRequest, DeleteClusterResponse> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      refuseUnlessEmpty(tx, cluster)
      const deleted: Cluster = { ...cluster, status: 'INACTIVE', inactiveAt: clock.now() }
      tx.put(clusters, deleted)
      return { cluster: describeCluster(tx, deleted, CHANGED_CLUSTER) }
    })

const refuseUnlessEmpty = (reader: Reader, cluster: Cluster): void => {
  if (reader.count(containerInstances, 'byCluster', cluster.arn) > 0)
    throw new AwsError(
      'ClusterContainsContainerInstancesException',
      'The Cluster cannot be deleted while Container Instances are active or draining.',
    )
  if (reader.count(services, 'activeByCluster', cluster.arn) > 0)
    throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
  if (reader.count(services, 'managedDaemons', cluster.arn) > 0)
    throw new AwsError('ClientException', 'The Cluster cannot be deleted while Daemons are active.')
  if (reader.count(tasks, 'liveByCluster', cluster.arn) > 0)
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.')
}
