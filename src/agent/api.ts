// The operations of the ECS API that an agent calls, signed, over connections that are kept open. Four operations by hand
// instead of the SDK's client: it would cost 15 MiB more, and cold start, in every agent.
// Before: registration.ts, session.ts, reporter.ts. After: transport.ts.
import type {
  DiscoverPollEndpointRequest,
  DiscoverPollEndpointResponse,
  RegisterContainerInstanceRequest,
  RegisterContainerInstanceResponse,
} from '@aws-sdk/client-ecs'
import type { Clock } from '../lib/clock.ts'
import type { Report } from './engine/report.ts'
import type { Answer, Transport } from './transport.ts'

const TARGET = 'AmazonEC2ContainerServiceV20141113'

/** The ECS agent's: longest round trip. */
const ROUND_TRIP_MS = 42_000

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
  readonly endpoint: URL
  readonly transport: Transport
  readonly userAgent: string
  readonly clock: Clock
}): Api => {
  const { endpoint: url, transport, clock } = input

  const send = async (headers: Readonly<Record<string, string>>, body: string): Promise<Answer> => {
    const patience = new AbortController()
    const timer = clock.after(ROUND_TRIP_MS, () => patience.abort(new Error('no answer in 42 s')))
    try {
      return await transport.post(url, headers, body, patience.signal)
    } finally {
      timer.cancel()
    }
  }

  const call = async (operation: string, members: object): Promise<unknown> => {
    const body = JSON.stringify(members)
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${TARGET}.${operation}`,
      'user-agent': input.userAgent,
      'content-length': String(Buffer.byteLength(body)),
    }
    const signed = await transport.signer.sign({ method: 'POST', url, headers, body })
    let answer: Answer
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
    close: () => transport.close(),
  }
}

const asObject = (answer: unknown): object => (typeof answer === 'object' && answer !== null ? answer : {})

const errorOf = (operation: string, answer: Answer): ApiError => {
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
