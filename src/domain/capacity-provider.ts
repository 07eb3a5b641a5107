// Capacity providers: what tasks are counted to and placed by, where a strategy says so instead of a launch type.
//
// FARGATE and FARGATE_SPOT are there without a row; both mean the hosts that give FARGATE capacity. Nobody takes those back
// from a task, so that FARGATE_SPOT tasks are never interrupted here. An operator's own provider stands on AWS for an Auto
// Scaling group; on machines that people own it stands for the container instances of a cluster that carry its name in the
// attribute below. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html
import type { AutoScalingGroupProvider, LaunchType, Tag } from '@aws-sdk/client-ecs'
import type { ContainerInstance } from './container-instance.ts'

export type CapacityProvider = {
  readonly arn: string
  readonly name: string
  /** INACTIVE: deleted; still described, its name can be used anew. */
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly autoScalingGroupProvider: AutoScalingGroupProvider
  /** What the last deletion came to, with why not. */
  readonly updateStatus?: 'UPDATE_COMPLETE' | 'DELETE_COMPLETE' | 'DELETE_FAILED'
  readonly updateStatusReason?: string
  readonly tags: readonly Tag[]
  readonly createdAt: number
  /** When it became INACTIVE: the retention loop's input. */
  readonly inactiveAt?: number
}

/** The attribute by which a container instance says which provider it belongs to; no more than one. */
export const CAPACITY_PROVIDER_ATTRIBUTE = 'stowage.capacity-provider'

export const FARGATE_PROVIDERS: readonly string[] = ['FARGATE', 'FARGATE_SPOT']

export const isFargateProvider = (name: string): boolean => FARGATE_PROVIDERS.includes(name)

/** What a task of this provider is launched as. */
export const launchTypeOf = (provider: string): LaunchType => (isFargateProvider(provider) ? 'FARGATE' : 'EC2')

/** The provider that the instance belongs to; undefined for none. */
export const capacityProviderOf = (instance: Pick<ContainerInstance, 'attributes'>): string | undefined =>
  instance.attributes.find(attribute => attribute.name === CAPACITY_PROVIDER_ATTRIBUTE)?.value

/** The key under which `containerInstances` finds the instances of a cluster's provider. */
export const providerKey = (clusterArn: string, provider: string): string => `${clusterArn}|${provider}`
