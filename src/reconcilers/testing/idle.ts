// Waits for loops to have nothing left to do: for tests under a clock that stands still.
import { setImmediate as turn } from 'node:timers/promises'
import type { Reconciler } from '../loop.ts'

/** Turns of the event loop without a backlog after which nothing is under way: a commit's watchers are called within a few. */
const QUIET_TURNS = 20

export const idle = async (...reconcilers: readonly Pick<Reconciler, 'status'>[]): Promise<void> => {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    await turn()
    if (reconcilers.some(one => one.status().backlog > 0)) quiet = -1
  }
}
