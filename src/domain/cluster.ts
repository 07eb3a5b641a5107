// A cluster: the name under which services, tasks and container instances are kept apart.
import type { CapacityProviderStrategyItem, ClusterConfiguration, ClusterSetting, Tag } from '@aws-sdk/client-ecs'

export type Cluster = {
  readonly arn: string
  readonly name: string
  /** INACTIVE: deleted; still answered by DescribeClusters, no longer listed, and its name can be created anew. */
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly settings: readonly ClusterSetting[]
  readonly configuration?: ClusterConfiguration
  readonly capacityProviders: readonly string[]
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[]
  readonly tags: readonly Tag[]
  /** Milliseconds since the epoch, like every time in a record. */
  readonly createdAt: number
  /** When it became INACTIVE: the retention loop's input. */
  readonly inactiveAt?: number
}
