// What time it is and when to wake up. The only way to time: nothing else calls Date.now or a timer, so a test or the
// simulation can run the whole control plane under a virtual clock. `main.ts` makes the real one and passes it down.

export type Timer = { readonly cancel: () => void }

export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Runs `fn` once after `ms`. A pending timer does not keep the process alive. */
  readonly after: (ms: number, fn: () => void) => Timer
  /** Resolves after `ms`, or rejects with the signal's reason when that is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /**
   * Resolves in a later turn of the event loop, when what waits there has had its turn. Takes no time. One a turn, in the order
   * asked: the loops of a busy server each take some milliseconds, and all of them together would keep a request waiting for
   * their sum.
   */
  readonly turn: () => Promise<void>
}

/** Node.js takes no more, 24.8 days, and fires at once instead: a container's stopTimeout may be longer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock = (): Clock => {
  const after = (ms: number, fn: () => void): Timer => {
    let handle: NodeJS.Timeout
    const wait = (left: number): void => {
      const rest = left - LONGEST_TIMEOUT_MS
      handle = rest > 0 ? setTimeout(() => wait(rest), LONGEST_TIMEOUT_MS) : setTimeout(fn, left)
      handle.unref()
    }
    wait(ms)
    return { cancel: () => clearTimeout(handle) }
  }
  return { now: () => Date.now(), after, sleep: (ms, signal) => sleepOn(after, ms, signal), turn: turnByTurn() }
}

const turnByTurn = (): Clock['turn'] => {
  const waiting: (() => void)[] = []
  const next = (): void => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(next)
  }
  return () =>
    new Promise(resolve => {
      if (waiting.push(resolve) === 1) setImmediate(next)
    })
}

export type TestClock = Clock & {
  /** Moves time on by `ms`, running what falls due in order, and lets promises settle in between. */
  readonly advance: (ms: number) => Promise<void>
}

/** A clock that stands still until it is advanced. */
export const testClock = (start = 1_760_000_000_000): TestClock => {
  let now = start
  let order = 0
  let due: { at: number; order: number; fn: () => void }[] = []
  const after = (ms: number, fn: () => void): Timer => {
    const entry = { at: now + Math.max(0, ms), order: order++, fn }
    due.push(entry)
    return {
      cancel: () => {
        due = due.filter(other => other !== entry)
      },
    }
  }
  const advance = async (ms: number): Promise<void> => {
    const end = now + ms
    await turn()
    for (;;) {
      const next = due.filter(entry => entry.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!next) break
      due = due.filter(entry => entry !== next)
      now = Math.max(now, next.at)
      next.fn()
      await turn()
    }
    now = end
  }
  return { now: () => now, after, sleep: (ms, signal) => sleepOn(after, ms, signal), turn, advance }
}

// A turn of the event loop: everything that was already resolvable has run.
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export const sleepOn = (after: Clock['after'], ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
