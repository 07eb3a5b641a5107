// What becomes of the members of structures that several requests carry. Before: the `fields.ts` of each operation's folder.
import type {
  CapacityProviderStrategyItem,
  KeyValuePair,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
} from '@aws-sdk/client-ecs'
import { type FieldsOf, honoured, refused, within } from './field-support.ts'
import { networkFields } from './task/network-configuration.ts'

export const tagFields: FieldsOf<Tag> = { key: honoured, value: honoured }

export const keyValueFields: FieldsOf<KeyValuePair> = { name: honoured, value: honoured }

export const strategyItemFields: FieldsOf<CapacityProviderStrategyItem> = {
  capacityProvider: honoured,
  weight: honoured,
  base: honoured,
}

export const placementConstraintFields: FieldsOf<PlacementConstraint> = { type: honoured, expression: honoured }

export const placementStrategyFields: FieldsOf<PlacementStrategy> = { type: honoured, field: honoured }

export const networkConfigurationFields: FieldsOf<NetworkConfiguration> = { awsvpcConfiguration: within(networkFields) }

export const loadBalancerFields: FieldsOf<LoadBalancer> = {
  targetGroupArn: honoured,
  loadBalancerName: refused('there is no Classic Load Balancer'),
  containerName: honoured,
  containerPort: honoured,
  advancedConfiguration: refused(),
}
