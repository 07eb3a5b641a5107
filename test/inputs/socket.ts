// A link's other end for property tests: frames are handed in as if they came over the network, what is sent goes nowhere.
import assert from 'node:assert/strict'
import type { LinkEvents, LinkSocket } from '../../src/agent-link/socket.ts'

export type Mouth = { readonly socket: LinkSocket; readonly say: (frame: string) => void; readonly open: () => void }

export const mouth = (): Mouth => {
  let events: LinkEvents | undefined
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    events?.close(1006)
  }
  const heard = (): LinkEvents => events ?? assert.fail('nobody listens')
  return {
    socket: {
      listen: given => {
        events = given
      },
      isOpen: () => isOpen,
      send: text => assert.doesNotThrow(() => JSON.parse(text)),
      ping: () => {},
      close,
      terminate: close,
    },
    open: () => heard().open?.(),
    say: frame => heard().message(frame),
  }
}
