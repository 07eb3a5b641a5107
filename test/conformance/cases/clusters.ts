// Clusters and their settings.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, missing, NO_CLUSTER, refuses } from './case.ts'

const INVALID = 'InvalidParameterException'
const none = { cluster: 'none' }

export const clusterCases = [
  answers('CreateCluster', { clusterName: 'new', tags: [{ key: 'a', value: 'b' }] }, w => ({
    cluster: { clusterArn: w.arn('cluster/new'), status: 'ACTIVE', tags: [{ key: 'a', value: 'b' }] },
  })),
  refuses('CreateCluster', INVALID, 'clusterName contains invalid characters.', { clusterName: 'a b' }),

  answers('DescribeClusters', { clusters: ['default', 'none'] }, w => ({
    clusters: [{ clusterName: 'default', status: 'ACTIVE', registeredContainerInstancesCount: 2 }],
    failures: [{ arn: w.arn('cluster/none'), reason: 'MISSING' }],
  })),
  refuses('DescribeClusters', INVALID, 'clusters can have at most 100 items.', {
    clusters: Array.from({ length: 101 }, (_, at) => `c${at}`),
  }),

  answers('ListClusters', { maxResults: 1 }, w => ({ clusterArns: [w.arn('cluster/default')] })),
  refuses('ListClusters', INVALID, 'maxResults must be from 1 to 100.', { maxResults: 0 }),

  answers(
    'UpdateCluster',
    { cluster: 'empty', settings: [{ name: 'containerInsights', value: 'disabled' }] },
    {
      cluster: { clusterName: 'empty', settings: [{ name: 'containerInsights', value: 'disabled' }] },
    },
  ),
  refuses('UpdateCluster', 'ClusterNotFoundException', NO_CLUSTER, none),
  refuses(
    'UpdateCluster',
    INVALID,
    "Stowage does not support 'serviceConnectDefaults' yet: there is no Service Connect.",
    { cluster: 'empty', serviceConnectDefaults: { namespace: 'internal' } },
  ),

  answers(
    'UpdateClusterSettings',
    { cluster: 'empty', settings: [{ name: 'containerInsights', value: 'disabled' }] },
    {
      cluster: { clusterName: 'empty', settings: [{ name: 'containerInsights', value: 'disabled' }] },
    },
  ),
  refuses('UpdateClusterSettings', 'ClusterNotFoundException', NO_CLUSTER, { ...none, settings: [] }),
  refuses('UpdateClusterSettings', INVALID, "The setting 'containerInsights' with the value 'maybe' is not valid.", {
    cluster: 'empty',
    settings: [{ name: 'containerInsights', value: 'maybe' }],
  }),

  answers(
    'PutClusterCapacityProviders',
    {
      cluster: 'empty',
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    },
    {
      cluster: {
        capacityProviders: ['FARGATE'],
        defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }],
      },
    },
  ),
  refuses('PutClusterCapacityProviders', 'ClusterNotFoundException', NO_CLUSTER, {
    ...none,
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  }),
  refuses(
    'PutClusterCapacityProviders',
    INVALID,
    "The specified capacity provider 'unheard-of' is not in an ACTIVE state. Specify a valid capacity provider and try again.",
    { cluster: 'empty', capacityProviders: ['unheard-of'], defaultCapacityProviderStrategy: [] },
  ),
  refuses('PutClusterCapacityProviders', INVALID, missing('defaultCapacityProviderStrategy'), {
    cluster: 'empty',
    capacityProviders: [],
  }),
  refuses(
    'PutClusterCapacityProviders',
    'ResourceInUseException',
    'The specified capacity provider is in use and cannot be removed.',
    { cluster: 'working', capacityProviders: [], defaultCapacityProviderStrategy: [] },
  ),

  answers(
    'DeleteCluster',
    async w => {
      await w.client.send(new ecs.CreateClusterCommand({ clusterName: 'leaving' }))
      return { cluster: 'leaving' }
    },
    { cluster: { clusterName: 'leaving', status: 'INACTIVE' } },
  ),
  refuses('DeleteCluster', 'ClusterNotFoundException', NO_CLUSTER, none),
  refuses('DeleteCluster', 'ClusterNotFoundException', 'The referenced cluster was inactive.', { cluster: 'deleted' }),
  refuses('DeleteCluster', INVALID, 'Invalid identifier: arn:aws:ecs', { cluster: 'arn:aws:ecs' }),
  refuses(
    'DeleteCluster',
    'ClusterContainsContainerInstancesException',
    'The Cluster cannot be deleted while Container Instances are active or draining.',
    { cluster: 'joined' },
  ),
  refuses(
    'DeleteCluster',
    'ClusterContainsServicesException',
    'The Cluster cannot be deleted while Services are active.',
    { cluster: 'serving' },
  ),
  refuses('DeleteCluster', 'ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.', {
    cluster: 'working',
  }),
]
