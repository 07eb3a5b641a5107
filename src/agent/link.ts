// One websocket to the server, opened again whenever it ends: ACS or TCS. Signs the handshake, notices silence, and ends a
// connection that grew old, all by the ECS agent's timers. Before: session.ts and telemetry.ts. After: the server's dispatcher.
import type { LinkSocket } from '../agent-link/socket.ts'
import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Transport } from './transport.ts'

/** The ECS agent's. Something recognised must come at least this often, plus a random 0 to 100 %. */
const SILENCE_MS = 60_000
const HANDSHAKE_MS = 30_000
/** Plus a random 0 to 5 minutes. */
const AGE_MS = 30 * 60_000
const AGE_SPREAD_MS = 5 * 60_000
/** A connection that lasted this long was healthy: the next failure is a first one again. */
const HEALTHY_MS = 60_000
/** One that ended sooner was accepted only to be closed: no haste then. */
const ACCEPTED_MS = 1_000
/**
 * Where nobody listens, or a server says that it can't serve now, another try costs it little; one that starts again, or has room on its
 * disk again, has its agents back within this time: before it counts them as lost.
 */
const UNREACHABLE_MOST_MS = 5_000
/** The close codes of a server that restarts, or can't note that an agent is there. */
const NOT_NOW = [1012, 1013]
/** The close codes after which the ECS agent comes back at once. 1006: the connection just ended. */
const CLEAN = [1000, 1001, 1006, 1011]

/** How a connection, or the try, ended. */
export type LinkEnd =
  | { readonly type: 'closed'; readonly code: number; readonly lastedMs: number }
  | { readonly type: 'silent' }
  | { readonly type: 'unreachable'; readonly error: string }
  /** Answered, but not with a websocket: `exception` is the server's word (`InactiveInstanceException`), or ''. */
  | { readonly type: 'refused'; readonly status: number; readonly exception: string; readonly text: string }

export type LinkDeps = {
  readonly name: 'ACS' | 'TCS'
  /** Where to connect to, found anew after every failure. */
  readonly url: (afterFailure: boolean) => Promise<URL>
  readonly backoff: BackoffPolicy
  readonly recognised: ReadonlySet<string>
  readonly onOpen: (url: URL) => void
  readonly onMessage: (type: string, message: Readonly<Record<string, unknown>>) => void
  /** Before the next try; a number of ms overrides the back-off. */
  readonly onEnd: (end: LinkEnd) => Promise<number | undefined>
  readonly transport: Pick<Transport, 'signer' | 'connect'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

export class Link {
  readonly #deps: LinkDeps
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #socket: LinkSocket | undefined
  #held: PromiseWithResolvers<void> | undefined
  /** Said in the log, once an outage. */
  #unreachable = false

  constructor(deps: LinkDeps) {
    this.#deps = deps
    this.#loop = this.#run()
  }

  connected(): boolean {
    return this.#socket?.isOpen() ?? false
  }

  /** False when there is no connection: the caller says it again when there is. */
  send(frame: string): boolean {
    if (!this.#socket?.isOpen()) return false
    this.#socket.send(frame)
    return true
  }

  /** Ends the connection, and makes no other until `release`. */
  hold(why: string): void {
    this.#held ??= Promise.withResolvers()
    this.#socket?.close(1000, why)
  }

  release(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.release()
    this.#socket?.terminate()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { backoff, clock, ids, log, name } = this.#deps
    let failures = 0
    while (!this.#stop.signal.aborted) {
      await this.#held?.promise
      if (this.#stop.signal.aborted) return
      const end = await this.#once(failures > 0)
      if (this.#stop.signal.aborted) return
      const healthy = end.type === 'closed' && end.lastedMs >= HEALTHY_MS
      const atOnce = end.type === 'closed' && end.lastedMs >= ACCEPTED_MS && CLEAN.includes(end.code)
      failures = healthy || atOnce ? 0 : failures + 1
      const told = await this.#deps.onEnd(end)
      const mostMs = isPassing(end) ? Math.min(UNREACHABLE_MOST_MS, backoff.mostMs) : backoff.mostMs
      const wait = told ?? (failures === 0 ? 0 : backoffMs({ ...backoff, mostMs }, failures, ids.fraction()))
      log.debug({ link: name, end, wait }, 'The link ended')
      if (end.type === 'unreachable' && !this.#unreachable) {
        this.#unreachable = true
        log.warn({ link: name, error: end.error }, 'The server cannot be reached: trying on, and tasks go on')
      }
      if (wait > 0) await clock.sleep(wait, this.#stop.signal).catch(() => {})
    }
  }

  async #once(afterFailure: boolean): Promise<LinkEnd> {
    try {
      const url = await this.#deps.url(afterFailure)
      const headers = await this.#deps.transport.signer.sign({ method: 'GET', url }, { payloadHashHeader: false })
      if (this.#stop.signal.aborted || this.#held) return { type: 'closed', code: 1000, lastedMs: 0 }
      return await this.#connect(url, headers)
    } catch (error) {
      return { type: 'unreachable', error: String(error) }
    }
  }

  #connect(url: URL, headers: Readonly<Record<string, string>>): Promise<LinkEnd> {
    const { clock, ids, transport } = this.#deps
    const socket = transport.connect(url, headers)
    this.#socket = socket
    return new Promise(resolve => {
      let openedAt: number | undefined
      let silence: Timer | undefined
      let age: Timer | undefined
      let end: LinkEnd | undefined
      const patience = SILENCE_MS * (1 + ids.fraction())
      const handshake = clock.after(HANDSHAKE_MS, () => socket.terminate())
      const heard = (): void => {
        silence?.cancel()
        silence = clock.after(patience, () => {
          end = { type: 'silent' }
          socket.terminate()
        })
      }
      socket.listen({
        open: () => {
          handshake.cancel()
          openedAt = clock.now()
          if (this.#unreachable) this.#deps.log.warn({ link: this.#deps.name }, 'The server is reached again')
          this.#unreachable = false
          heard()
          const lifetime = AGE_MS + ids.fraction() * AGE_SPREAD_MS
          age = clock.after(lifetime, () => socket.close(1000, 'ConnectionExpired: Reconnect to continue'))
          this.#deps.onOpen(url)
        },
        message: text => this.#received(text, heard),
        refused: (status, text) => {
          end = refusalIn(status, text)
        },
        error: error => {
          end ??= openedAt === undefined ? { type: 'unreachable', error: String(error) } : undefined
        },
        close: code => {
          for (const timer of [handshake, silence, age]) timer?.cancel()
          const lastedMs = openedAt === undefined ? 0 : clock.now() - openedAt
          resolve(end ?? { type: 'closed', code, lastedMs })
        },
      })
    })
  }

  #received(text: string, heard: () => void): void {
    const frame = objectIn(text)
    if (!frame) {
      this.#deps.log.warn({ link: this.#deps.name }, 'A frame that is no JSON object was ignored')
      return
    }
    const { type, message } = frame
    if (typeof type !== 'string' || !this.#deps.recognised.has(type)) return
    heard()
    this.#deps.onMessage(type, isObject(message) ? message : {})
  }
}

/** The server's own trouble, rather than its word about this agent. */
const isPassing = (end: LinkEnd): boolean =>
  end.type === 'unreachable' ||
  (end.type === 'refused' && end.status >= 500) ||
  (end.type === 'closed' && NOT_NOW.includes(end.code))

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectIn = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

// `{"type": T, "message": {"message": ...}}` or `{T: text}`.
const refusalIn = (status: number, text: string): LinkEnd => {
  const exception = /"([A-Za-z]+Exception)"/.exec(text)?.[1] ?? ''
  return { type: 'refused', status, exception, text }
}
