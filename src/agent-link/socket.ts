// One end of a websocket, as much of it as both sides of the agent link use. Real ones are `ws`'s (websocket.ts); the
// simulation has links of its own under its virtual clock.

export type LinkSocket = {
  /** Once, by whoever was given the socket, before anything else is done with it. */
  readonly listen: (events: LinkEvents) => void
  /** True from the handshake's end until this side closes it or the connection ends. */
  readonly isOpen: () => boolean
  readonly send: (text: string) => void
  readonly ping: () => void
  /** Says goodbye; `close` follows when the other side has answered, or has not for long. */
  readonly close: (code: number, reason: string) => void
  /** Cuts the connection without a word; `close` follows. */
  readonly terminate: () => void
}

export type LinkEvents = {
  /** For the side that connects. */
  readonly open?: () => void
  /** For the side that connects: the handshake was answered, but not with a websocket. `error` and `close` may follow. */
  readonly refused?: (status: number, body: string) => void
  /** '' for a frame that is not text. */
  readonly message: (text: string) => void
  readonly pong?: () => void
  /** `close` follows. */
  readonly error: (error: Error) => void
  /** Last of all, once. 1006: the connection just ended. */
  readonly close: (code: number) => void
}
