// The time of a simulated world: one heap of what falls due, taken one by one; in between all promises settle. Nothing in
// the world uses real time, threads or sockets, so the same events in the same order follow from the same seed.
// Each process of the world (a life) has a clock of its own on it, which stops when the process dies, and may be wrong.
import { type Clock, sleepOn, type Timer } from '../../src/lib/clock.ts'

export type WorldClock = {
  /** Milliseconds since the world began. */
  readonly now: () => number
  readonly after: (ms: number, fn: () => void) => Timer
  /** Runs what falls due until then. */
  readonly advanceTo: (at: number) => Promise<void>
  /** How much has fallen due so far. */
  readonly events: () => number
}

type Entry = {
  readonly at: number
  readonly order: number
  fn: (() => void) | undefined
}

export const worldClock = (): WorldClock => {
  const heap: Entry[] = []
  let now = 0
  let order = 0
  let events = 0
  const after = (ms: number, fn: () => void): Timer => {
    const entry: Entry = { at: now + Math.max(0, ms), order: order++, fn }
    push(heap, entry)
    return {
      cancel: () => {
        entry.fn = undefined
      },
    }
  }
  const advanceTo = async (at: number): Promise<void> => {
    await settled()
    for (let next = heap[0]; next && next.at <= at; next = heap[0]) {
      pop(heap)
      if (!next.fn) continue
      now = next.at
      events++
      next.fn()
      await settled()
    }
    now = Math.max(now, at)
  }
  return { now: () => now, after, advanceTo, events: () => events }
}

// When an immediate runs, the queue of microtasks was empty: everything that could go on without time passing has.
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const isBefore = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))

const swap = (heap: Entry[], a: number, b: number): void => {
  const [first, second] = [heap[a], heap[b]]
  if (first && second) [heap[a], heap[b]] = [second, first]
}

const push = (heap: Entry[], entry: Entry): void => {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap[at], heap[parent])) return
    swap(heap, at, parent)
    at = parent
  }
}

const pop = (heap: Entry[]): void => {
  swap(heap, 0, heap.length - 1)
  heap.pop()
  for (let at = 0; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2]
    const least = isBefore(heap[right], heap[left]) ? right : left
    if (!isBefore(heap[least], heap[at])) return
    swap(heap, at, least)
    at = least
  }
}

/** When the world begins, in epoch milliseconds. */
const EPOCH = 1_760_000_000_000

/** A process of the world. What it began is not heard of again when it is dead. */
export type Life = { alive: boolean }

/** `wrongBy`: how far this machine's idea of the time of day is off; its timers don't mind. */
export const clockOf = (world: WorldClock, life: Life, wrongBy: () => number): Clock => {
  const after: Clock['after'] = (ms, fn) =>
    world.after(Math.ceil(ms), () => {
      if (life.alive) fn()
    })
  return {
    now: () => EPOCH + world.now() + wrongBy(),
    after,
    sleep: (ms, signal) => sleepOn(after, ms, signal),
    turn: () => new Promise(resolve => after(0, resolve)),
  }
}
