// The ACTIVE service with an EXTERNAL deployment controller that a request names, and a task set of it by id or ARN. Every task set
// operation starts here. Reads the store, writes nothing.
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { Service } from '../../../domain/service.ts'
import { isExternal, isTaskSet, type TaskSet } from '../../../domain/task-set.ts'
import type { Reader } from '../../../store/store.ts'
import { deployments } from '../../../store/tables.ts'
import { findCluster, findService, parseOwnArn, serviceNotFound } from '../find.ts'
import { invalid } from '../refuse.ts'

type Named = { readonly cluster: string | undefined; readonly service: string | undefined }

export const findExternalService = (reader: Reader, request: RequestContext, named: Named): Service => {
  const service = findService(reader, request, findCluster(reader, request, named.cluster), named.service ?? '')
  if (!service) throw serviceNotFound()
  if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
  if (!isExternal(service))
    throw invalid('Task sets are only supported for services with the EXTERNAL deployment controller.')
  return service
}

/** Undefined for one that is not there or is gone by now. */
export const findTaskSet = (
  reader: Reader,
  request: RequestContext,
  service: Service,
  identifier: string,
): TaskSet | undefined => {
  const row = reader.get(deployments, idOf(request, identifier))
  return row && isTaskSet(row) && row.serviceArn === service.arn && row.status !== 'INACTIVE' ? row : undefined
}

export const requireTaskSet = (
  reader: Reader,
  request: RequestContext,
  service: Service,
  identifier: string | undefined,
): TaskSet => {
  const found = findTaskSet(reader, request, service, identifier ?? '')
  if (!found) throw new AwsError('TaskSetNotFoundException', 'The specified task set does not exist.')
  return found
}

// `.../<cluster>/<service>/ecs-svc/<digits>`
const idOf = (request: RequestContext, identifier: string): string => {
  if (!identifier.startsWith('arn:')) return identifier
  const { type, resource } = parseOwnArn(request, identifier)
  if (type !== 'task-set') throw invalid(`Invalid identifier: ${identifier} is not the ARN of a task set`)
  return resource.split('/').slice(-2).join('/')
}
