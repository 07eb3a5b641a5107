// What a caller is told of an error that is not a modelled one: as little as possible, with the request id under which the
// log has the rest. Before: any of the gateway's handlers. After: the protocol's error encoding.
import type { Log } from '../lib/log.ts'
import { AwsError } from './error.ts'
import type { AwsService } from './operation.ts'
import { unavailable } from './run.ts'

export type FailedRequest = {
  readonly requestId: string
  readonly service?: AwsService
  readonly operation?: string
}

export const asAwsError = (error: unknown, about: FailedRequest, log: Log): AwsError => {
  if (error instanceof AwsError) return error
  const fields = { requestId: about.requestId, service: about.service?.name, operation: about.operation }
  if (isStoreFailure(error)) {
    log.warn({ ...fields, code: error.code, error: error.message }, 'The store refused a request')
    return unavailable(error)
  }
  log.error({ ...fields, error: error instanceof Error ? error.stack : String(error) }, 'A request failed unexpectedly')
  return new AwsError(
    internalCode(about),
    `An internal error occurred. The log has it under request ${about.requestId}.`,
    {
      httpStatus: 500,
    },
  )
}

const internalCode = ({ service, operation }: FailedRequest): string => {
  const errors = operation === undefined ? undefined : service?.constraints.operations[operation]?.errors
  return errors?.includes('ServerException') ? 'ServerException' : 'InternalFailure'
}

/** The store's failure, known by its form: this room does not know the store. */
const isStoreFailure = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && error.name === 'StoreFailure' && 'code' in error && typeof error.code === 'string'
