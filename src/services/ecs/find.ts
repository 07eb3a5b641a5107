// Looks up what a request names: a cluster by name, ARN or not at all; a task definition by family, family:revision or
// ARN; services, tasks and container instances by name, id or ARN. Every ECS operation starts here. Reads the store,
// writes nothing; what is not found is undefined where operations word it differently, an AwsError where they agree.
import { AwsError } from '../../aws/error.ts'
import type { RequestContext } from '../../aws/operation.ts'
import {
  clusterArn,
  containerInstanceArn,
  lastSegment,
  type ParsedArn,
  parseArn,
  serviceArn,
  taskArn,
} from '../../domain/arn.ts'
import type { Cluster } from '../../domain/cluster.ts'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import type { TaskDefinition } from '../../domain/task-definition.ts'
import type { Reader } from '../../store/store.ts'
import {
  clusters,
  containerInstances,
  services,
  taskDefinitionKey,
  taskDefinitions,
  tasks,
} from '../../store/tables.ts'
import { newestBelow } from './task-definition/newest-below.ts'

export const DEFAULT_CLUSTER = 'default'

export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.')
export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.')

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

const isArn = (text: string): boolean => text.startsWith('arn:')

/** The parts of an ECS ARN of the request's own region and account; InvalidParameterException for any other text. */
export const parseOwnArn = (request: RequestContext, arn: string): ParsedArn => {
  const parsed = parseArn(arn)
  if (!parsed) throw invalid(`Invalid identifier: ${arn}`)
  if (parsed.region !== request.region) throw invalid('Invalid Region in ARN')
  if (parsed.accountId !== request.accountId)
    throw invalid(`Invalid identifier: Identifier is for ${parsed.accountId}. Your accountId is ${request.accountId}`)
  return parsed
}

/** What follows the type in an ARN that must be of this type. */
const resourceOf = (request: RequestContext, type: string, arn: string): string => {
  const parsed = parseOwnArn(request, arn)
  if (parsed.type !== type) throw invalid(`Invalid identifier: ${arn} is not the ARN of a ${type}`)
  return parsed.resource
}

/** The ARN that a cluster's name, ARN or absence stands for, whether or not there is one. */
export const clusterArnFor = (request: RequestContext, identifier: string | undefined): string => {
  if (!identifier) return clusterArn(request, DEFAULT_CLUSTER)
  if (!isArn(identifier)) return clusterArn(request, identifier)
  return clusterArn(request, resourceOf(request, 'cluster', identifier))
}

/** The ACTIVE cluster; ClusterNotFoundException when there is none or it was deleted. */
export const findCluster = (reader: Reader, request: RequestContext, identifier: string | undefined): Cluster => {
  const cluster = reader.get(clusters, clusterArnFor(request, identifier))
  if (!cluster) throw clusterNotFound()
  if (cluster.status !== 'ACTIVE')
    throw new AwsError('ClusterNotFoundException', 'The referenced cluster was inactive.')
  return cluster
}

export type TaskDefinitionName = { readonly family: string; readonly revision?: number }

/** `family`, `family:revision` or an ARN, taken apart; InvalidParameterException when the revision is not a number. */
export const parseTaskDefinitionName = (request: RequestContext, identifier: string): TaskDefinitionName => {
  const name = isArn(identifier) ? resourceOf(request, 'task-definition', identifier) : identifier
  const colon = name.indexOf(':')
  if (colon < 0) return { family: name }
  const revision = name.slice(colon + 1)
  if (!/^[1-9][0-9]{0,9}$/.test(revision)) throw invalid('Invalid revision number.')
  return { family: name.slice(0, colon), revision: Number(revision) }
}

/**
 * The task definition of whatever status that a revision names, or the newest ACTIVE one of a bare family. Operations
 * word "there is none" differently, so the caller brings the error: `() => new AwsError('ClientException', ...)`.
 */
export const findTaskDefinition = (
  reader: Reader,
  request: RequestContext,
  identifier: string,
  notFound: () => AwsError,
): TaskDefinition => {
  const { family, revision } = parseTaskDefinitionName(request, identifier)
  const found =
    revision === undefined
      ? latestActive(reader, request.region, family)
      : reader.get(taskDefinitions, taskDefinitionKey(request.region, family, revision))
  if (!found) throw notFound()
  return found
}

/** The family's newest ACTIVE revision. */
export const latestActive = (reader: Reader, region: string, family: string): TaskDefinition | undefined =>
  newestBelow(reader, { region, family, status: 'ACTIVE' }, Number.POSITIVE_INFINITY)

/** A service of this cluster by name or ARN; an ARN of another cluster is InvalidParameterException, as AWS answers. */
export const findService = (
  reader: Reader,
  request: RequestContext,
  cluster: Cluster,
  identifier: string,
): Service | undefined => reader.get(services, serviceArnFor(request, cluster, identifier))

/** The ARN that a service's name or ARN (long, or the old one without the cluster) stands for. */
export const serviceArnFor = (request: RequestContext, cluster: Cluster, identifier: string): string => {
  if (!isArn(identifier)) return serviceArn(request, cluster.name, identifier)
  const parts = resourceOf(request, 'service', identifier).split('/')
  const [inCluster, name] = parts.length > 1 ? parts : [cluster.name, parts[0]]
  assertOf(cluster, inCluster)
  return serviceArn(request, cluster.name, name ?? '')
}

const assertOf = (cluster: Cluster, name: string | undefined): void => {
  if (name !== cluster.name)
    throw invalid(`Invalid identifier: Identifier is for cluster ${name}. Your cluster is ${cluster.name}`)
}

/** A task of this cluster by id or ARN; a malformed identifier, and another cluster's ARN, is InvalidParameterException. */
export const findTask = (
  reader: Reader,
  request: RequestContext,
  cluster: Cluster,
  identifier: string,
): Task | undefined => {
  const found = reader.get(tasks, taskArnFor(request, cluster, identifier))
  return found?.clusterArn === cluster.arn ? found : undefined
}

/** The ARN that a task's id or ARN (long, or the old one without the cluster) stands for in this cluster. */
export const taskArnFor = (request: RequestContext, cluster: Cluster, identifier: string): string =>
  arnOfId(request, cluster, 'task', identifier)

/** A container instance of this cluster by id or ARN, INACTIVE ones too; one of another cluster is not found. */
export const findContainerInstance = (
  reader: Reader,
  request: RequestContext,
  cluster: Cluster,
  identifier: string,
): ContainerInstance | undefined => {
  const found = reader.get(containerInstances, containerInstanceArnFor(request, cluster, identifier))
  return found?.clusterArn === cluster.arn ? found : undefined
}

/** As `taskArnFor`; another cluster's ARN is answered as it is. */
export const containerInstanceArnFor = (request: RequestContext, cluster: Cluster, identifier: string): string =>
  arnOfId(request, cluster, 'container-instance', identifier)

const arnOfId = (
  request: RequestContext,
  cluster: Cluster,
  type: 'task' | 'container-instance',
  identifier: string,
): string => {
  const id = isArn(identifier) ? lastSegment(resourceOf(request, type, identifier)) : identifier
  // Ids are 32 hex digits now and were UUIDs before.
  if (!/^[0-9a-zA-Z-]+$/.test(id)) throw invalid(`${WORDS[type].title} Identifier is invalid`)
  if (id.length !== 32 && id.length !== 36) throw invalid(`${WORDS[type].member} length should be one of [32,36]`)
  const [, inCluster, ofIt] = isArn(identifier) ? identifier.split('/') : []
  if (ofIt !== undefined) {
    // Operations on instances have their own words for one that is of another cluster: it is not found.
    if (type === 'task') assertOf(cluster, inCluster)
    return identifier
  }
  return type === 'task' ? taskArn(request, cluster.name, id) : containerInstanceArn(request, cluster.name, id)
}

const WORDS = {
  task: { title: 'Task', member: 'taskId' },
  'container-instance': { title: 'Container instance', member: 'containerInstanceId' },
} as const
