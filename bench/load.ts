// The other side of bench/api.ts, a process of its own: sends given HTTP requests, byte for byte, over so many connections at
// once, each next one when its answer is there. Reads a Load from standard input, prints what came of it.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { percentile } from '../test/e2e/percentile.ts'

export type Load = {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** Whole requests, sent in turn. */
  readonly requests: readonly string[]
}
export type LoadResult = {
  readonly answers: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
}

const run = async (load: Load): Promise<LoadResult> => {
  const requests = load.requests.map(request => Buffer.from(request))
  const times: number[] = []
  let next = 0
  let errors = 0
  const began = performance.now()
  const end = began + load.seconds * 1000
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
      let sentAt = 0
      let held: Buffer = Buffer.alloc(0)
      const send = () => {
        if (performance.now() >= end) {
          socket.destroy()
          return resolve()
        }
        sentAt = performance.now()
        socket.write(requests[next++ % requests.length] ?? '')
      }
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('data', (chunk: Buffer) => {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
        const head = held.indexOf('\r\n\r\n')
        if (head < 0) return
        const headers = held.toString('latin1', 0, head)
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1] ?? Number.NaN)
        if (Number.isNaN(length)) return reject(new Error(`an answer without a length: ${headers}`))
        if (held.length < head + 4 + length) return
        held = held.subarray(head + 4 + length)
        times.push(performance.now() - sentAt)
        if (!headers.startsWith('HTTP/1.1 200')) errors++
        send()
      })
    })
  await Promise.all(Array.from({ length: load.connections }, one))
  const perSecond = times.length / ((performance.now() - began) / 1000)
  return { answers: times.length, perSecond, p50: percentile(times, 0.5), p99: percentile(times, 0.99), errors }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await run(JSON.parse(await text(process.stdin)))))
