// Decides which operation of which service a request is for: the service from the credential scope, the operation as its
// protocol names it. Before: authenticate.ts. After: the protocol's decoding.
import type { Authenticated } from './authenticate.ts'
import type { HttpRequest } from './http-request.ts'
import { type OperationModel, type ServiceModel, serviceModel } from './model/service-model.ts'
import type { AwsService, OperationTable } from './operation.ts'
import { awsJson } from './protocol/aws-json.ts'
import { awsQuery } from './protocol/aws-query.ts'
import { ec2Query } from './protocol/ec2-query.ts'
import type { Protocol } from './protocol/protocol.ts'
import { claimedService } from './sigv4/parse-signature.ts'

export type FoundService = { readonly service: AwsService; readonly protocol: Protocol }

export type FoundOperation = {
  readonly name: string
  readonly operation: OperationTable[string]
  readonly model: OperationModel
  readonly serviceModel: ServiceModel
}

const PROTOCOLS: Readonly<Record<AwsService['protocol'], Protocol>> = {
  awsJson1_0: awsJson('1.0'),
  awsJson1_1: awsJson('1.1'),
  awsQuery: awsQuery(),
  ec2Query: ec2Query(),
}

/** JSON requests can be told by their looks; of Query requests the forms of two services look alike. */
const jsonByLooks = ({ headers }: HttpRequest): Protocol | undefined => {
  const contentType = headers.get('content-type') ?? ''
  if (contentType.startsWith('application/x-amz-json-1.0')) return PROTOCOLS.awsJson1_0
  const json = headers.has('x-amz-target') || contentType.startsWith('application/x-amz-json')
  return json ? PROTOCOLS.awsJson1_1 : undefined
}

export type OperationFinder = {
  /** What an error is answered in before anybody has vouched for the request: by its looks, and the service that it says it is signed for. */
  readonly likely: (request: HttpRequest) => Protocol
  /** Throws AwsError for a service that is not here. */
  readonly service: (who: Authenticated, likely: Protocol) => FoundService
  /** Throws AwsError for an operation that AWS does not have, or this server not yet. Loads the service's model. */
  readonly operation: (found: FoundService, request: HttpRequest) => Promise<FoundOperation>
}

export const operationFinder = (services: readonly AwsService[]): OperationFinder => {
  const byName = new Map(services.map(service => [service.name, { service, protocol: PROTOCOLS[service.protocol] }]))
  const models = new Map<AwsService, Promise<ServiceModel>>()
  const modelOf = (service: AwsService): Promise<ServiceModel> => {
    const loading = models.get(service) ?? serviceModel(service)
    models.set(service, loading)
    return loading
  }
  return {
    likely: request => jsonByLooks(request) ?? byName.get(claimedService(request))?.protocol ?? PROTOCOLS.awsQuery,
    service: (who, likely) => {
      const found = byName.get(who.service)
      if (found) return found
      const has = [...byName.keys()].join(', ')
      throw likely.unknownOperation(`Stowage does not have the service '${who.service}'. It has: ${has}.`)
    },
    operation: async ({ service, protocol }, request) => {
      const name = protocol.operationName(request, service)
      if (!Object.hasOwn(service.constraints.operations, name)) {
        throw protocol.unknownOperation(`There is no operation '${name}' of ${service.name}.`)
      }
      const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined
      if (!operation) {
        throw protocol.notBuilt(
          `${name} is an operation of ${service.name} that is not built in Stowage yet: see docs/coverage.md.`,
        )
      }
      const model = await modelOf(service)
      return { name, operation, model: model.operation(name), serviceModel: model }
    },
  }
}
