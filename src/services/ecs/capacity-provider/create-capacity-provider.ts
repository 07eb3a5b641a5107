// CreateCapacityProvider: a name for some of an operator's machines. After: PutClusterCapacityProviders associates it with
// clusters, and agents of a cluster join it by their attribute (domain/capacity-provider.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
import type { CreateCapacityProviderRequest, CreateCapacityProviderResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { capacityProviderArn } from '../../../domain/arn.ts'
import type { CapacityProvider } from '../../../domain/capacity-provider.ts'
import { capacityProviders } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { newGroup } from './auto-scaling-group.ts'
import { describeCapacityProvider } from './describe.ts'
import { capacityProviderFields } from './fields.ts'

export const createCapacityProvider: EcsOperation<CreateCapacityProviderRequest, CreateCapacityProviderResponse> =
  ({ store, clock }) =>
  (request, input) => {
    const { name = '' } = input
    validateName(name)
    refuseUnbuilt(capacityProviderFields, input)
    if (!input.autoScalingGroupProvider) throw invalid('An Auto Scaling group provider must be specified.')
    const autoScalingGroupProvider = newGroup(input.autoScalingGroupProvider)
    const tags = validateTags(input.tags)
    const arn = capacityProviderArn(request, name)
    return store.write(tx => {
      if (tx.get(capacityProviders, arn)?.status === 'ACTIVE')
        throw new AwsError(
          'ClientException',
          'The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.',
        )
      const group = `${request.region}|${autoScalingGroupProvider.autoScalingGroupArn}`
      if (tx.count(capacityProviders, 'activeByGroup', group) > 0)
        throw new AwsError(
          'ClientException',
          'The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.',
        )
      const provider: CapacityProvider = {
        arn,
        name,
        status: 'ACTIVE',
        autoScalingGroupProvider,
        tags,
        createdAt: clock.now(),
      }
      tx.put(capacityProviders, provider)
      return { capacityProvider: describeCapacityProvider(provider, { tags: true }) }
    })
  }

const validateName = (name: string): void => {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name) || /^(aws|ecs|fargate)/i.test(name))
    throw invalid(
      "The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters (upper and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with 'aws', 'ecs', or 'fargate'. Specify a valid name and try again.",
    )
}
