// Opens the store and puts a core on it. The journal's thread starts, and reads its first rows, while this one loads the code of all
// the rest: 0.15 s of a start, of one without any data too. Before: serve.ts. After: core.ts.
import { join } from 'node:path'
import { openStore } from '../store/open-store.ts'
import { sqliteJournal } from '../store/sqlite/sqlite-journal.ts'
import { allTables } from '../store/tables.ts'
import type { Core } from './core.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import type { Parts, ServerOptions } from './options.ts'

/** Opens the journal and starts all that works on it; rejects, with nothing left running, when the journal can't be opened. */
export const openCore = async (options: ServerOptions, parts: Parts): Promise<Core> => {
  await makeDataDirectory(options.data)
  // The journal first: it is also the lock that keeps a second process out of this directory.
  const opening = openStore({
    tables: allTables,
    journal: sqliteJournal({ file: join(options.data, 'state.db') }),
    log: parts.log,
  })
  const [store, { startCore }] = await Promise.all([opening, import('./core.ts')])
  return startCore(store, options, parts)
}
