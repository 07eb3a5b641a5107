// A service deployment, service revision or task set by its ARN. Those of an earlier service of the same name, which is gone,
// are not found. Reads the store, writes nothing.
import type { RequestContext } from '../../../aws/operation.ts'
import { clusterArn, serviceArn } from '../../../domain/arn.ts'
import type { ServiceDeployment, ServiceRevision } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { clusters, serviceDeployments, serviceRevisions, services } from '../../../store/tables.ts'
import { clusterNotFound, parseOwnArn, serviceNotFound } from '../find.ts'
import { invalid } from '../refuse.ts'

type Kind = `${'service' | 'daemon'}-${'deployment' | 'revision'}`

/** Throws InvalidParameterException for a text that is no ARN of this kind. */
export const checkArn = (request: RequestContext, kind: Kind, arn: string): void => {
  const { type, resource } = parseOwnArn(request, arn)
  if (type !== kind || resource.split('/').length !== 3)
    throw invalid(`Invalid identifier: ${arn} is not the ARN of a ${kind.replaceAll('-', ' ')}`)
}

/** ClusterNotFoundException or ServiceNotFoundException when what the ARN belongs to never was there, or is forgotten. */
export const checkService = (reader: Reader, request: RequestContext, kind: Kind, arn: string): void => {
  checkArn(request, kind, arn)
  const [, cluster = '', name = ''] = arn.split('/')
  if (!reader.get(clusters, clusterArn(request, cluster))) throw clusterNotFound()
  if (!reader.get(services, serviceArn(request, cluster, name))) throw serviceNotFound()
}

export const findServiceDeployment = (
  reader: Reader,
  request: RequestContext,
  arn: string,
  kind: 'service-deployment' | 'daemon-deployment' = 'service-deployment',
): ServiceDeployment | undefined => {
  checkArn(request, kind, arn)
  const [found] = reader.byIndex(serviceDeployments, 'byArn', arn)
  return found && isCurrent(reader, found) ? found : undefined
}

export const findServiceRevision = (
  reader: Reader,
  request: RequestContext,
  arn: string,
  kind: 'service-revision' | 'daemon-revision' = 'service-revision',
): ServiceRevision | undefined => {
  checkArn(request, kind, arn)
  const found = reader.get(serviceRevisions, arn)
  return found && isCurrent(reader, found) ? found : undefined
}

const isCurrent = (reader: Reader, row: Pick<ServiceDeployment, 'serviceArn' | 'createdAt'>): boolean => {
  const service = reader.get(services, row.serviceArn)
  return service !== undefined && row.createdAt >= service.createdAt
}
