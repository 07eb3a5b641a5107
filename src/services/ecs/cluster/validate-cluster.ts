// Whether a cluster may be made or changed as asked. CreateCluster, UpdateCluster and UpdateClusterSettings use it.
import type { CreateClusterRequest, UpdateClusterRequest } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { refusalText, unsupportedField } from '../field-support.ts'
import { clusterFields } from './fields.ts'

const MAX_NAME_LENGTH = 255

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

export const validateClusterName = (name: string): void => {
  if (name.length > MAX_NAME_LENGTH) throw invalid(`clusterName longer than ${MAX_NAME_LENGTH}.`)
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw invalid('clusterName contains invalid characters.')
}

/** Refuses, by the table in fields.ts, what a cluster could carry and nothing here acts on yet. No UnsupportedFeatureException is modelled for it. */
export const refuseUnsupportedClusterFields = (
  input: CreateClusterRequest | Omit<UpdateClusterRequest, 'cluster'>,
): void => {
  for (const { name, value } of input.settings ?? [])
    if (name !== 'containerInsights' || !['enabled', 'enhanced', 'disabled'].includes(value ?? ''))
      throw invalid(`The setting '${name}' with the value '${value}' is not valid.`)
  const found = unsupportedField(clusterFields, input)
  if (found) throw invalid(refusalText(found))
}
