// The operations of the ECS API that an agent calls, signed, over connections that are kept open. Four operations by hand
// instead of the SDK's client: it would cost 15 MiB more, and cold start, in every agent.
// Before: registration.ts, session.ts, reporter.ts. After: the server's gateway.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type {
  DiscoverPollEndpointRequest,
  DiscoverPollEndpointResponse,
  RegisterContainerInstanceRequest,
  RegisterContainerInstanceResponse,
} from '@aws-sdk/client-ecs'
import type { Clock } from '../lib/clock.ts'
import type { Report } from './engine/report.ts'
import type { Signer } from './signer.ts'

const TARGET = 'AmazonEC2ContainerServiceV20141113'

/** The ECS agent's: longest round trip. */
const ROUND_TRIP_MS = 42_000

/** One connection a report under way, and a few for the rest. */
const SOCKETS = 16

/** The answer of an API is some kB; a larger one does not come from the API. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024

/** An answer that says no, or none: then `code` is `Unreachable`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status: number, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.status = status
  }
}

export type Api = {
  readonly registerContainerInstance: (
    input: RegisterContainerInstanceRequest & { readonly clientToken: string },
  ) => Promise<RegisterContainerInstanceResponse>
  readonly createCluster: (clusterName: string) => Promise<void>
  readonly discoverPollEndpoint: (input: DiscoverPollEndpointRequest) => Promise<DiscoverPollEndpointResponse>
  readonly submitTaskStateChange: (report: Report) => Promise<void>
  readonly close: () => void
}

export const createApi = (input: {
  readonly endpoint: string
  readonly signer: Signer
  readonly userAgent: string
  readonly clock: Clock
}): Api => {
  const url = new URL(input.endpoint.includes('://') ? input.endpoint : `https://${input.endpoint}`)
  const secure = url.protocol === 'https:'
  const options = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' } as const
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options)

  const send = (headers: Readonly<Record<string, string>>, body: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const make = secure ? httpsRequest : httpRequest
      const request = make(url, { method: 'POST', headers, agent }, response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > MOST_ANSWER_BYTES) request.destroy(new Error('the answer is too long'))
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      })
      const timer = input.clock.after(ROUND_TRIP_MS, () => request.destroy(new Error('no answer in 42 s')))
      request.on('error', reject)
      request.on('close', () => {
        timer.cancel()
        reject(new Error('the connection was closed before the answer'))
      })
      request.end(body)
    })

  const call = async (operation: string, members: object): Promise<unknown> => {
    const body = JSON.stringify(members)
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${TARGET}.${operation}`,
      'user-agent': input.userAgent,
      'content-length': String(Buffer.byteLength(body)),
    }
    const signed = await input.signer.sign({ method: 'POST', url, headers, body })
    let answer: { status: number; text: string }
    try {
      answer = await send(signed, body)
    } catch (error) {
      throw new ApiError('Unreachable', `${operation}: ${String(error)}`, 0, error)
    }
    if (answer.status !== 200) throw errorOf(operation, answer)
    return answer.text === '' ? {} : JSON.parse(answer.text)
  }

  return {
    registerContainerInstance: async members => asObject(await call('RegisterContainerInstance', members)),
    createCluster: async clusterName => {
      await call('CreateCluster', { clusterName })
    },
    discoverPollEndpoint: async members => asObject(await call('DiscoverPollEndpoint', members)),
    submitTaskStateChange: async report => {
      await call('SubmitTaskStateChange', report)
    },
    close: () => agent.destroy(),
  }
}

const asObject = (answer: unknown): object => (typeof answer === 'object' && answer !== null ? answer : {})

const errorOf = (operation: string, answer: { status: number; text: string }): ApiError => {
  let code = ''
  let message = answer.text.slice(0, 500)
  try {
    const parsed: { __type?: unknown; message?: unknown; Message?: unknown } = JSON.parse(answer.text)
    code = String(parsed.__type ?? '').replace(/^.*#/, '')
    message = String(parsed.message ?? parsed.Message ?? message)
  } catch {
    // Not from the API: a proxy's page.
  }
  return new ApiError(code || `Http${answer.status}`, `${operation}: ${message}`, answer.status)
}
