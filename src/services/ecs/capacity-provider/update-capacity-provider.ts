// UpdateCapacityProvider: changes what an operator's own provider says of scaling. What would have ECS manage machines is
// refused (fields.ts); with managed scaling off the figures are kept for who asks, as on AWS.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCapacityProvider.html
import type { UpdateCapacityProviderRequest, UpdateCapacityProviderResponse } from '@aws-sdk/client-ecs'
import type { CapacityProvider } from '../../../domain/capacity-provider.ts'
import { capacityProviders } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { changedGroup } from './auto-scaling-group.ts'
import { describeCapacityProvider } from './describe.ts'
import { capacityProviderFields } from './fields.ts'
import { ownCapacityProvider } from './find-capacity-provider.ts'

export const updateCapacityProvider: EcsOperation<UpdateCapacityProviderRequest, UpdateCapacityProviderResponse> =
  ({ store }) =>
  (request, input) => {
    const { name = '', autoScalingGroupProvider } = input
    refuseUnbuilt(capacityProviderFields, input)
    if (!autoScalingGroupProvider) throw invalid('An Auto Scaling group provider must be specified.')
    return store.write(tx => {
      const provider = ownCapacityProvider(tx, request, name)
      if (provider.status !== 'ACTIVE')
        throw invalid(
          `The specified capacity provider '${provider.name}' is not in an ACTIVE state. Specify a valid capacity provider and try again.`,
        )
      const { updateStatusReason: _, ...rest } = provider
      const updated: CapacityProvider = {
        ...rest,
        autoScalingGroupProvider: changedGroup(provider.autoScalingGroupProvider, autoScalingGroupProvider),
        updateStatus: 'UPDATE_COMPLETE',
      }
      tx.put(capacityProviders, updated)
      return { capacityProvider: describeCapacityProvider(updated, { tags: true }) }
    })
  }
