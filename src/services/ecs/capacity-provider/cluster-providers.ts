// Which capacity providers a cluster may have, and its default strategy, checked. Before: CreateCluster and
// PutClusterCapacityProviders. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Reader } from '../../../store/store.ts'
import { services, tasks } from '../../../store/tables.ts'
import { invalid } from '../refuse.ts'
import { capacityProviderNameFor, isUsable } from './find-capacity-provider.ts'
import { checkStrategy, type Strategy } from './strategy.ts'

const MAX_PROVIDERS = 20

export type ClusterProviders = Pick<Cluster, 'capacityProviders' | 'defaultCapacityProviderStrategy'>

export const clusterProviders = (
  reader: Reader,
  request: RequestContext,
  asked: {
    readonly capacityProviders?: readonly string[] | undefined
    readonly defaultCapacityProviderStrategy?: Strategy | undefined
  },
): ClusterProviders => {
  const named = (asked.capacityProviders ?? []).map(identifier => capacityProviderNameFor(request, identifier))
  const capacityProviders = [...new Set(named)]
  if (capacityProviders.length > MAX_PROVIDERS)
    throw invalid('The maximum number of capacity providers per cluster has been exceeded.')
  const unusable = capacityProviders.find(name => !isUsable(reader, request, name))
  if (unusable !== undefined)
    throw invalid(
      `The specified capacity provider '${unusable}' is not in an ACTIVE state. Specify a valid capacity provider and try again.`,
    )
  const defaultCapacityProviderStrategy = checkStrategy(asked.defaultCapacityProviderStrategy ?? [], capacityProviders)
  return { capacityProviders, defaultCapacityProviderStrategy }
}

/** A provider stays as long as a task of the cluster, or a service's strategy, is by it. */
export const refuseRemovalInUse = (reader: Reader, cluster: Cluster, { capacityProviders }: ClusterProviders): void => {
  const byTasks = reader.sum(tasks, 'byCluster', cluster.arn)
  const byServices = reader.sum(services, 'byCluster', cluster.arn)
  for (const name of cluster.capacityProviders) {
    if (capacityProviders.includes(name)) continue
    if (byTasks[`provider:${name}`] || byServices[`provider:${name}`])
      throw new AwsError('ResourceInUseException', 'The specified capacity provider is in use and cannot be removed.')
  }
}
