// A `ws` websocket as a LinkSocket. Before: the dispatcher, which accepts it, and the agent's transport, which opens it.
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { LinkSocket } from './socket.ts'

/** Read of the answer to a handshake that was refused. */
const REFUSAL_BYTES = 1024

export const websocket = (ws: WebSocket): LinkSocket => ({
  listen: events => {
    ws.on('message', data => events.message(Buffer.isBuffer(data) ? data.toString() : ''))
    if (events.open) ws.once('open', events.open)
    if (events.pong) ws.on('pong', events.pong)
    const { refused } = events
    if (refused) {
      ws.once('unexpected-response', async (request, response) => {
        refused(response.statusCode ?? 0, await beginningOf(response))
        request.destroy()
      })
    }
    ws.on('error', events.error)
    ws.once('close', code => events.close(code))
  },
  isOpen: () => ws.readyState === WebSocket.OPEN,
  send: text => ws.send(text),
  ping: () => ws.ping(),
  close: (code, reason) => ws.close(code, reason),
  terminate: () => ws.terminate(),
})

const beginningOf = async (response: IncomingMessage): Promise<string> => {
  let text = ''
  try {
    for await (const chunk of response) {
      text += chunk
      if (text.length >= REFUSAL_BYTES) break
    }
  } catch {
    // What came until then will do.
  }
  return text.slice(0, REFUSAL_BYTES)
}
