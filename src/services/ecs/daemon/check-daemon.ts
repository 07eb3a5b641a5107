// What CreateDaemon and UpdateDaemon refuse alike, and what they make of what passes. AWS's own words for these are not documented.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-deployments.html
import type {
  CreateDaemonRequest,
  DaemonDeploymentConfiguration,
  PropagateTags,
  UpdateDaemonRequest,
} from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { isFargateProvider } from '../../../domain/capacity-provider.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { DaemonFields } from '../../../domain/daemon.ts'
import type { Reader } from '../../../store/store.ts'
import { capacityProviderNameFor } from '../capacity-provider/find-capacity-provider.ts'
import { findDaemonTaskDefinition } from '../daemon-task-definition/find-daemon-task-definition.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { daemonFields } from './fields.ts'

type Asked = Omit<CreateDaemonRequest, 'daemonName' | 'clusterArn'> | Omit<UpdateDaemonRequest, 'daemonArn'>

const MOST_BAKE_MINUTES = 1_440

/** A quarter of the instances at a time. */
export const DEFAULT_ROLLOUT = { drainPercent: 25, bakeTimeInMinutes: 0 }

export const checkDaemonRequest = (input: Asked): void => {
  refuseUnbuilt(daemonFields, input)
  const { drainPercent = 0, bakeTimeInMinutes = 0 } = input.deploymentConfiguration ?? {}
  if (!(drainPercent >= 0 && drainPercent <= 100)) throw invalid('drainPercent must be from 0 to 100.')
  if (!Number.isInteger(bakeTimeInMinutes) || bakeTimeInMinutes < 0 || bakeTimeInMinutes > MOST_BAKE_MINUTES)
    throw invalid(`bakeTimeInMinutes must be from 0 to ${MOST_BAKE_MINUTES}.`)
}

export const rolloutFrom = (
  asked: DaemonDeploymentConfiguration | undefined,
  sofar: Pick<DaemonFields, 'drainPercent' | 'bakeTimeInMinutes'>,
): Pick<DaemonFields, 'drainPercent' | 'bakeTimeInMinutes'> => ({
  drainPercent: asked?.drainPercent ?? sofar.drainPercent,
  bakeTimeInMinutes: asked?.bakeTimeInMinutes ?? sofar.bakeTimeInMinutes,
})

/** The names of those that the request lists, each of them the cluster's. */
export const daemonProviders = (
  request: RequestContext,
  cluster: Cluster,
  identifiers: readonly string[] = [],
): readonly string[] => {
  const names = [...new Set(identifiers.map(identifier => capacityProviderNameFor(request, identifier)))]
  if (names.length === 0) throw invalid('Capacity providers cannot be empty.')
  // A host gives its FARGATE capacity to every cluster: a daemon of one has no business there.
  const fargate = names.find(isFargateProvider)
  if (fargate !== undefined) throw invalid(`Daemons are not supported with the capacity provider ${fargate}.`)
  const other = names.find(name => !cluster.capacityProviders.includes(name))
  if (other !== undefined)
    throw invalid(
      `The specified capacity provider '${other}' is not associated with the cluster. Associate the capacity provider with the cluster and try again.`,
    )
  return names
}

/** The ARN of the ACTIVE revision. */
export const daemonDefinition = (reader: Reader, request: RequestContext, identifier: string | undefined): string => {
  const found = findDaemonTaskDefinition(reader, request, identifier ?? '')
  if (!found) throw new AwsError('ClientException', 'Daemon task definition not found.')
  if (found.status !== 'ACTIVE') throw new AwsError('ClientException', 'Daemon task definition is not ACTIVE.')
  return found.arn
}

/** A daemon's tags are what a service's are. */
export const propagated = (asked: Asked['propagateTags']): PropagateTags | undefined =>
  asked === 'DAEMON' ? 'SERVICE' : asked
