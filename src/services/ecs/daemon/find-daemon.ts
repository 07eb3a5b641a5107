// A daemon by its ARN. Reads the store, writes nothing.
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { clusterArn } from '../../../domain/arn.ts'
import { type Daemon, isDaemon } from '../../../domain/daemon.ts'
import type { Reader } from '../../../store/store.ts'
import { services } from '../../../store/tables.ts'
import { findCluster, parseOwnArn } from '../find.ts'
import { invalid } from '../refuse.ts'

/** One that is not gone yet. ClusterNotFoundException, DaemonNotFoundException; InvalidParameterException for another ARN. */
export const findDaemon = (reader: Reader, request: RequestContext, arn: string): Daemon => {
  const found = findDaemonEver(reader, request, arn)
  if (found === undefined || found.status === 'INACTIVE')
    throw new AwsError('DaemonNotFoundException', 'Daemon not found.')
  return found
}

/** One that is gone, too, as long as its deployments can be described. */
export const findDaemonEver = (reader: Reader, request: RequestContext, arn: string): Daemon | undefined => {
  const { type, resource } = parseOwnArn(request, arn)
  const [cluster = '', name, ...more] = resource.split('/')
  if (type !== 'daemon' || !name || more.length > 0)
    throw invalid(`Invalid identifier: ${arn} is not the ARN of a daemon`)
  findCluster(reader, request, clusterArn(request, cluster))
  const found = reader.get(services, arn)
  return found && isDaemon(found) ? found : undefined
}

/** The same for what changes it: one that is being deleted is DaemonNotActiveException. */
export const findActiveDaemon = (reader: Reader, request: RequestContext, arn: string): Daemon => {
  const found = findDaemon(reader, request, arn)
  if (found.status !== 'ACTIVE') throw new AwsError('DaemonNotActiveException', 'Daemon was not ACTIVE.')
  return found
}
