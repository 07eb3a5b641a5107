// A loop that runs for what changes in the store: what all reconcilers have in common beyond the loop itself.
// Before: each loop's reconciler.ts. After: loop.ts.
import type { Change } from '../store/store.ts'
import { LOOP_LIMITS, type LoopSpec, type Reconciler, type ReconcilerInput, startLoop } from './loop.ts'

/** A key to look at; with `withinMs` it may wait that long for others of its kind. */
export type Due = string | { readonly key: string; readonly withinMs: number }

export type Work = Pick<LoopSpec, 'name' | 'keys' | 'run'> & {
  /** Which keys a change is news for, maybe several times. */
  readonly touched: (change: Change) => Iterable<Due>
}

export const startReconciler = (
  { store, limits, settings: _, ...parts }: ReconcilerInput<unknown>,
  { touched, ...work }: Work,
): Reconciler => {
  const loop = startLoop({
    ...parts,
    ...work,
    limits: { ...LOOP_LIMITS, ...limits },
    caughtUp: store.caughtUp,
  })
  const unwatch = store.watch(changes => {
    for (const change of changes) {
      for (const due of touched(change)) {
        if (typeof due === 'string') loop.trigger(due)
        else loop.triggerWithin(due.key, due.withinMs)
      }
    }
  })
  return {
    name: loop.name,
    status: loop.status,
    stop: () => {
      unwatch()
      return loop.stop()
    },
  }
}
