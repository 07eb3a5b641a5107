// The start of a store: rows from the journal into the tables in memory, and the version of their shape. Called by
// open-store.ts, once.
import type { Log } from '../lib/log.ts'
import type { RowJournal, StoredRow } from '../lib/row-journal/row-journal.ts'
import { fillTable, type TableFill } from './fill-table.ts'
import type { Memory } from './memory.ts'
import { StoreFailure } from './store.ts'

/** The shape of the rows of tables.ts. Raised by a change that older code would read wrongly. */
export const SCHEMA_VERSION = 2

/** Our own row in the journal, beside the tables'. */
const SCHEMA_TABLE = 'stowage.schema'
const SCHEMA_KEY = 'version'

/** Fills the tables. Rows of tables that this version does not know stay in the journal, untouched. */
export const loadTables = async (journal: RowJournal, memory: Memory, log: Log): Promise<void> => {
  const fills = new Map<string, TableFill>()
  const unknown = new Map<string, number>()
  const lastRead = (): void => {
    for (const { end } of fills.values()) end()
  }
  for await (const page of journal.load(lastRead)) {
    for (const stored of page) {
      if (stored.table === SCHEMA_TABLE) {
        assertKnownVersion(stored)
        continue
      }
      const target = memory.named(stored.table)
      if (!target) {
        unknown.set(stored.table, (unknown.get(stored.table) ?? 0) + 1)
        continue
      }
      const row = parse(stored)
      // The row's own key, not the journal's: that one is a slice which would keep its whole page alive.
      const key = target.table.key(row)
      if (key !== stored.key) throw damaged(stored, `it says that its key is ${key}`)
      const fill = fills.get(stored.table) ?? fillTable(target)
      fills.set(stored.table, fill)
      fill.add(key, row)
    }
  }
  for (const [table, rows] of unknown)
    log.warn({ table, rows }, 'the journal has a table that this version does not know: left as it is')
}

export const writeSchemaVersion = (journal: RowJournal): Promise<void> =>
  journal.commit([{ table: SCHEMA_TABLE, key: SCHEMA_KEY, row: { version: SCHEMA_VERSION } }])

const assertKnownVersion = (stored: StoredRow): void => {
  const row = parse(stored)
  const version = typeof row === 'object' && row !== null && 'version' in row ? row.version : undefined
  if (typeof version !== 'number') throw damaged(stored, 'it has no version')
  if (version > SCHEMA_VERSION) {
    throw new StoreFailure(
      'NEWER',
      `the data is of version ${version}, this program knows up to ${SCHEMA_VERSION}: start the newer program that wrote it`,
    )
  }
}

const parse = (stored: StoredRow): unknown => {
  try {
    return JSON.parse(stored.json)
  } catch (error) {
    throw damaged(stored, 'it is not JSON', error)
  }
}

const damaged = (stored: StoredRow, why: string, cause?: unknown): StoreFailure =>
  new StoreFailure(
    'DAMAGED',
    `the row ${stored.table} ${stored.key} in the journal is damaged: ${why}. Restore the data directory from a backup.`,
    cause,
  )
