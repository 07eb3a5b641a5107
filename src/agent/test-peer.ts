// For tests: the least server that an agent can talk to, over real HTTP and websockets. It says what a test tells it to say and
// remembers what it heard.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export type Heard = Readonly<Record<string, unknown>> & { readonly type?: string }
export type Call = { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }

export type TestPeer = {
  readonly endpoint: string
  readonly calls: Call[]
  /** Frames of both links, in order. */
  readonly frames: { readonly link: 'acs' | 'tcs'; readonly text: string }[]
  readonly upgrades: { readonly url: string; readonly headers: IncomingMessage['headers'] }[]
  /** What an operation answers, instead of its default. */
  readonly answers: Map<string, (input: Call['input']) => { readonly status: number; readonly body: unknown }>
  /** The body with which the next handshakes are refused. */
  refuse: string | undefined
  /** Closes the next links as soon as they are open, as a server that can't serve now. */
  unwilling: boolean
  readonly send: (link: 'acs' | 'tcs', type: string, message: object) => void
  /** Exactly these characters, as one frame. */
  readonly sendText: (link: 'acs' | 'tcs', text: string) => void
  readonly drop: () => void
  /** Resolves with what `find` finds, as soon as there is such a thing. */
  readonly until: <T>(find: () => T | undefined) => Promise<T>
  readonly close: () => Promise<void>
}

export const INSTANCE = 'arn:aws:ecs:us-east-1:000000000000:container-instance/default/0123456789abcdef0123456789abcdef'

export const testPeer = async (port = 0): Promise<TestPeer> => {
  const sockets = new Map<'acs' | 'tcs', WebSocket>()
  const waiting = new Set<() => void>()
  const happened = (): void => {
    for (const look of waiting) look()
  }
  const http = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const input = JSON.parse(text)
    const answer = peer.answers.get(operation)?.(input) ?? {
      status: 200,
      body: defaultAnswer(operation, peer.endpoint),
    }
    peer.calls.push({ operation, input })
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(answer.body))
    happened()
  })
  const websockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, socket, head) => {
    const url = request.url ?? ''
    peer.upgrades.push({ url, headers: request.headers })
    if (peer.refuse !== undefined) {
      const length = Buffer.byteLength(peer.refuse)
      socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${peer.refuse}`)
      return happened()
    }
    const link = url.startsWith('/acs/') ? 'acs' : 'tcs'
    websockets.handleUpgrade(request, socket, head, ws => {
      if (peer.unwilling) ws.close(1013, 'ServerException')
      sockets.set(link, ws)
      ws.on('message', data => {
        peer.frames.push({ link, text: String(data) })
        happened()
      })
      happened()
    })
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const peer: TestPeer = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    calls: [],
    frames: [],
    upgrades: [],
    answers: new Map(),
    refuse: undefined,
    unwilling: false,
    send: (link, type, message) => sockets.get(link)?.send(JSON.stringify({ type, message })),
    sendText: (link, text) => sockets.get(link)?.send(text),
    drop: () => {
      for (const socket of sockets.values()) socket.terminate()
    },
    until: find =>
      new Promise(resolve => {
        const look = (): void => {
          const found = find()
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: async () => {
      for (const socket of sockets.values()) socket.terminate()
      websockets.close()
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return peer
}

const defaultAnswer = (operation: string, endpoint: string): unknown => {
  if (operation === 'RegisterContainerInstance') return { containerInstance: { containerInstanceArn: INSTANCE } }
  if (operation === 'DiscoverPollEndpoint') return { endpoint: `${endpoint}/acs`, telemetryEndpoint: `${endpoint}/tcs` }
  return { acknowledgment: 'ok' }
}
