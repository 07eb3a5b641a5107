// A capacity provider as callers see it, made from its row; the two that have none, too. And which capacity something has.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html
import type {
  CapacityProvider as CapacityProviderAnswer,
  CapacityProviderStrategyItem,
  CapacityProviderType,
  LaunchType,
} from '@aws-sdk/client-ecs'
import { capacityProviderArn, type Scope } from '../../../domain/arn.ts'
import type { CapacityProvider } from '../../../domain/capacity-provider.ts'

export const describeCapacityProvider = (
  provider: CapacityProvider,
  show: { readonly tags: boolean },
): CapacityProviderAnswer => ({
  capacityProviderArn: provider.arn,
  name: provider.name,
  status: provider.status,
  autoScalingGroupProvider: provider.autoScalingGroupProvider,
  ...(provider.updateStatus === undefined ? {} : { updateStatus: provider.updateStatus }),
  ...(provider.updateStatusReason === undefined ? {} : { updateStatusReason: provider.updateStatusReason }),
  tags: show.tags ? [...provider.tags] : [],
  type: 'EC2_AUTOSCALING',
})

export const describeFargateProvider = (scope: Scope, name: string): CapacityProviderAnswer => ({
  capacityProviderArn: capacityProviderArn(scope, name),
  name,
  status: 'ACTIVE',
  tags: [],
  type: TYPES[name],
})

/** What a service, a deployment or a revision is shown with: its strategy in place of its launch type. */
export const describeCapacity = ({
  launchType,
  capacityProviderStrategy,
}: {
  readonly launchType: LaunchType
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
}): { launchType: LaunchType } | { capacityProviderStrategy: CapacityProviderStrategyItem[] } =>
  capacityProviderStrategy ? { capacityProviderStrategy: [...capacityProviderStrategy] } : { launchType }

const TYPES: Readonly<Record<string, CapacityProviderType>> = { FARGATE: 'FARGATE', FARGATE_SPOT: 'FARGATE_SPOT' }
