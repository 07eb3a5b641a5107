// Every field that CreateCluster, UpdateCluster and UpdateClusterSettings can be sent, and what becomes of it (field-support.ts). What is refused is
// refused by this table (validate-cluster.ts) and printed from it in docs/coverage.md.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
import type {
  ClusterConfiguration,
  ClusterSetting,
  CreateClusterRequest,
  UpdateClusterRequest,
} from '@aws-sdk/client-ecs'
import { strategyItemFields, tagFields } from '../common-fields.ts'
import { accepted, type FieldsOf, honoured, refused, within } from '../field-support.ts'

const configurationFields: FieldsOf<ClusterConfiguration> = {
  executeCommandConfiguration: refused('nothing reads it'),
  managedStorageConfiguration: refused('nothing reads it'),
}

const settingFields: FieldsOf<ClusterSetting> = {
  name: honoured,
  value: accepted('kept and answered; there are no CloudWatch metrics for containerInsights to write'),
}

/** Of both requests: what one of them lacks it cannot be sent. */
export const clusterFields: FieldsOf<CreateClusterRequest & UpdateClusterRequest> = {
  cluster: honoured,
  clusterName: honoured,
  tags: within(tagFields),
  settings: within(settingFields),
  configuration: within(configurationFields),
  capacityProviders: honoured,
  defaultCapacityProviderStrategy: within(strategyItemFields),
  serviceConnectDefaults: refused('there is no Service Connect'),
}
