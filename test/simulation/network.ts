// The network of a simulated world: calls and links between the server and everyone else, with what networks do to them. On a
// link frames keep their order, as on any TCP connection; a party that is cut off gets what was sent to it when it is back.
import type { LinkEvents, LinkSocket } from '../../src/agent-link/socket.ts'
import type { AskingForLink, LinkKind } from '../../src/dispatcher/start.ts'
import type { Chance } from './chance.ts'
import type { Faults } from './faults.ts'
import type { Life, WorldClock } from './world-clock.ts'

/** Who talks to the server: an agent or an operator. */
export type Party = { readonly name: string; readonly cutOffUntil: number }

/** The server as the network sees it; undefined while nobody listens. */
export type Listener = {
  readonly life: Life
  readonly open: (kind: LinkKind, asking: AskingForLink) => void
}

export type Network = {
  /** `serve` runs at the server; rejects when there is no answer, also though it was served. */
  readonly call: <T>(party: Party, serve: () => Promise<T>, options: CallOptions) => Promise<T>
  readonly connect: (party: Party, life: Life, url: URL) => LinkSocket
  /** No link stands still, unnoticed as yet by its ends. */
  readonly isCalm: () => boolean
  /** A process died: what it was part of breaks off. */
  readonly died: (life: Life) => void
}

export type CallOptions = {
  readonly signal?: AbortSignal
  readonly mayDouble: boolean
}

type End = {
  readonly life: Life
  events: LinkEvents | undefined
  open: boolean
  closed: boolean
  /** Nothing arrives before what was sent earlier. */
  lastAt: number
}

type Wire = {
  readonly party: Party
  readonly ends: readonly [agent: End, server: End]
  broken: boolean
  /** Nothing arrives any more, which neither side knows yet. */
  stalled: boolean
}

const CLOSE_PATIENCE_MS = 30_000
const LATE_DOUBLE_MS: readonly [number, number] = [10_000, 150_000]
const HALF_OPEN_MS: readonly [number, number] = [5_000, 200_000]

export const networkOf = (input: {
  readonly clock: WorldClock
  readonly chance: Chance
  readonly faults: Faults
  readonly listener: () => Listener | undefined
}): Network => {
  const { clock, chance, faults, listener } = input
  const wires = new Set<Wire>()
  const calls = new Set<{
    readonly life: Life
    readonly breakOff: () => void
  }>()

  const latency = (party: Party): number => {
    const cutOff = Math.max(0, party.cutOffUntil - clock.now())
    return cutOff + chance.between(1, faults.is('lateFrame') ? 3_000 : 5)
  }

  const call: Network['call'] = (party, serve, { signal, mayDouble }) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), {
        once: true,
      })
      const fail = (why: string): void => void clock.after(latency(party), () => reject(new Error(why)))
      const arrive = (answered: boolean): void => {
        const server = listener()
        if (!server) {
          fail('connect ECONNREFUSED')
          return
        }
        const under = {
          life: server.life,
          breakOff: () => fail('socket hang up'),
        }
        calls.add(under)
        const answer = (tell: () => void): void => {
          if (!calls.delete(under) || !answered) return
          if (faults.is('lostAnswer')) fail('read ECONNRESET')
          else clock.after(latency(party), tell)
        }
        serve().then(
          value => answer(() => resolve(value)),
          error => answer(() => reject(error)),
        )
      }
      if (faults.is('lostRequest')) {
        fail('write ECONNRESET')
        return
      }
      clock.after(latency(party), () => arrive(true))
      if (!mayDouble || !faults.is('doubleRequest')) return
      const late = faults.is('lateDouble') ? chance.between(...LATE_DOUBLE_MS) : 0
      clock.after(late + latency(party), () => arrive(false))
    })

  const deliver = (wire: Wire, to: End, tell: (events: LinkEvents | undefined) => void): void => {
    const at = Math.max(clock.now() + latency(wire.party), to.lastAt)
    to.lastAt = at
    clock.after(at - clock.now(), () => {
      if (!to.closed && to.life.alive) tell(to.events)
    })
  }

  const finish = (wire: Wire, end: End, code: number): void => {
    if (end.closed) return
    end.closed = true
    end.open = false
    if (wire.ends.every(one => one.closed || !one.life.alive)) wires.delete(wire)
    if (end.life.alive) end.events?.close(code)
  }

  const breakOff = (wire: Wire): void => {
    if (wire.broken) return
    wire.broken = true
    wire.stalled = true
    const halfOpen = chance.happens(0.3) ? chance.between(0, 1) : undefined
    for (const [at, end] of wire.ends.entries()) {
      const wait = at === halfOpen && faults.on() ? chance.between(...HALF_OPEN_MS) : chance.between(0, 20)
      clock.after(wait, () => finish(wire, end, 1006))
    }
  }

  const frame = (wire: Wire, from: End, to: End, tell: (events: LinkEvents | undefined) => void): void => {
    if (!from.open || wire.stalled) return
    if (faults.is('lostFrame')) {
      // On a connection nothing comes after what was lost: it stands still until one side gives up.
      wire.stalled = true
      clock.after(chance.between(...HALF_OPEN_MS), () => breakOff(wire))
      return
    }
    const arrives = (events: LinkEvents | undefined): void => {
      if (!wire.stalled) tell(events)
    }
    deliver(wire, to, arrives)
    if (faults.is('doubleFrame')) deliver(wire, to, arrives)
    if (faults.is('brokenLink')) breakOff(wire)
  }

  const socketOf = (wire: Wire, from: End, to: End): LinkSocket => ({
    listen: events => {
      from.events = events
    },
    isOpen: () => from.open,
    send: text => frame(wire, from, to, events => events?.message(text)),
    ping: () => frame(wire, from, to, () => frame(wire, to, from, events => events?.pong?.())),
    close: code => {
      from.open = false
      deliver(wire, to, () => {
        deliver(wire, from, () => finish(wire, from, code))
        finish(wire, to, code)
      })
      clock.after(CLOSE_PATIENCE_MS, () => finish(wire, from, 1006))
    },
    terminate: () => {
      from.open = false
      clock.after(0, () => finish(wire, from, 1006))
      deliver(wire, to, () => finish(wire, to, 1006))
    },
  })

  const ask = (wire: Wire, url: URL): void => {
    const [agent, server] = wire.ends
    const refused = (why: string): void =>
      deliver(wire, agent, events => {
        events?.error(new Error(why))
        finish(wire, agent, 1006)
      })
    const found = listener()
    if (agent.closed || !agent.life.alive) return
    if (!found || found.life !== server.life) {
      refused('connect ECONNREFUSED')
      return
    }
    found.open(url.pathname.startsWith('/acs/') ? 'acs' : 'tcs', {
      url: `${url.pathname}${url.search}`,
      accept: opened => {
        server.open = true
        opened(socketOf(wire, server, agent))
        deliver(wire, agent, events => {
          agent.open = true
          events?.open?.()
        })
      },
      refuse: ({ type, message }) =>
        deliver(wire, agent, events => {
          events?.refused?.(400, JSON.stringify({ [type]: message }))
          events?.error(new Error('Unexpected server response: 400'))
          finish(wire, agent, 1006)
        }),
      drop: () => refused('socket hang up'),
    })
  }

  const NOBODY: Life = { alive: false }
  const connect: Network['connect'] = (party, life, url) => {
    const end = (of: Life): End => ({
      life: of,
      events: undefined,
      open: false,
      closed: false,
      lastAt: 0,
    })
    const agent = end(life)
    let wire: Wire = { party, ends: [agent, end(NOBODY)], broken: false, stalled: false }
    const begin = (): void => {
      // Whoever listens when the connection arrives is its other end.
      wire = {
        party,
        ends: [agent, end(listener()?.life ?? NOBODY)],
        broken: false,
        stalled: false,
      }
      wires.add(wire)
      ask(wire, url)
    }
    clock.after(latency(party), begin)
    const other = (): LinkSocket => socketOf(wire, agent, wire.ends[1])
    return {
      listen: events => {
        agent.events = events
      },
      isOpen: () => agent.open,
      send: text => other().send(text),
      ping: () => other().ping(),
      close: (code, reason) => other().close(code, reason),
      terminate: () => other().terminate(),
    }
  }

  const died = (life: Life): void => {
    for (const under of [...calls]) {
      if (under.life === life && calls.delete(under)) under.breakOff()
    }
    for (const wire of wires) {
      if (wire.ends.some(one => one.life === life)) breakOff(wire)
    }
  }
  const isCalm = (): boolean => [...wires].every(({ stalled }) => !stalled)
  return { call, connect, died, isCalm }
}
