// A cluster as the API answers it: its row, and counts that the store keeps up to date (nothing is counted here by
// looking at tasks). Every operation that answers a cluster uses it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html
import type { Cluster as ClusterAnswer, ClusterField, KeyValuePair } from '@aws-sdk/client-ecs'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances, services, tasks } from '../../../store/tables.ts'

/** Statistics, tags and settings are empty, and the configuration absent, unless `include` asks for them. */
export const describeCluster = (
  reader: Reader,
  cluster: Cluster,
  include: readonly ClusterField[] = [],
): ClusterAnswer => {
  const counts = reader.sum(tasks, 'byCluster', cluster.arn)
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: reader.count(containerInstances, 'byCluster', cluster.arn),
    runningTasksCount: counts['running'] ?? 0,
    pendingTasksCount: counts['pending'] ?? 0,
    activeServicesCount: reader.count(services, 'activeByCluster', cluster.arn),
    statistics: include.includes('STATISTICS') ? statisticsOf(reader, cluster) : [],
    tags: include.includes('TAGS') ? [...cluster.tags] : [],
    settings: include.includes('SETTINGS') ? [...cluster.settings] : [],
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: [...cluster.defaultCapacityProviderStrategy],
    ...(include.includes('ATTACHMENTS') ? { attachments: [] } : {}),
    ...(include.includes('CONFIGURATIONS') && cluster.configuration ? { configuration: cluster.configuration } : {}),
  }
}

/** What CreateCluster and DeleteCluster answer: the tags and settings as they are, no statistics. */
export const CHANGED_CLUSTER: readonly ClusterField[] = ['TAGS', 'SETTINGS', 'CONFIGURATIONS']

// The capital R of RunningFargateTasksCount is AWS's.
const statisticsOf = (reader: Reader, cluster: Cluster): KeyValuePair[] => {
  const task = reader.sum(tasks, 'byCluster', cluster.arn)
  const service = reader.sum(services, 'byCluster', cluster.arn)
  const figures: readonly (readonly [string, number | undefined])[] = [
    ['runningEC2TasksCount', task['EC2:running']],
    ['RunningFargateTasksCount', task['FARGATE:running']],
    ['pendingEC2TasksCount', task['EC2:pending']],
    ['pendingFargateTasksCount', task['FARGATE:pending']],
    ['activeEC2ServiceCount', service['EC2:ACTIVE']],
    ['activeFargateServiceCount', service['FARGATE:ACTIVE']],
    ['drainingEC2ServiceCount', service['EC2:DRAINING']],
    ['drainingFargateServiceCount', service['FARGATE:DRAINING']],
  ]
  return figures.map(([name, value]) => ({ name, value: String(value ?? 0) }))
}
