// A store for tests: the real one over a journal in memory. It freezes every row that is put, all the way down, so that code
// which changes a row in place throws where it does so, and refuses what would not come back from JSON as it was.
import { assert } from '../lib/assert.ts'
import { type Log, silentLog } from '../lib/log.ts'
import { type MemoryDisk, memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import type { AnyTable } from './memory.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'
import { allTables } from './tables.ts'

export const testStore = (
  input: {
    readonly tables?: readonly AnyTable[]
    readonly log?: Log
    /** Pass the same one again to reopen what an earlier store wrote. */
    readonly disk?: MemoryDisk
    /** Before batch `n` is written (the first is the store's own, at its opening): a delay, or a RowJournalFailure to fail it with. */
    readonly beforeWrite?: (n: number) => Promise<void> | void
    /** When the store asks whether there is room: a RowJournalFailure DISK_FULL makes it read-only. */
    readonly beforeWritable?: () => Promise<void> | void
  } = {},
): Promise<Store> => {
  const { tables = allTables, log = silentLog, ...journal } = input
  return openStore({
    tables,
    log,
    inspect: freeze,
    journal: { open: async onFailure => memoryRowJournal({ ...journal, onFailure }) },
  })
}

const freeze = (value: unknown): void => {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'a row holds a number that JSON has no form for')
    return
  }
  assert(typeof value === 'object', `a row holds a ${typeof value}, which JSON has no form for`)
  if (Object.isFrozen(value)) return
  const prototype = Object.getPrototypeOf(value)
  const plain = Array.isArray(value) || prototype === Object.prototype || prototype === null
  assert(plain, `a row holds a ${value.constructor?.name}: rows are plain data`)
  Object.freeze(value)
  for (const member of Object.values(value)) freeze(member)
}
