// Stopped tasks whose containers are kept for a while, so that `docker logs` can still say why they stopped, and then removed:
// after a time, and never more than so many, so a task that fails again and again does not fill the disk.
// Before: engine.ts, when the server knows that a task stopped. After: engine.ts removes what is due.
import type { Clock, Timer } from '../../lib/clock.ts'

export type Keeping = { readonly taskCleanupWaitMs: number; readonly keptStoppedTasks: number }

export class Retired {
  readonly #clock: Clock
  readonly #keeping: Keeping
  readonly #due: (arn: string) => void
  /** When each is due, oldest first. */
  readonly #kept = new Map<string, number>()
  #timer: Timer | undefined
  #ended = false

  constructor(clock: Clock, keeping: Keeping, due: (arn: string) => void) {
    this.#clock = clock
    this.#keeping = keeping
    this.#due = due
  }

  add(arn: string, stoppedAt: number): void {
    if (this.#ended) return
    this.#kept.delete(arn)
    this.#kept.set(arn, stoppedAt + this.#keeping.taskCleanupWaitMs)
    // Over the bound there is no waiting for the oldest one's time: the timer that stands may be minutes away.
    if (this.#kept.size > this.#keeping.keptStoppedTasks) this.#timer?.cancel()
    else if (this.#timer) return
    this.#timer = this.#clock.after(0, () => this.#sweep())
  }

  end(): void {
    this.#ended = true
    this.#timer?.cancel()
  }

  #sweep(): void {
    this.#timer = undefined
    for (const [arn, at] of this.#kept) {
      const tooMany = this.#kept.size > this.#keeping.keptStoppedTasks
      const wait = at - this.#clock.now()
      if (wait > 0 && !tooMany) {
        this.#timer ??= this.#clock.after(wait, () => this.#sweep())
        return
      }
      this.#kept.delete(arn)
      this.#due(arn)
    }
  }
}
