// A row journal that keeps nothing: for an agent whose memory may end with its process. Rows do not even become JSON, which is
// a tenth of what a simulated task costs its host.
import { type RowJournal, RowJournalFailure } from './row-journal.ts'

export const forgetfulRowJournal = (): RowJournal => {
  let closed = false
  return {
    load: nothing,
    commit: async () => {
      if (closed) throw new RowJournalFailure('CLOSED', 'the journal is closed')
    },
    writable: async () => {},
    close: async () => {
      closed = true
    },
  }
}

async function* nothing(lastRead?: () => void): AsyncGenerator<never> {
  lastRead?.()
  yield* []
}
