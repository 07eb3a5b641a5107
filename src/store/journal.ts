// What keeps a store's rows: sqlite/ now, a postgres/ sibling later, memory in tests. The store opens it once, loads, and then
// commits every transaction's changes in order.
import type { RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'

export type Journal = {
  /** `onFailure` is called at most once, also when it fails with no commit under way. Rejects with a RowJournalFailure. */
  readonly open: (onFailure: (failure: RowJournalFailure) => void) => Promise<RowJournal>
}
