// ListTasks: ARNs of a cluster's tasks, by the filter that an index answers; what else was asked is looked at row by row.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
import type { ListTasksRequest, ListTasksResponse } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Task } from '../../../domain/task.ts'
import type { Reader } from '../../../store/store.ts'
import { tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { containerInstanceArnFor, findCluster, findService, serviceNotFound } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'

const PAGE = { most: 100, usual: 100 }

export const listTasks: EcsOperation<ListTasksRequest, ListTasksResponse> =
  ({ store }) =>
  (request, input) => {
    const limit = checkPageSize(input.maxResults, PAGE)
    if (input.daemonName) throw invalid('Filter daemonName is not supported by Stowage yet.')
    const cluster = findCluster(store, request, input.cluster)
    const filters = filtersOf(store, request, cluster, input)
    const [index, value] = narrowest(cluster, filters)
    const query = `ListTasks|${cluster.arn}|${JSON.stringify(filters)}`
    const rows = store.byIndex(tasks, index, value, startOfPage(query, input.nextToken))
    const page = pageOf(rows, { query, limit, keyOf: task => task.arn, where: task => passes(task, cluster, filters) })
    return { taskArns: page.rows.map(task => task.arn), ...(page.nextToken ? { nextToken: page.nextToken } : {}) }
  }

type Filters = {
  readonly desired: string
  readonly startedBy: string | undefined
  readonly serviceArn: string | undefined
  readonly instanceArn: string | undefined
  readonly family: string | undefined
  readonly launchType: string | undefined
}

const filtersOf = (reader: Reader, request: RequestContext, cluster: Cluster, input: ListTasksRequest): Filters => {
  const { startedBy, serviceName, containerInstance, family, launchType } = input
  if (startedBy && (serviceName || containerInstance || family || launchType))
    throw invalid('startedBy must be the only filter.')
  const service = serviceName ? findService(reader, request, cluster, serviceName) : undefined
  if (serviceName && !service) throw serviceNotFound()
  return {
    // No task is wanted PENDING: that list is empty, as ECS's is.
    desired: input.desiredStatus ?? 'RUNNING',
    startedBy: startedBy || undefined,
    serviceArn: service?.arn,
    instanceArn: containerInstance ? containerInstanceArnFor(request, cluster, containerInstance) : undefined,
    family: family || undefined,
    launchType,
  }
}

// The index that leaves the fewest rows to look at.
const narrowest = (cluster: Cluster, filters: Filters): readonly [index: string, value: string] => {
  const { desired, startedBy, serviceArn, instanceArn, family } = filters
  if (startedBy) return ['byStartedByDesired', `${cluster.arn}|${startedBy}|${desired}`]
  if (instanceArn) return ['byInstanceDesired', `${instanceArn}|${desired}`]
  if (serviceArn) return ['byServiceDesired', `${serviceArn}|${desired}`]
  if (family) return ['byFamilyDesired', `${cluster.arn}|${family}|${desired}`]
  return ['byClusterDesired', `${cluster.arn}|${desired}`]
}

// A host's FARGATE tasks may be another cluster's, and where they run is not shown.
const passes = (task: Task, cluster: Cluster, { serviceArn, instanceArn, family, launchType }: Filters): boolean =>
  task.clusterArn === cluster.arn &&
  (!serviceArn || task.serviceArn === serviceArn) &&
  (!instanceArn || task.launchType !== 'FARGATE') &&
  (!family || task.family === family) &&
  (!launchType || task.launchType === launchType)
