// How the simulated agents of bench/scale.ts reach the server: the same signed calls and websockets as ever, but with an HTTP client
// that does no more than this needs. Both sides share the machine, and node:http's client costs 100 µs a call more, a quarter
// of what a task costs its agent: time that the server is to have. Before: agent/api.ts. After: the server's gateway.
import { connect, type Socket } from 'node:net'
import { type Answer, networkTransport, type Transport } from '../src/agent/transport.ts'

type Call = { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }
type Connection = { readonly socket: Socket; held: string; call: Call | undefined }

export const leanTransport = (input: Parameters<typeof networkTransport>[0]): Transport => {
  const { hostname, port } = input.endpoint
  const idle: Connection[] = []
  const all = new Set<Connection>()

  const open = (): Connection => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const connection: Connection = { socket, held: '', call: undefined }
    all.add(connection)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      connection.held += chunk
      const answer = wholeAnswer(connection)
      if (answer === undefined) return
      const { call } = connection
      connection.call = undefined
      idle.push(connection)
      call?.resolve(answer)
    })
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      all.delete(connection)
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      connection.call?.reject(new Error('the connection was closed before the answer'))
    })
    return connection
  }

  return {
    ...networkTransport(input),
    post: (url, headers, body, signal) =>
      new Promise((resolve, reject) => {
        const connection = idle.pop() ?? open()
        connection.call = { resolve, reject }
        signal.addEventListener('abort', () => connection.socket.destroy(), { once: true })
        let text = `POST ${url.pathname} HTTP/1.1\r\n`
        for (const name in headers) text += `${name}: ${headers[name]}\r\n`
        connection.socket.write(`${text}\r\n${body}`)
      }),
    close: () => {
      for (const { socket } of all) socket.destroy()
    },
  }
}

/** The server gives every answer its length, and its bodies here are ASCII. */
const wholeAnswer = (connection: Connection): Answer | undefined => {
  const { held } = connection
  const head = held.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(held.slice(0, head))?.[1])
  if (held.length < head + 4 + length) return undefined
  connection.held = ''
  return { status: Number(held.slice(9, 12)), text: held.slice(head + 4) }
}
