// How the agent reaches its server: signed API calls and websockets over the network. A parameter of startAgent, so that the
// simulation can put a network of its own in its place. Before: api.ts and link.ts. After: the server's gateway.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { WebSocket } from 'ws'
import type { LinkSocket } from '../agent-link/socket.ts'
import { websocket } from '../agent-link/websocket.ts'
import type { Clock } from '../lib/clock.ts'
import { localAddressTowards } from './local-address.ts'
import { type Credentials, createSigner, type Signer } from './signer.ts'

/** One connection a report under way, and a few for the rest. */
const SOCKETS = 16

/** The answer of an API is some kB; a larger one does not come from the API. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024

/** The largest payload: 100 tasks of 64 KiB and room to spare. */
const MOST_FRAME_BYTES = 16 * 1024 * 1024

type Headers = Readonly<Record<string, string>>

export type Answer = { readonly status: number; readonly text: string }

export type Transport = {
  readonly signer: Signer
  /** One API call; `signal` gives it up. Rejects when there is no answer. */
  readonly post: (url: URL, headers: Headers, body: string, signal: AbortSignal) => Promise<Answer>
  /** Begins to connect; `url` is http or https. */
  readonly connect: (url: URL, headers: Headers) => LinkSocket
  /** This host's own address, as the server's network sees it; `127.0.0.1` where that is loopback. Rejects when there is no way. */
  readonly localAddress: () => Promise<string>
  readonly close: () => void
}

export const networkTransport = (input: {
  readonly endpoint: URL
  readonly region: string
  readonly credentials: Credentials
  readonly clock: Clock
}): Transport => {
  const secure = input.endpoint.protocol === 'https:'
  const options = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' } as const
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options)
  const make = secure ? httpsRequest : httpRequest
  return {
    signer: createSigner(input.region, input.credentials, input.clock),
    post: (url, headers, body, signal) =>
      new Promise((resolve, reject) => {
        const request = make(url, { method: 'POST', headers, agent, signal }, response => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
            if (text.length > MOST_ANSWER_BYTES) request.destroy(new Error('the answer is too long'))
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', reject)
        })
        request.on('error', reject)
        request.on('close', () => reject(new Error('the connection was closed before the answer')))
        request.end(body)
      }),
    connect: (url, headers) => {
      const address = new URL(url)
      address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
      return websocket(new WebSocket(address, { headers, perMessageDeflate: false, maxPayload: MOST_FRAME_BYTES }))
    },
    localAddress: () => localAddressTowards(input.endpoint),
    close: () => agent.destroy(),
  }
}
