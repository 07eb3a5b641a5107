// DeleteCapacityProvider: makes an operator's own provider INACTIVE. One that a cluster has still stays, and its
// updateStatus says so: no error, as on AWS. Services and tasks that use it keep its cluster's association, and so it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCapacityProvider.html
import type { DeleteCapacityProviderRequest, DeleteCapacityProviderResponse } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import type { CapacityProvider } from '../../../domain/capacity-provider.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Reader } from '../../../store/store.ts'
import { capacityProviders, clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { refuseUnbuilt } from '../refuse.ts'
import { describeCapacityProvider } from './describe.ts'
import { capacityProviderFields } from './fields.ts'
import { ownCapacityProvider } from './find-capacity-provider.ts'

export const deleteCapacityProvider: EcsOperation<DeleteCapacityProviderRequest, DeleteCapacityProviderResponse> =
  ({ store, clock }) =>
  (request, input) => {
    refuseUnbuilt(capacityProviderFields, input)
    const { capacityProvider: identifier = '' } = input
    return store.write(tx => {
      const provider = ownCapacityProvider(tx, request, identifier)
      const next =
        provider.status === 'ACTIVE' ? deleted(provider, clusterWith(tx, request, provider), clock.now()) : provider
      if (next !== provider) tx.put(capacityProviders, next)
      return { capacityProvider: describeCapacityProvider(next, { tags: true }) }
    })
  }

const clusterWith = (reader: Reader, request: RequestContext, { name }: CapacityProvider): Cluster | undefined => {
  // The sum tells that there is one before clusters are looked at.
  if (!reader.sum(clusters, 'byProvider', request.region)[name]) return undefined
  return Iterator.from(reader.byIndex(clusters, 'activeByRegion', request.region)).find(cluster =>
    cluster.capacityProviders.includes(name),
  )
}

const deleted = (provider: CapacityProvider, user: Cluster | undefined, now: number): CapacityProvider => {
  const { updateStatusReason: _, ...rest } = provider
  if (!user) return { ...rest, status: 'INACTIVE', updateStatus: 'DELETE_COMPLETE', inactiveAt: now }
  return {
    ...rest,
    updateStatus: 'DELETE_FAILED',
    updateStatusReason: `The capacity provider cannot be deleted because it is associated with cluster: ${user.name}. Remove the capacity provider from the cluster and try again.`,
  }
}
