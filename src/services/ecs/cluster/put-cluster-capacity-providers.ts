// PutClusterCapacityProviders: the capacity providers that a cluster has, and its default strategy, both anew: what is left
// out is gone. One that is in use can't go. Services keep the strategy that they were made with.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
import type { PutClusterCapacityProvidersRequest, PutClusterCapacityProvidersResponse } from '@aws-sdk/client-ecs'
import { clusters } from '../../../store/tables.ts'
import { clusterProviders, refuseRemovalInUse } from '../capacity-provider/cluster-providers.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'

export const putClusterCapacityProviders: EcsOperation<
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse
> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const providers = clusterProviders(tx, request, input)
      refuseRemovalInUse(tx, cluster, providers)
      const changed = { ...cluster, ...providers }
      tx.put(clusters, changed)
      return { cluster: describeCluster(tx, changed, CHANGED_CLUSTER) }
    })
