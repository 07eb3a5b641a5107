// The connection to the Docker Engine: one call at a time limit, one kind of error, and sockets that stay open. Reads
// nothing else of ours. Before: every other file of docker/. After: dockerode and the engine's API.
import { Agent, request } from 'node:http'
import { inspect } from 'node:util'
import type Dockerode from 'dockerode'
import type { Clock } from '../../lib/clock.ts'
import { GOING_DOWN } from '../driver.ts'

/**
 * What Docker Engine answers between its SIGTERM and its end, some seconds later: containerd is gone already, or the networks' file
 * is closed, and so has no name.
 */
const LAST_WORDS =
  /transport is closing|the client connection is closing|failed to update store for object type .*: open : no such file/

/** What the engine answered, or why it did not. `message` is the engine's own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** Absent when there was no answer at all. */
  readonly status: number | undefined
  readonly timedOut: boolean
  readonly code: typeof GOING_DOWN | undefined

  constructor(
    message: string,
    more: { readonly status?: number; readonly timedOut?: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: more.cause })
    this.status = more.status
    this.timedOut = more.timedOut ?? false
    this.code = LAST_WORDS.test(message) ? GOING_DOWN : undefined
  }
}

export type Engine = {
  /** Runs one call that may be repeated without harm. Rejects with an EngineError, at the latest after `limitMs`. */
  readonly call: <T>(limitMs: number, run: (docker: Dockerode, signal: AbortSignal) => Promise<T>) => Promise<T>
  /**
   * One POST of JSON that may be repeated without harm, and its answer, by node:http alone: for what every task costs. Half the
   * CPU of the same call through dockerode. Rejects as `call` does.
   */
  readonly post: (limitMs: number, path: string, body?: object) => Promise<unknown>
  /** For streams: no time limit, the caller watches over it. Rejects with an EngineError. */
  readonly open: <T>(run: (docker: Dockerode) => Promise<T>) => Promise<T>
  readonly close: () => void
}

// dockerode writes every request's options, its agent included, into a debug line that it then throws away: with an
// open agent's sockets in it that is 1.4 ms of CPU a request, ten times the request itself. An agent that shows nothing
// of itself brings it to what node:http alone costs (0.12 ms).
class QuietAgent extends Agent {
  [inspect.custom](): string {
    return 'QuietAgent'
  }
}

export const openEngine = (options: { readonly socketPath: string; readonly clock: Clock }): Engine => {
  // Sockets above this number wait: the engine gains nothing from more at once than a host has containers in motion.
  const agent = new QuietAgent({ keepAlive: true, maxSockets: 64 })
  let loading: Promise<Dockerode> | undefined
  // Loaded when first used: dockerode brings 0.1 s of modules that a server without an agent never needs.
  const load = (): Promise<Dockerode> => {
    loading ??= import('dockerode').then(({ default: Docker }) => {
      // `host` undefined: else dockerode would follow DOCKER_HOST rather than the path it was given.
      const settings = { socketPath: options.socketPath, host: undefined, agent }
      return new Docker(settings)
    })
    return loading
  }

  const once = async <T>(limitMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = new AbortController()
    let expire: (error: EngineError) => void = () => {}
    const expired = new Promise<never>((_resolve, reject) => {
      expire = reject
    })
    const timer = options.clock.after(limitMs, () => {
      expire(new EngineError(`timed out after waiting ${spell(limitMs)}`, { timedOut: true }))
      limit.abort()
    })
    try {
      return await Promise.race([run(limit.signal), expired])
    } catch (error) {
      throw asEngineError(error)
    } finally {
      timer.cancel()
    }
  }

  const repeatable = async <T>(limitMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await once(limitMs, run)
    } catch (error) {
      // A kept socket that the engine closed (it was restarted) fails at the first use; the next one is new.
      if (isStaleSocket(error)) return await once(limitMs, run)
      throw error
    }
  }

  return {
    call: (limitMs, run) => repeatable(limitMs, async signal => run(await load(), signal)),
    post: (limitMs, path, body) =>
      repeatable(limitMs, signal => post({ socketPath: options.socketPath, agent, path, signal }, body)),
    open: async run => {
      try {
        return await run(await load())
      } catch (error) {
        throw asEngineError(error)
      }
    },
    close: () => agent.destroy(),
  }
}

/** Longer than any answer to what is posted here. */
const MOST_ANSWER = 1024 * 1024

const post = (
  to: { readonly socketPath: string; readonly agent: Agent; readonly path: string; readonly signal: AbortSignal },
  body: object | undefined,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const sent = request({ ...to, method: 'POST', headers }, answer => {
      let said = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        said += chunk
        if (said.length > MOST_ANSWER) sent.destroy(new Error('the answer is too long'))
      })
      answer.on('error', reject)
      answer.on('end', () => {
        try {
          resolve(answerOf(answer.statusCode ?? 0, said))
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })

const answerOf = (status: number, text: string): unknown => {
  if (status >= 200 && status < 300) return text === '' ? {} : JSON.parse(text)
  throw new EngineError(`Error response from daemon: ${messageIn(text)}`, { status })
}

/** `{"message":"No such container: a"}`; nothing with 304. */
const messageIn = (text: string): string => {
  try {
    const { message } = JSON.parse(text)
    return String(message).trim()
  } catch {
    return text.trim()
  }
}

const isStaleSocket = (error: unknown): boolean =>
  error instanceof EngineError && error.cause instanceof Error && 'code' in error.cause && isReset(error.cause.code)

const isReset = (code: unknown): boolean => code === 'ECONNRESET' || code === 'EPIPE'

/** dockerode puts `(HTTP code 409) unexpected - ` before what the engine said. */
const DOCKERODE_PREFIX = /^\(HTTP code \d+\) .*? - /s

export const asEngineError = (error: unknown): EngineError => {
  if (error instanceof EngineError) return error
  if (!(error instanceof Error)) return new EngineError(String(error), { cause: error })
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined
  if (status === undefined) return new EngineError(error.message, { cause: error })
  const said = `Error response from daemon: ${error.message.replace(DOCKERODE_PREFIX, '').trim()}`
  return new EngineError(said, { status, cause: error })
}

/** The HTTP status of an answer; undefined when the engine did not answer. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof EngineError ? error.status : undefined

/** A duration as the ECS agent writes it: `4m0s`, `30s`. */
export const spell = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds % 60}s`
}
