// The row that an ARN in TagResource, UntagResource or ListTagsForResource names, whatever kind it is: its tags, and how
// to write them. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
import type { Tag } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { ParsedArn } from '../../../domain/arn.ts'
import type { Deployment } from '../../../domain/service.ts'
import type { TaskSetFields } from '../../../domain/task-set.ts'
import type { Reader, Transaction } from '../../../store/store.ts'
import type { Table } from '../../../store/table.ts'
import {
  capacityProviders,
  clusters,
  containerInstances,
  deployments,
  services,
  taskDefinitionKey,
  taskDefinitions,
  tasks,
} from '../../../store/tables.ts'
import { findDaemonTaskDefinition } from '../daemon-task-definition/find-daemon-task-definition.ts'
import { clusterNotFound, parseOwnArn, parseTaskDefinitionName } from '../find.ts'

export type TaggedResource = {
  readonly tags: readonly Tag[]
  readonly put: (tx: Transaction, tags: readonly Tag[]) => void
}

/** Throws what AWS answers for an ARN that is malformed, unknown or of something deleted; `notFound` differs by operation. */
export const taggedResource = (
  reader: Reader,
  request: RequestContext,
  resourceArn: string,
  notFound: (message: string) => AwsError,
): TaggedResource => {
  const parsed = parseOwnArn(request, resourceArn)
  const found = findTagged(reader, request, resourceArn, parsed)
  if (!found) throw notFound(`The specified ${parsed.type.replace('-', ' ')} was not found.`)
  return found
}

const findTagged = (
  reader: Reader,
  request: RequestContext,
  arn: string,
  { type, resource }: ParsedArn,
): TaggedResource | undefined => {
  switch (type) {
    case 'cluster': {
      const cluster = reader.get(clusters, arn)
      if (!cluster) throw clusterNotFound()
      if (cluster.status !== 'ACTIVE')
        throw invalid('The specified cluster is inactive. Specify an active cluster and try again.')
      return tagged(clusters, cluster)
    }
    case 'task-definition': {
      const { family, revision } = parseTaskDefinitionName(request, arn)
      if (revision === undefined) throw invalid('Invalid revision number.')
      return tagged(taskDefinitions, reader.get(taskDefinitions, taskDefinitionKey(request.region, family, revision)))
    }
    case 'service':
    case 'task':
    case 'container-instance':
      // The old formats leave the cluster out, so they do not say which one is meant.
      if (!resource.includes('/')) throw invalid('Long arn format must be used for tagging operations')
      if (type === 'service') return tagged(services, reader.get(services, arn))
      if (type === 'task') return tagged(tasks, reader.get(tasks, arn))
      return tagged(containerInstances, reader.get(containerInstances, arn))
    case 'daemon': {
      const daemon = reader.get(services, arn)
      return tagged(services, daemon?.status === 'INACTIVE' ? undefined : daemon)
    }
    case 'daemon-task-definition':
      return tagged(taskDefinitions, findDaemonTaskDefinition(reader, request, arn))
    case 'capacity-provider': {
      const provider = reader.get(capacityProviders, arn)
      return tagged(capacityProviders, provider?.status === 'ACTIVE' ? provider : undefined)
    }
    case 'task-set': {
      const row = reader.get(deployments, resource.split('/').slice(-2).join('/'))
      return row?.taskSet?.arn === arn && row.status !== 'INACTIVE' ? taggedTaskSet(row, row.taskSet) : undefined
    }
    default:
      throw invalid(`Stowage does not support tags on a ${type} yet.`)
  }
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

const taggedTaskSet = (row: Deployment, taskSet: TaskSetFields): TaggedResource => ({
  tags: taskSet.tags,
  put: (tx, tags) => tx.put(deployments, { ...row, taskSet: { ...taskSet, tags } }),
})

const tagged = <Row extends { readonly tags: readonly Tag[] }>(
  table: Table<Row>,
  row: Row | undefined,
): TaggedResource | undefined => row && { tags: row.tags, put: (tx, tags) => tx.put(table, { ...row, tags }) }
