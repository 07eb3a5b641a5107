// UpdateClusterSettings: changes a cluster's settings, of which there is one: containerInsights.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateClusterSettings.html
import type { UpdateClusterSettingsRequest, UpdateClusterSettingsResponse } from '@aws-sdk/client-ecs'
import { clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { CHANGED_CLUSTER, describeCluster } from './describe.ts'
import { changedSettings } from './settings.ts'
import { refuseUnsupportedClusterFields } from './validate-cluster.ts'

export const updateClusterSettings: EcsOperation<UpdateClusterSettingsRequest, UpdateClusterSettingsResponse> =
  ({ store }) =>
  (request, { cluster: named, settings = [] }) => {
    refuseUnsupportedClusterFields({ settings })
    return store.write(tx => {
      const cluster = findCluster(tx, request, named)
      const changed = { ...cluster, settings: changedSettings(cluster, settings) }
      tx.put(clusters, changed)
      return { cluster: describeCluster(tx, changed, CHANGED_CLUSTER) }
    })
  }
