// UpdateCluster: changes a cluster's settings; what a cluster could carry besides is refused as CreateCluster refuses it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCluster.html
import type { UpdateClusterRequest, UpdateClusterResponse } from '@aws-sdk/client-ecs'
import { clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'
import { changedSettings, refuseUnsupportedClusterFields } from './validate-cluster.ts'

export const updateCluster: EcsOperation<UpdateClusterRequest, UpdateClusterResponse> =
  ({ store }) =>
  (request, { cluster: named, settings, configuration, serviceConnectDefaults }) => {
    // An empty namespace takes the default away, and there is none.
    refuseUnsupportedClusterFields({
      ...(configuration ? { configuration } : {}),
      ...(serviceConnectDefaults?.namespace ? { serviceConnectDefaults } : {}),
    })
    return store.write(tx => {
      const cluster = findCluster(tx, request, named)
      const changed = { ...cluster, settings: changedSettings(cluster.settings, settings) }
      tx.put(clusters, changed)
      return { cluster: describeCluster(tx, changed, CHANGED_CLUSTER) }
    })
  }
