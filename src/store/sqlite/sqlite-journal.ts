// The journal of a single server: one SQLite file in the data directory, written by a thread of its own. A postgres/ sibling
// for several servers will offer the same.
import { openRowJournal } from '../../lib/row-journal/open-row-journal.ts'
import type { Journal } from '../journal.ts'

export const sqliteJournal = (input: { readonly file: string }): Journal => ({
  open: onFailure => openRowJournal({ file: input.file, onFailure }),
})
