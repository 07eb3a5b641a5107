// Sends what the server is owed, at once when something changes: one report of a task at a time, ten tasks at a time, until the server
// has answered. Before: engine.ts says that a task changed; engine/report.ts works out what is owed. After: api.ts.
import type { BackoffPolicy } from '../lib/backoff.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { ApiError } from './api.ts'
import type { Owed, Report } from './engine/report.ts'

/** As the ECS agent: more would only queue at the server. */
export const TASKS_AT_A_TIME = 10

/** The ECS agent's: 1 s to 30 s, x1.3. */
const RETRY: BackoffPolicy = { firstMs: 1_000, mostMs: 30_000, factor: 1.3, jitter: 0.2 }

/** What won't be otherwise however often it is said: the report is dropped. The server knows no such status, or no such cluster. */
const REFUSALS: readonly string[] = ['InvalidParameterException', 'ClusterNotFoundException']

export type ReporterDeps = {
  readonly submit: (report: Report) => Promise<void>
  readonly owed: (arn: string) => Owed | undefined
  readonly acknowledged: (arn: string, owed: Owed) => void
  readonly durable: () => Promise<void>
  readonly payloadDurable: (arn: string) => Promise<void>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** A task whose report waits: for its time, or for another try. */
type Waiting = { readonly timer: Timer; readonly failures: number }

export class Reporter {
  readonly #deps: ReporterDeps
  /** In order of arrival; the value is how often it failed. */
  readonly #queue = new Map<string, number>()
  readonly #sending = new Set<string>()
  readonly #waiting = new Map<string, Waiting>()
  #ended = false

  constructor(deps: ReporterDeps) {
    this.#deps = deps
  }

  /** Something about this task changed. */
  look(arn: string): void {
    if (this.#ended || this.#sending.has(arn)) return
    const waiting = this.#waiting.get(arn)
    // One that failed keeps its place in the back-off, however often the task changes meanwhile.
    if (waiting && waiting.failures > 0) return
    this.#wake(arn)
  }

  /** The server answers again: what waited for another try goes now. */
  retryNow(): void {
    // A copy: what is not due yet waits again, behind those that are still to come.
    for (const [arn, { failures }] of [...this.#waiting]) if (failures > 0) this.#wake(arn)
  }

  end(): void {
    this.#ended = true
    for (const { timer } of this.#waiting.values()) timer.cancel()
    this.#queue.clear()
  }

  #wake(arn: string): void {
    const waiting = this.#waiting.get(arn)
    waiting?.timer.cancel()
    this.#waiting.delete(arn)
    this.#queue.set(arn, waiting?.failures ?? this.#queue.get(arn) ?? 0)
    this.#fill()
  }

  #fill(): void {
    for (const [arn, failures] of this.#queue) {
      if (this.#sending.size >= TASKS_AT_A_TIME) return
      this.#queue.delete(arn)
      // It is looked at again when its answer is there.
      if (this.#sending.has(arn)) continue
      const owed = this.#deps.owed(arn)
      if (!owed) continue
      const wait = owed.dueAt - this.#deps.clock.now()
      if (wait > 0) this.#wait(arn, wait, failures)
      else this.#send(arn, owed, failures)
    }
  }

  #send(arn: string, owed: Owed, failures: number): void {
    this.#sending.add(arn)
    this.#submit(owed).then(
      () => this.#answered(arn, owed),
      error => this.#failed(arn, owed, failures + 1, error),
    )
  }

  async #submit(owed: Owed): Promise<void> {
    const { report, needs } = owed
    if (needs === 'payload') await this.#deps.payloadDurable(report.task)
    if (needs === 'record') await this.#deps.durable()
    await this.#deps.submit(report)
  }

  #answered(arn: string, owed: Owed): void {
    this.#sending.delete(arn)
    if (this.#ended) return
    this.#deps.acknowledged(arn, owed)
    this.#queue.set(arn, 0)
    this.#fill()
  }

  #failed(arn: string, owed: Owed, failures: number, error: unknown): void {
    this.#sending.delete(arn)
    if (this.#ended) return
    const { ids, log, acknowledged } = this.#deps
    if (error instanceof ApiError && REFUSALS.includes(error.code)) {
      log.error({ task: arn, error: error.message }, 'The server refuses a report: it is dropped')
      acknowledged(arn, owed)
    } else {
      const wait = backoffMs(RETRY, failures, ids.fraction())
      log.debug({ task: arn, error: String(error), wait }, 'A report will be tried again')
      this.#wait(arn, wait, failures)
    }
    this.#fill()
  }

  #wait(arn: string, ms: number, failures: number): void {
    const timer = this.#deps.clock.after(ms, () => this.#wake(arn))
    this.#waiting.set(arn, { timer, failures })
  }
}
