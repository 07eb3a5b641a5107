// UpdateCluster: changes a cluster's settings; what a cluster could carry besides is refused as CreateCluster refuses it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCluster.html
import type { UpdateClusterRequest, UpdateClusterResponse } from '@aws-sdk/client-ecs'
import { clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'
import { changedSettings } from './settings.ts'
import { refuseUnsupportedClusterFields } from './validate-cluster.ts'

export const updateCluster: EcsOperation<UpdateClusterRequest, UpdateClusterResponse> =
  ({ store }) =>
  (request, input) => {
    // An empty namespace, which takes the default away, passes: there is none.
    refuseUnsupportedClusterFields(input)
    return store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const changed = { ...cluster, settings: changedSettings(cluster, input.settings) }
      tx.put(clusters, changed)
      return { cluster: describeCluster(tx, changed, CHANGED_CLUSTER) }
    })
  }
