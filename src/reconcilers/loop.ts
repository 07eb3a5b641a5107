// The runner that every reconciler shares. A reconciler looks at one key at a time; this decides when: at start every
// key, then whichever a signal or its own wake-up names, and every key again each period, so that a lost signal costs time,
// not truth. Triggers for a key collapse while it waits; one run of a key at a time. A run that fails is tried again at
// the key's next activation, which its back-off postpones; an assertion is thrown out of the loop and ends the process.
// Before: a store watcher that turns changes into keys. After: the reconciler's `run`.
import { AssertionError } from '../lib/assert.ts'
import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { type Store, StoreFailure } from '../store/store.ts'

export type LoopStatus = {
  /** Milliseconds since the epoch; absent before the first run. */
  readonly lastRunAt?: number
  /** What the last run did, in a few words. */
  readonly lastResult?: string
  /** Keys that wait for a run or are in one. */
  readonly backlog: number
}

export type Reconciler = {
  readonly name: string
  readonly status: () => LoopStatus
  /** Starts no more runs; resolves when those under way have ended. */
  readonly stop: () => Promise<void>
}

/** What every reconciler is made from; `settings` and `limits` replace single ones of its own. */
export type ReconcilerInput<Settings> = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings?: Partial<Settings>
  readonly limits?: Partial<LoopLimits>
  /** Where a bug goes; without it, it ends the process. */
  readonly onBug?: (error: unknown) => void
}

export type RunResult = {
  /** In a few words; undefined when there was nothing to do. */
  readonly did?: string | undefined
  /** The key is to be looked at again at once: a limit cut the work short, or what it rested on had changed. */
  readonly again?: boolean
  /** The key is to be looked at again at this time, if nothing wakes it before. */
  readonly wakeAt?: number | undefined
  /** Signals of this time after the run are answered by one run at its end: what a costly run does not see at once, it sees together. */
  readonly restMs?: number
}

export type LoopSpec = {
  readonly name: string
  readonly clock: Clock
  readonly ids: Pick<Ids, 'fraction'>
  readonly log: Log
  readonly limits: LoopLimits
  /** Every key that there is work to look for under. Read at start and each period. */
  readonly keys: () => Iterable<string>
  readonly run: (key: string) => Promise<RunResult>
  /** Runs wait for it, while it gives one: the disk is behind (Store.caughtUp). */
  readonly caughtUp?: () => Promise<void> | undefined
  /** Where a bug goes; the default throws it out of the event loop, which ends the process. */
  readonly onBug?: (error: unknown) => void
}

export type LoopLimits = {
  /** How often every key is looked at without a signal. */
  readonly periodMs: number
  /** Runs under way at once: more than one so that their commits share an fsync, few so that the API gets its turns. */
  readonly concurrentRuns: number
  readonly backoff: BackoffPolicy
}

export const LOOP_LIMITS: LoopLimits = {
  periodMs: 60_000,
  concurrentRuns: 16,
  // A failure here is the journal's or a bug that did not assert: soon enough to heal, too seldom to fill a disk with log.
  backoff: { firstMs: 500, mostMs: 30_000, factor: 2, jitter: 0.2 },
}

/** The longest wait of a run that failed because the store takes no writes. */
const REFUSED_MOST_MS = 2_000

export type Loop = Reconciler & {
  readonly trigger: (key: string) => void
  /** The same for news that can wait so long: by then much of it has gathered. */
  readonly triggerWithin: (key: string, ms: number) => void
}

export const startLoop = (spec: LoopSpec): Loop => new RunningLoop(spec)

class RunningLoop implements Loop {
  readonly #spec: LoopSpec
  /** Keys to look at, in the order in which they were first named. */
  readonly #waiting = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  /** The one wake-up a key has: the earliest asked for. */
  readonly #wakeups = new Map<string, { readonly at: number; readonly timer: Timer }>()
  /** Keys whose last runs failed: how often, and when the next is allowed. */
  readonly #failed = new Map<string, { readonly times: number; readonly notBefore: number }>()
  /** Until when signals for a key gather. */
  readonly #resting = new Map<string, number>()
  #status: { lastRunAt?: number; lastResult?: string } = {}
  #periodic: Timer | undefined
  #pumping = false
  #stopped = false

  constructor(spec: LoopSpec) {
    this.#spec = spec
    this.#triggerAll()
  }

  get name(): string {
    return this.#spec.name
  }

  status = (): LoopStatus => ({ ...this.#status, backlog: this.#waiting.size + this.#running.size })

  trigger = (key: string): void => {
    if (this.#stopped) return
    const failed = this.#failed.get(key)
    if (failed !== undefined && failed.notBefore > this.#spec.clock.now()) return
    const restsUntil = this.#resting.get(key)
    if (restsUntil !== undefined && restsUntil > this.#spec.clock.now()) {
      this.#wake(key, restsUntil)
      return
    }
    this.#resting.delete(key)
    this.#waiting.add(key)
    this.#pump().catch(this.#bug)
  }

  // One that is in its back-off is woken at its end.
  triggerWithin = (key: string, ms: number): void => {
    if (!this.#waiting.has(key)) this.#wake(key, this.#spec.clock.now() + ms)
  }

  stop = async (): Promise<void> => {
    this.#stopped = true
    this.#waiting.clear()
    this.#periodic?.cancel()
    for (const { timer } of this.#wakeups.values()) timer.cancel()
    this.#wakeups.clear()
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #triggerAll = (): void => {
    if (this.#stopped) return
    for (const key of this.#spec.keys()) this.trigger(key)
    this.#periodic = this.#spec.clock.after(this.#spec.limits.periodMs, this.#triggerAll)
  }

  // Starts runs while there is room. A turn of the event loop before each: requests and the link come in between.
  #pump = async (): Promise<void> => {
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (;;) {
        await this.#spec.clock.turn()
        await this.#spec.caughtUp?.()
        const key = this.#next()
        if (key === undefined) return
        this.#waiting.delete(key)
        const run = this.#run(key).catch(this.#bug)
        this.#running.set(key, run)
        run.finally(() => {
          this.#running.delete(key)
          if (this.#waiting.size > 0) this.#pump().catch(this.#bug)
        })
      }
    } finally {
      this.#pumping = false
    }
  }

  #next = (): string | undefined => {
    if (this.#stopped || this.#running.size >= this.#spec.limits.concurrentRuns) return undefined
    for (const key of this.#waiting) if (!this.#running.has(key)) return key
    return undefined
  }

  #run = async (key: string): Promise<void> => {
    this.#wakeups.get(key)?.timer.cancel()
    this.#wakeups.delete(key)
    this.#status = { ...this.#status, lastRunAt: this.#spec.clock.now() }
    try {
      const { did, again = false, wakeAt, restMs = 0 } = await this.#spec.run(key)
      this.#failed.delete(key)
      if (did !== undefined) this.#status = { ...this.#status, lastResult: did }
      if (again) this.trigger(key)
      else {
        if (wakeAt !== undefined) this.#wake(key, wakeAt)
        if (restMs > 0) this.#rest(key, this.#spec.clock.now() + restMs)
      }
    } catch (error) {
      if (error instanceof AssertionError) throw error
      this.#postpone(key, error)
    }
  }

  #rest = (key: string, until: number): void => {
    this.#resting.set(key, until)
    // A signal that came while it ran.
    if (this.#waiting.delete(key)) this.#wake(key, until)
  }

  #postpone = (key: string, error: unknown): void => {
    const { clock, ids, limits, log, name } = this.#spec
    const times = (this.#failed.get(key)?.times ?? 0) + 1
    // The key has nothing to do with it, and much waits for the moment when there is room on the disk again.
    const refused = error instanceof StoreFailure
    const mostMs = refused ? Math.min(REFUSED_MOST_MS, limits.backoff.mostMs) : limits.backoff.mostMs
    const wait = backoffMs({ ...limits.backoff, mostMs }, times, ids.fraction())
    this.#failed.set(key, { times, notBefore: clock.now() + wait })
    const message = error instanceof Error ? error.message : String(error)
    this.#status = { ...this.#status, lastResult: `failed: ${message}` }
    const say = refused && times > 1 ? log.debug : log.warn
    say({ loop: name, key, times, retryInMs: wait, err: error }, 'A run failed and will be tried again')
    this.#wake(key, clock.now() + wait)
  }

  #wake = (key: string, at: number): void => {
    if (this.#stopped) return
    const known = this.#wakeups.get(key)
    if (known !== undefined && known.at <= at) return
    known?.timer.cancel()
    const fire = (): void => {
      this.#wakeups.delete(key)
      this.trigger(key)
    }
    const timer = this.#spec.clock.after(Math.max(0, Math.min(at - this.#spec.clock.now(), MOST_TIMER_MS)), fire)
    this.#wakeups.set(key, { at, timer })
  }

  #bug = (error: unknown): void => {
    const thrown = (): void => {
      throw error
    }
    if (this.#spec.onBug === undefined) queueMicrotask(thrown)
    else this.#spec.onBug(error)
  }
}

/** A timer's longest wait is 2^31 - 1 ms; a key woken early only looks again. */
const MOST_TIMER_MS = 24 * 3_600_000
