// The way in: from the bytes of a request to the bytes of its answer. `answer` below is the table of contents: each step
// is a file of its own, in this order, and each may end the request with a modelled error.
// Before: the HTTP server. After: the service's operation.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { type Authenticated, authenticator, type CredentialLookup } from './authenticate.ts'
import { authorise } from './authorise.ts'
import { asAwsError } from './failure.ts'
import { type FoundOperation, type FoundService, operationFinder } from './find-operation.ts'
import { CallerGone, type HttpRequest, headOf, readBody } from './http-request.ts'
import type { AwsService, RequestContext } from './operation.ts'
import { patience } from './patience.ts'
import type { HttpAnswer } from './protocol/protocol.ts'
import { run } from './run.ts'
import { throttler } from './throttle.ts'
import { validate } from './validate.ts'

export type { CredentialLookup } from './authenticate.ts'

export type GatewayLimits = {
  /** The longest body: ECS takes task definitions up to 64 KiB, and nothing longer. */
  readonly bodyBytes: number
  /** All bodies that are being read or answered, together. */
  readonly bodiesBytes: number
}

const LIMITS: GatewayLimits = { bodyBytes: 1024 * 1024, bodiesBytes: 128 * 1024 * 1024 }

export type GatewayOptions = {
  readonly services: readonly AwsService[]
  readonly lookup: CredentialLookup
  readonly accountId: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Resolves when everything that was written is durable; no answer leaves before. */
  readonly durable: () => Promise<void>
  /** Undefined while the disk keeps up, else resolves when it does; calls that can wait do until then. */
  readonly caughtUp?: () => Promise<void> | undefined
  readonly limits?: Partial<GatewayLimits>
  /** Refuse calls beyond the services' rates, as AWS does; off unless true. */
  readonly throttle?: boolean
}

export type Gateway = {
  readonly handle: (message: IncomingMessage, response: ServerResponse) => void
  /** Vouches for a websocket handshake, as `handle` does for a request; rejects with AwsError. */
  readonly authenticateUpgrade: (message: IncomingMessage) => Promise<RequestContext>
}

export const createGateway = (options: GatewayOptions): Gateway => {
  const { accountId, ids, log, durable } = options
  const limits = { ...LIMITS, ...options.limits }
  const budget = { bytes: 0, most: limits.bodiesBytes }
  const authenticate = authenticator(options)
  const find = operationFinder(options.services)
  const turnOf = patience(options)
  const throttle = options.throttle ? throttler(options) : () => {}

  const contextOf = (
    message: IncomingMessage,
    { headers }: HttpRequest,
    who: Authenticated,
    requestId: string,
  ): RequestContext => ({
    region: who.region,
    accountId,
    caller: who.caller,
    requestId,
    endpoint: `${'encrypted' in message.socket ? 'https' : 'http'}://${headers.get('host') ?? ''}`,
  })

  const answer = async (message: IncomingMessage, requestId: string): Promise<HttpAnswer> => {
    const head = headOf(message)
    const likely = find.likely(head)
    let service: FoundService | undefined
    let operation: FoundOperation | undefined
    let release: (() => void) | undefined
    try {
      const read = await readBody(message, limits.bodyBytes, budget)
      release = read.release
      const request = { ...head, body: read.body }
      await turnOf(request)
      const who = authenticate(request, likely.dialect)
      service = find.service(who, likely)
      operation = await find.operation(service, request)
      throttle({ service: service.service, operation: operation.name, accountId, region: who.region })
      const input = service.protocol.decode(request, operation.model)
      validate(service.service, operation.name, operation.model.inputShape, input)
      const context = contextOf(message, head, who, requestId)
      authorise(context, `${service.service.name}:${operation.name}`)
      const output = await run(operation, context, input, durable)
      const { name, model } = operation
      return await service.protocol.encode({ service: service.service, operation: name, model, output, requestId })
    } catch (error) {
      if (error instanceof CallerGone) throw error
      const about = {
        requestId,
        ...(service ? { service: service.service } : {}),
        ...(operation ? { operation: operation.name, model: operation.serviceModel } : {}),
      }
      return (service?.protocol ?? likely).encodeError(asAwsError(error, about, log), about)
    } finally {
      release?.()
    }
  }

  return {
    handle: (message, response) => {
      const requestId = ids.uuid()
      answer(message, requestId).then(
        ({ status, contentType, body }) => {
          response.writeHead(status, {
            'x-amzn-RequestId': requestId,
            'Content-Type': contentType,
            'Content-Length': Buffer.byteLength(body),
          })
          response.end(body)
        },
        error => {
          if (!(error instanceof CallerGone)) log.error({ requestId, error: String(error) }, 'A request got no answer')
          response.destroy()
        },
      )
    },
    authenticateUpgrade: async message => {
      const head = headOf(message)
      const who = authenticate(head, 'json')
      const { service } = find.service(who, find.likely(head))
      const context = contextOf(message, head, who, ids.uuid())
      // Amazon's agent has ecs:Poll for its link: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      authorise(context, `${service.name}:Poll`)
      return context
    },
  }
}
