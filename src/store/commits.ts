// What was changed in memory on its way to the disk: hands each transaction's changes to the journal, and tells writers,
// readers and watchers when they are durable, in the order of the transactions. Used by open-store.ts.
import { AssertionError } from '../lib/assert.ts'
import { MAX_BATCH_ROWS } from '../lib/row-journal/group-commit.ts'
import type { RowJournal } from '../lib/row-journal/row-journal.ts'
import type { Change, StoreFailure, Watcher } from './store.ts'

/** Rows that may wait for the disk before those who make many wait too: a batch of the journal's. */
const MOST_WAITING_ROWS = MAX_BATCH_ROWS

/**
 * Rows that are written while somebody waits, after which he goes all the same: some 50 ms. Callers of the API do not wait, and
 * many of them would hold up the loops for as long as they call.
 */
export const PATIENCE_ROWS = 8 * MAX_BATCH_ROWS

export type Commits = {
  /** Resolves when the changes are durable and the watchers have been called. */
  readonly commit: (changes: readonly Change[]) => Promise<void>
  /** Resolves when everything committed so far is durable. */
  readonly durable: () => Promise<void>
  /** Undefined while few rows wait, else resolves when few do, when many have been written since, or when the store has failed. */
  readonly caughtUp: () => Promise<void> | undefined
  readonly watch: (watcher: Watcher) => () => void
}

/** `fail` is called with what the journal rejected a commit with, and gives the failure that the store stops with. */
export const commitsTo = (journal: RowJournal, fail: (cause: unknown) => StoreFailure): Commits => {
  const watchers = new Set<Watcher>()
  let undelivered = 0
  let waitingRows = 0
  let writtenRows = 0
  let held: { readonly go: () => void; readonly until: number }[] = []
  let last: Promise<void> = Promise.resolve()

  const letAllGo = (): void => {
    for (const { go } of held) go()
    held = []
  }

  const deliver = (changes: readonly Change[]): void => {
    undelivered--
    waitingRows -= changes.length
    writtenRows += changes.length
    // One a delivered commit: let go together, they would all write before the first of them is behind again.
    if (undelivered === 0) letAllGo()
    else if (waitingRows < MOST_WAITING_ROWS || writtenRows >= (held[0]?.until ?? 0)) held.shift()?.go()
    for (const watcher of watchers) {
      try {
        watcher(changes)
      } catch (error) {
        // A bug that would leave a loop blind for good: it must end the process, not reject this promise.
        queueMicrotask(() => {
          throw new AssertionError('a watcher of the store threw', { cause: error })
        })
      }
    }
  }

  const commit = (changes: readonly Change[]): Promise<void> => {
    undelivered++
    waitingRows += changes.length
    const rows = changes.map(({ table, key, after }) => ({ table: table.name, key, row: after }))
    const delivery = journal.commit(rows).then(
      () => deliver(changes),
      (error: unknown) => {
        // Who waits is to find out.
        letAllGo()
        throw fail(error)
      },
    )
    // Nobody may be waiting for it; who asks later is told by `durable`.
    delivery.catch(() => {})
    last = delivery
    return delivery
  }

  return {
    commit,
    // The last one's delivery comes after all the others', and stays rejected once one has failed.
    durable: () => (undelivered === 0 ? Promise.resolve() : last),
    caughtUp: () => {
      if (waitingRows < MOST_WAITING_ROWS) return undefined
      return new Promise(go => held.push({ go, until: writtenRows + PATIENCE_ROWS }))
    },
    watch: watcher => {
      // Its own function, so that one watcher given twice is two watches.
      const own: Watcher = changes => watcher(changes)
      watchers.add(own)
      return () => {
        watchers.delete(own)
      }
    },
  }
}
