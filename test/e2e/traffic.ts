// Clients of a web service for tests: a steady number of requests a second, half of them on connections that are kept, half on a
// new one each. Never tries again: a request that fails, or is answered by anything but 200, is a failed request.
import { Agent, request } from 'node:http'

export type Traffic = {
  /** So far. */
  readonly counts: () => TrafficCounts
  /** The last text that was answered. */
  readonly lastText: () => string
  /** Resolves when the last request has its answer. */
  readonly end: () => Promise<TrafficCounts>
}

export type TrafficCounts = {
  readonly sent: number
  readonly answered: number
  /** What each failed request saw, with the time. */
  readonly failures: readonly string[]
  readonly texts: Readonly<Record<string, number>>
}

export type TrafficOptions = { readonly url: string; readonly perSecond: number }

/** More at once than a service that answers within 50 ms needs; beyond it the rate falls instead of the machine. */
const MOST_AT_ONCE = 64
const TICK_MS = 10
const PATIENCE_MS = 30_000

export const startTraffic = ({ url, perSecond }: TrafficOptions): Traffic => {
  const agents = [
    new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE / 2 }),
    new Agent({ keepAlive: false, maxSockets: MOST_AT_ONCE / 2 }),
  ] as const
  const failures: string[] = []
  const texts: Record<string, number> = {}
  let [sent, answered, open, owed] = [0, 0, 0, 0]
  let lastText = ''
  const { promise: drained, resolve: done } = Promise.withResolvers<void>()
  let ending = false

  const settled = (): void => {
    open--
    if (ending && open === 0) done()
  }
  const send = (): void => {
    const kept = sent % 2 === 0
    sent++
    open++
    const failed = (why: string): void => {
      failures.push(`${new Date().toISOString()} ${kept ? 'kept' : 'new'} connection: ${why}`)
      settled()
    }
    const asking = request(url, { agent: agents[kept ? 0 : 1], timeout: PATIENCE_MS }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('error', error => failed(`answer cut: ${error.message}`))
      response.on('end', () => {
        if (response.statusCode !== 200) return failed(`${response.statusCode} ${text.slice(0, 100)}`)
        answered++
        lastText = text.trim()
        texts[lastText] = (texts[lastText] ?? 0) + 1
        settled()
      })
    })
    asking.on('timeout', () => asking.destroy(new Error(`no answer in ${PATIENCE_MS} ms`)))
    asking.on('error', error => failed(error.message))
    asking.end()
  }
  let last = performance.now()
  const ticks = setInterval(() => {
    const now = performance.now()
    owed = Math.min(owed + (perSecond * (now - last)) / 1000, MOST_AT_ONCE)
    last = now
    for (; owed >= 1 && open < MOST_AT_ONCE; owed--) send()
  }, TICK_MS)

  const counts = (): TrafficCounts => ({ sent, answered, failures: [...failures], texts: { ...texts } })
  return {
    counts,
    lastText: () => lastText,
    end: async () => {
      clearInterval(ticks)
      ending = true
      if (open > 0) await drained
      for (const agent of agents) agent.destroy()
      return counts()
    },
  }
}
