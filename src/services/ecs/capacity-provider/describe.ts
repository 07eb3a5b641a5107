// A capacity provider as callers see it, made from its row; the two that have none, too.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html
import type { CapacityProvider as CapacityProviderAnswer, CapacityProviderType } from '@aws-sdk/client-ecs'
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

const TYPES: Readonly<Record<string, CapacityProviderType>> = { FARGATE: 'FARGATE', FARGATE_SPOT: 'FARGATE_SPOT' }
