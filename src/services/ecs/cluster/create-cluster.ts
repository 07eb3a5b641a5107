// CreateCluster: makes the cluster, or answers the ACTIVE one of that name as it is. A deleted name starts anew.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
import type { CreateClusterRequest, CreateClusterResponse } from '@aws-sdk/client-ecs'
import { clusterArn } from '../../../domain/arn.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { clusters } from '../../../store/tables.ts'
import { clusterProviders } from '../capacity-provider/cluster-providers.ts'
import type { EcsOperation } from '../context.ts'
import { DEFAULT_CLUSTER } from '../find.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'
import { newSettings } from './settings.ts'
import { refuseUnsupportedClusterFields, validateClusterName } from './validate-cluster.ts'

export const createCluster: EcsOperation<CreateClusterRequest, CreateClusterResponse> =
  ({ store, clock }) =>
  (request, input) => {
    const name = input.clusterName || DEFAULT_CLUSTER
    validateClusterName(name)
    refuseUnsupportedClusterFields(input)
    const tags = validateTags(input.tags)
    const arn = clusterArn(request, name)
    return store.write(tx => {
      const existing = tx.get(clusters, arn)
      if (existing?.status === 'ACTIVE') return { cluster: describeCluster(tx, existing, CHANGED_CLUSTER) }
      const cluster: Cluster = {
        arn,
        name,
        status: 'ACTIVE',
        settings: newSettings(tx, request, input.settings),
        ...clusterProviders(tx, request, input),
        tags,
        createdAt: clock.now(),
      }
      tx.put(clusters, cluster)
      return { cluster: describeCluster(tx, cluster, CHANGED_CLUSTER) }
    })
  }
