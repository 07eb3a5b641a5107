// Looks up a capacity provider by its short name or ARN. FARGATE and FARGATE_SPOT are there without a row.
// Before: the operations on capacity providers, and PutClusterCapacityProviders.
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { capacityProviderArn } from '../../../domain/arn.ts'
import { type CapacityProvider, isFargateProvider } from '../../../domain/capacity-provider.ts'
import type { Reader } from '../../../store/store.ts'
import { capacityProviders } from '../../../store/tables.ts'
import { parseOwnArn } from '../find.ts'
import { invalid } from '../refuse.ts'

/** The name that a short name or an ARN of this region and account stands for. */
export const capacityProviderNameFor = (request: RequestContext, identifier: string): string => {
  if (!identifier.startsWith('arn:')) return identifier
  const { type, resource } = parseOwnArn(request, identifier)
  if (type !== 'capacity-provider')
    throw invalid(`Invalid identifier: ${identifier} is not the ARN of a capacity provider`)
  return resource
}

/** An operator's own provider, deleted ones too. */
export const findCapacityProvider = (
  reader: Reader,
  request: RequestContext,
  name: string,
): CapacityProvider | undefined => reader.get(capacityProviders, capacityProviderArn(request, name))

export const isUsable = (reader: Reader, request: RequestContext, name: string): boolean =>
  isFargateProvider(name) || findCapacityProvider(reader, request, name)?.status === 'ACTIVE'

/** The one that is to be changed or deleted; InvalidParameterException when there is none, ClientException for AWS's own. */
export const ownCapacityProvider = (reader: Reader, request: RequestContext, identifier: string): CapacityProvider => {
  const name = capacityProviderNameFor(request, identifier)
  if (isFargateProvider(name))
    throw new AwsError('ClientException', `The capacity provider ${name} is reserved and cannot be changed or deleted.`)
  const found = findCapacityProvider(reader, request, name)
  if (!found)
    throw invalid('The specified capacity provider does not exist. Specify a valid name or ARN and try again.')
  return found
}
