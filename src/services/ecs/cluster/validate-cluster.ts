// Whether a cluster may be made or changed as asked. CreateCluster, UpdateCluster and UpdateClusterSettings use it.
import type { ClusterSetting, CreateClusterRequest } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'

const MAX_NAME_LENGTH = 255

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

export const validateClusterName = (name: string): void => {
  if (name.length > MAX_NAME_LENGTH) throw invalid(`clusterName longer than ${MAX_NAME_LENGTH}.`)
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw invalid('clusterName contains invalid characters.')
}

/** Refuses, by name, what a cluster could carry and nothing here acts on yet. Empty values ask for nothing. */
export const refuseUnsupportedClusterFields = (input: CreateClusterRequest): void => {
  const { configuration, serviceConnectDefaults } = input
  for (const [name, value] of Object.entries(configuration ?? {}))
    if (value && Object.values(value).some(member => member !== undefined))
      throw unsupported(`configuration.${name}`, 'nothing reads it')
  if (serviceConnectDefaults) throw unsupported('serviceConnectDefaults', 'there is no Service Connect')
}

/** The settings as they are kept: containerInsights, disabled unless named; enabling it is refused while no metrics exist. */
export const clusterSettings = (asked: readonly ClusterSetting[] | undefined): ClusterSetting[] => {
  for (const { name, value } of asked ?? []) {
    if (name !== 'containerInsights' || !['enabled', 'enhanced', 'disabled'].includes(value ?? ''))
      throw invalid(`The setting '${name}' with the value '${value}' is not valid.`)
    if (value !== 'disabled') throw unsupported('containerInsights', 'there are no CloudWatch metrics to write')
  }
  return [{ name: 'containerInsights', value: 'disabled' }]
}

/** `asked` laid over what holds so far; there is one setting. */
export const changedSettings = (
  sofar: readonly ClusterSetting[],
  asked: readonly ClusterSetting[] | undefined,
): readonly ClusterSetting[] => (asked?.length ? clusterSettings(asked) : sofar)

const unsupported = (field: string, why: string): AwsError =>
  invalid(`Stowage does not support '${field}' yet: ${why}.`)
