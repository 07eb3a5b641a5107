// One open websocket of an agent, ACS or TCS: text in and out, and whether the other side still lives.
// Before: start.ts opens it. After: session.ts and telemetry.ts say what the frames mean.
import type { LinkSocket } from '../agent-link/socket.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { DispatcherSettings } from './settings.ts'

/**
 * Close codes, by what an ECS agent makes of them: it comes back from 1000, 1001 and 1011 at once, from any other after its
 * back-off. https://www.rfc-editor.org/rfc/rfc6455#section-7.4
 */
export const CLOSE = { refused: 1008, restart: 1012, tryLater: 1013 } as const

export type LinkParts = {
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  readonly settings: DispatcherSettings
  /** False: the frame was not understood. */
  readonly receive: (text: string) => boolean
  readonly closed: () => void
}

export class AgentLink {
  readonly #socket: LinkSocket
  readonly #settings: DispatcherSettings
  readonly closed: Promise<void>
  #open = true
  #missed = 0
  #unansweredProbes = 0
  #heardAt: number
  #cut = false
  #badFrames = 0

  constructor(socket: LinkSocket, { clock, log, settings, receive, closed }: LinkParts) {
    this.#socket = socket
    this.#heardAt = clock.now()
    const heard = (): void => {
      this.#missed = 0
      this.#unansweredProbes = 0
      this.#heardAt = clock.now()
    }
    this.#settings = settings
    const ended = Promise.withResolvers<void>()
    this.closed = ended.promise
    socket.listen({
      message: text => {
        if (!this.#open) return
        heard()
        if (receive(text) || this.#badFrames >= settings.loggedBadFrames) return
        this.#badFrames += 1
        log.warn({ last: this.#badFrames === settings.loggedBadFrames }, 'Ignored a frame that is no message we know')
      },
      pong: heard,
      // A frame over the limit, a protocol error, a broken connection.
      error: error => log.info({ error: error.message }, 'The link of an agent broke'),
      close: () => {
        this.#open = false
        // That the other side ended it is the last that was heard of it.
        if (!this.#cut) heard()
        closed()
        ended.resolve()
      },
    })
  }

  send(text: string): void {
    if (this.#open) this.#socket.send(text)
  }

  /** When the other side last said anything, be it that it closes. */
  heardAt(): number {
    return this.#heardAt
  }

  /** For a link whose agent need not answer heartbeats. */
  ping(): void {
    if (this.#open) this.#socket.ping()
  }

  /** Once a period. False, and the link is cut, when nothing has come for too many of them. */
  beat(): boolean {
    if (!this.#open || this.#missed >= this.#settings.missedHeartbeats) {
      this.#cutOff()
      return false
    }
    this.#missed += 1
    return true
  }

  /** Once a probe period: asks whether the other side is still there, and cuts the link when it has not said so too often. */
  probe(): void {
    if (!this.#open) return
    if (this.#unansweredProbes >= this.#settings.missedProbes) {
      this.#cutOff()
      return
    }
    this.#unansweredProbes += 1
    this.#socket.ping()
  }

  #cutOff(): void {
    this.#cut = true
    this.#socket.terminate()
  }

  /** Nothing is received or sent from here on. */
  close(code: number, reason: string): void {
    this.#open = false
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
