// Which capacity a request asks for: a launch type, a capacity provider strategy, or its cluster's default strategy; and
// whether a strategy is sound. Before: RunTask, CreateService, UpdateService, CreateCluster, PutClusterCapacityProviders.
// After: `distribute.ts` (scheduler/) shares the tasks out.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
import type { CapacityProviderStrategyItem, LaunchType } from '@aws-sdk/client-ecs'
import { isFargateProvider, launchTypeOf } from '../../../domain/capacity-provider.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { invalid } from '../refuse.ts'

const MAX_ITEMS = 20
const MAX_WEIGHT = 1_000
const MAX_BASE = 100_000

export type Strategy = readonly CapacityProviderStrategyItem[]

export type Capacity = {
  /** What the tasks are launched as, by a strategy too: its providers are of one kind. */
  readonly launchType: LaunchType
  readonly capacityProviderStrategy?: Strategy
}

export type CapacityRequest = {
  readonly launchType?: LaunchType | undefined
  readonly capacityProviderStrategy?: Strategy | undefined
}

/** InvalidParameterException for both at once, and for a strategy that is not sound or that no task can be placed by. */
export const capacityFor = (cluster: Cluster, asked: CapacityRequest): Capacity => {
  const { launchType, capacityProviderStrategy = [] } = asked
  if (capacityProviderStrategy.length > 0 && launchType)
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    )
  if (launchType) return { launchType }
  if (capacityProviderStrategy.length > 0)
    return byStrategy(checkStrategy(capacityProviderStrategy, cluster.capacityProviders))
  return cluster.defaultCapacityProviderStrategy.length > 0
    ? byStrategy(cluster.defaultCapacityProviderStrategy)
    : { launchType: 'EC2' }
}

const byStrategy = (strategy: Strategy): Capacity => {
  if (strategy.length > 1 && strategy.every(({ weight = 0 }) => weight === 0))
    throw invalid(
      'The capacity provider strategy must have at least one capacity provider with a weight greater than 0.',
    )
  return { launchType: launchTypeOf(strategy[0]?.capacityProvider ?? ''), capacityProviderStrategy: strategy }
}

/** The strategy with its defaults; `associated`: the cluster's capacity providers. */
export const checkStrategy = (strategy: Strategy, associated: readonly string[]): Strategy => {
  if (strategy.length > MAX_ITEMS)
    throw invalid(`A capacity provider strategy can contain a maximum of ${MAX_ITEMS} capacity providers.`)
  const items = strategy.map(({ capacityProvider = '', weight = 0, base = 0 }) => ({ capacityProvider, weight, base }))
  const names = items.map(item => item.capacityProvider)
  if (new Set(names).size < names.length)
    throw invalid('A capacity provider can be in a capacity provider strategy only once.')
  if (names.some(name => !associated.includes(name)))
    throw invalid(
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.',
    )
  if (names.some(isFargateProvider) && !names.every(isFargateProvider))
    throw invalid(
      'A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers. Specify one or the other and try again.',
    )
  for (const { weight, base } of items) {
    if (weight < 0 || weight > MAX_WEIGHT) throw invalid(`weight must be from 0 to ${MAX_WEIGHT}.`)
    if (base < 0 || base > MAX_BASE) throw invalid(`base must be from 0 to ${MAX_BASE}.`)
  }
  if (items.filter(({ base }) => base > 0).length > 1)
    throw invalid('Only one capacity provider in a capacity provider strategy can have a base defined.')
  return items
}
