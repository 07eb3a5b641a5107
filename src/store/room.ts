// Whether there is room on the disk to write in. Asked at start; while there is none the store is read-only, and each write
// that it refuses asks again. Used by open-store.ts.
import type { Log } from '../lib/log.ts'
import { type RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import { StoreFailure } from './store.ts'

export type Room = {
  /** Why nothing can be written; undefined when it can. */
  readonly missing: () => StoreFailure | undefined
  /** Looks again, one look at a time; the answer shows in `missing`. */
  readonly look: () => void
}

export const roomOf = async (journal: RowJournal, log: Log): Promise<Room> => {
  let missing = await roomMissing(journal)
  let looking = false
  if (missing) log.error({ code: missing.code }, missing.message)
  const look = async (): Promise<void> => {
    if (looking || !missing) return
    looking = true
    try {
      missing = await roomMissing(journal)
      if (!missing) log.info({}, 'there is room on the disk again: the store takes writes')
    } catch (error) {
      log.warn({ err: error }, 'could not look whether there is room on the disk')
    } finally {
      looking = false
    }
  }
  return { missing: () => missing, look: () => void look() }
}

const roomMissing = async (journal: RowJournal): Promise<StoreFailure | undefined> => {
  try {
    await journal.writable()
    return undefined
  } catch (error) {
    if (!(error instanceof RowJournalFailure && error.code === 'DISK_FULL')) throw error
    return new StoreFailure('DISK_FULL', `${error.message} Until then everything can be read, nothing changed.`, error)
  }
}
