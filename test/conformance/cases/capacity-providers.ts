// Capacity providers.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, NO_CLUSTER, refuses } from './case.ts'
import type { World } from './world.ts'

const INVALID = 'InvalidParameterException'
const UNSUPPORTED = 'UnsupportedFeatureException'
const group = (autoScalingGroupArn: string) => ({ autoScalingGroupProvider: { autoScalingGroupArn } })

const make = async (w: World, name: string): Promise<void> => {
  await w.client.send(new ecs.CreateCapacityProviderCommand({ name, ...group(name) }))
}
const NOT_THERE = 'The specified capacity provider does not exist. Specify a valid name or ARN and try again.'
const OF_AWS = 'The capacity provider FARGATE is reserved and cannot be changed or deleted.'
const NO_CLUSTER_OF_ITS_OWN = "Stowage does not support 'cluster' yet: it is of managed instances."

export const capacityProviderCases = [
  answers('CreateCapacityProvider', { name: 'shelf', ...group('shelf') }, w => ({
    capacityProvider: { capacityProviderArn: w.arn('capacity-provider/shelf'), status: 'ACTIVE' },
  })),
  refuses(
    'CreateCapacityProvider',
    'ClientException',
    'The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.',
    { name: 'vacant', ...group('another') },
  ),
  refuses('CreateCapacityProvider', INVALID, 'An Auto Scaling group provider must be specified.', { name: 'nothing' }),
  refuses('CreateCapacityProvider', UNSUPPORTED, NO_CLUSTER_OF_ITS_OWN, { name: 'a', cluster: 'default' }),

  answers('DescribeCapacityProviders', { capacityProviders: ['FARGATE', 'none'] }, w => ({
    capacityProviders: [{ name: 'FARGATE', status: 'ACTIVE' }],
    failures: [{ arn: w.arn('capacity-provider/none'), reason: 'MISSING' }],
  })),
  refuses('DescribeCapacityProviders', 'ClusterNotFoundException', NO_CLUSTER, { cluster: 'none' }),
  refuses('DescribeCapacityProviders', INVALID, 'maxResults must be from 1 to 10.', { maxResults: 11 }),

  answers(
    'UpdateCapacityProvider',
    async w => {
      await make(w, 'changed')
      return { name: 'changed', autoScalingGroupProvider: { managedScaling: { targetCapacity: 80 } } }
    },
    { capacityProvider: { autoScalingGroupProvider: { managedScaling: { status: 'DISABLED', targetCapacity: 80 } } } },
  ),
  refuses('UpdateCapacityProvider', 'ClientException', OF_AWS, { name: 'FARGATE', autoScalingGroupProvider: {} }),
  refuses('UpdateCapacityProvider', INVALID, NOT_THERE, { name: 'none', autoScalingGroupProvider: {} }),
  refuses(
    'UpdateCapacityProvider',
    UNSUPPORTED,
    "Stowage does not support 'autoScalingGroupProvider.managedTerminationProtection' ENABLED yet, only DISABLED: Stowage starts and ends no machines.",
    { name: 'vacant', autoScalingGroupProvider: { managedTerminationProtection: 'ENABLED' } },
  ),

  answers(
    'DeleteCapacityProvider',
    async w => {
      await make(w, 'leaving')
      return { capacityProvider: 'leaving' }
    },
    { capacityProvider: { name: 'leaving', status: 'INACTIVE', updateStatus: 'DELETE_COMPLETE' } },
  ),
  refuses('DeleteCapacityProvider', 'ClientException', OF_AWS, { capacityProvider: 'FARGATE' }),
  refuses('DeleteCapacityProvider', INVALID, NOT_THERE, { capacityProvider: 'none' }),
  refuses('DeleteCapacityProvider', UNSUPPORTED, NO_CLUSTER_OF_ITS_OWN, { capacityProvider: 'a', cluster: 'default' }),
]
