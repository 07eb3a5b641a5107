// What the gateway asks of a wire protocol. One file beside this a protocol; nothing else knows how bytes look.
import type { AwsError } from '../error.ts'
import type { HttpRequest } from '../http-request.ts'
import type { OperationModel, ServiceModel } from '../model/service-model.ts'
import type { AwsService } from '../operation.ts'
import type { Dialect } from '../sigv4/refusal.ts'

export type HttpAnswer = { readonly status: number; readonly contentType: string; readonly body: string }

export type Protocol = {
  readonly dialect: Dialect
  /** The operation that is asked for; throws AwsError when the request does not name one of this service. */
  readonly operationName: (request: HttpRequest, service: AwsService) => string
  readonly unknownOperation: (message: string) => AwsError
  /** For an operation that AWS has and this server does not yet. */
  readonly notBuilt: (message: string) => AwsError
  /** Bytes to the SDK's own request type; throws AwsError for what does not fit the model. */
  readonly decode: (request: HttpRequest, model: OperationModel) => unknown
  readonly encode: (answer: {
    readonly service: AwsService
    readonly operation: string
    readonly model: OperationModel
    readonly output: unknown
    readonly requestId: string
  }) => Promise<HttpAnswer> | HttpAnswer
  /** `service` and `model` as far as they were known when the request failed. */
  readonly encodeError: (
    error: AwsError,
    about: { readonly service?: AwsService; readonly model?: ServiceModel; readonly requestId: string },
  ) => HttpAnswer
}
