// One open websocket of an agent, ACS or TCS: text in and out, and whether the other side still lives.
// Before: start.ts opens it. After: session.ts and telemetry.ts say what the frames mean.
import type { LinkSocket } from '../agent-link/socket.ts'
import type { Log } from '../lib/log.ts'
import type { DispatcherSettings } from './settings.ts'

/**
 * Close codes, by what an ECS agent makes of them: it comes back from 1000, 1001 and 1011 at once, from any other after its
 * back-off. https://www.rfc-editor.org/rfc/rfc6455#section-7.4
 */
export const CLOSE = { refused: 1008, restart: 1012, tryLater: 1013 } as const

export type LinkParts = {
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
  #badFrames = 0

  constructor(socket: LinkSocket, { log, settings, receive, closed }: LinkParts) {
    this.#socket = socket
    this.#settings = settings
    const ended = Promise.withResolvers<void>()
    this.closed = ended.promise
    socket.listen({
      message: text => {
        if (!this.#open) return
        this.#missed = 0
        if (receive(text) || this.#badFrames >= settings.loggedBadFrames) return
        this.#badFrames += 1
        log.warn({ last: this.#badFrames === settings.loggedBadFrames }, 'Ignored a frame that is no message we know')
      },
      pong: () => {
        this.#missed = 0
      },
      // A frame over the limit, a protocol error, a broken connection.
      error: error => log.info({ error: error.message }, 'The link of an agent broke'),
      close: () => {
        this.#open = false
        closed()
        ended.resolve()
      },
    })
  }

  send(text: string): void {
    if (this.#open) this.#socket.send(text)
  }

  /** For a link whose agent need not answer heartbeats. */
  ping(): void {
    if (this.#open) this.#socket.ping()
  }

  /** Once a period. False, and the link is cut, when nothing has come for too many of them. */
  beat(): boolean {
    if (!this.#open || this.#missed >= this.#settings.missedHeartbeats) {
      this.#socket.terminate()
      return false
    }
    this.#missed += 1
    return true
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
