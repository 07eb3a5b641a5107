// A request as it came in, whole: what the gateway's handlers pass on.
// Before: the HTTP server. After: authenticate.ts, which vouches for it.
import type { IncomingMessage } from 'node:http'
import { AwsError } from './error.ts'

export type HttpRequest = {
  readonly method: string
  /** As sent: still percent-encoded. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** By lower-case name; values of a repeated header are joined with commas, as signing wants them. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** The caller went away before the whole body was there: there is nobody to answer. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

const NO_BODY = Buffer.alloc(0)

/** How far beyond the limit a body is still read, and thrown away, so that its sender reads our answer and not a reset. */
const DRAINED_BYTES = 16 * 1024 * 1024

export const headOf = (message: IncomingMessage): HttpRequest => {
  const url = message.url ?? '/'
  const mark = url.indexOf('?')
  const headers = new Map<string, string>()
  const raw = message.rawHeaders
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers,
    body: NO_BODY,
  }
}

/** What all requests being read or answered may hold in bodies together: bodies are read before anyone has signed for them. */
export type BodyBudget = { bytes: number; readonly most: number }

/**
 * Resolves with the body and the function that gives its bytes back to the budget. Rejects with AwsError for a body over
 * `mostBytes` (413) or over the budget (503), with CallerGone when the connection ends within it.
 */
export const readBody = (
  message: IncomingMessage,
  mostBytes: number,
  budget: BodyBudget,
): Promise<{ readonly body: Buffer; readonly release: () => void }> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let seen = 0
    let held = 0
    let refused: AwsError | undefined
    const release = (): void => {
      budget.bytes -= held
      held = 0
    }
    const refuse = (error: AwsError): void => {
      refused ??= error
      chunks.length = 0
      release()
    }
    message.on('data', (chunk: Buffer) => {
      seen += chunk.length
      if (seen > mostBytes) refuse(tooLarge(mostBytes))
      else if (budget.bytes + chunk.length > budget.most) refuse(tooMuchAtOnce())
      if (seen > mostBytes + DRAINED_BYTES) message.destroy()
      if (refused) return
      chunks.push(chunk)
      held += chunk.length
      budget.bytes += chunk.length
    })
    message.on('end', () => {
      if (refused) reject(refused)
      else resolve({ body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), release })
    })
    message.on('close', () => {
      if (message.complete) return
      release()
      reject(new CallerGone('The connection ended within the request'))
    })
    message.on('error', () => {}) // 'close' follows
  })

const tooMuchAtOnce = (): AwsError =>
  new AwsError('ServiceUnavailableException', 'Too many request bodies are being read at once.', { httpStatus: 503 })

const tooLarge = (mostBytes: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `The request body is longer than ${mostBytes} bytes.`, {
    httpStatus: 413,
  })
