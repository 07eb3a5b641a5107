// Opens a store: loads the tables from the journal, then runs transactions in memory and hands what they change to the
// journal (commits.ts). `main.ts` opens the server's; tests use test-store.ts.
import { assert } from '../lib/assert.ts'
import type { Log } from '../lib/log.ts'
import { type RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import { commitsTo } from './commits.ts'
import type { Journal } from './journal.ts'
import { loadTables, writeSchemaVersion } from './load-tables.ts'
import { type AnyTable, createMemory, type Memory, readerOf } from './memory.ts'
import { type Room, roomOf } from './room.ts'
import { type Store, StoreFailure, type Transaction } from './store.ts'
import { runTransaction } from './transaction.ts'

/** Rejects with a StoreFailure: LOCKED, DAMAGED, NEWER, IO. With data on a full disk the store opens read-only instead. */
export const openStore = async (input: {
  readonly tables: readonly AnyTable[]
  readonly journal: Journal
  readonly log: Log
  /** Sees every row before it is put. Tests freeze rows by it; it may throw to refuse one. */
  readonly inspect?: (row: unknown) => void
}): Promise<Store> => {
  const { log, inspect = () => {} } = input
  const memory = createMemory(input.tables)
  const end = endOf(log)
  try {
    const journal = await input.journal.open(end.fail)
    try {
      await loadTables(journal, memory, log)
      const room = await roomOf(journal, log)
      if (!room.missing()) await writeSchemaVersion(journal)
      return storeOver({ memory, journal, room, end, inspect })
    } catch (error) {
      await journal.close()
      throw error
    }
  } catch (error) {
    throw storeFailure(error)
  }
}

const storeOver = (parts: {
  readonly memory: Memory
  readonly journal: RowJournal
  readonly room: Room
  readonly end: End
  readonly inspect: (row: unknown) => void
}): Store => {
  const { memory, journal, room, end, inspect } = parts
  const reader = readerOf(memory)
  const commits = commitsTo(journal, end.fail)
  let inTransaction = false
  let closed = false

  const durable = (): Promise<void> => {
    const failure = end.failed()
    return failure ? Promise.reject(failure) : commits.durable()
  }

  const write = <T>(fn: (tx: Transaction) => T): Promise<T> => {
    assert(!inTransaction, 'write was called inside a transaction')
    const failure = end.failed() ?? (closed ? new StoreFailure('CLOSED', 'the store is closed') : undefined)
    if (failure) return Promise.reject(failure)
    inTransaction = true
    try {
      const { result, changes, undo } = runTransaction(memory, reader, fn, inspect)
      if (changes.length === 0) return durable().then(() => result)
      const missing = room.missing()
      if (missing) {
        undo()
        room.look()
        return Promise.reject(missing)
      }
      return commits.commit(changes).then(() => result)
    } catch (error) {
      return Promise.reject(error)
    } finally {
      inTransaction = false
    }
  }

  return {
    ...reader,
    write,
    durable,
    caughtUp: () => (end.failed() ? undefined : commits.caughtUp()),
    watch: commits.watch,
    readOnly: room.missing,
    failed: end.failed,
    onFailure: end.onFailure,
    close: async () => {
      closed = true
      await journal.close()
      await commits.durable().catch(() => {})
    },
  }
}

/** The failure that stops the store: the first one, told once. */
type End = {
  readonly fail: (cause: unknown) => StoreFailure
  readonly failed: Store['failed']
  readonly onFailure: Store['onFailure']
}

const endOf = (log: Log): End => {
  const listeners: ((failure: StoreFailure) => void)[] = []
  let failure: StoreFailure | undefined
  return {
    fail: cause => {
      if (failure) return failure
      failure = storeFailure(cause)
      log.error({ code: failure.code, err: cause }, `the store stopped: ${failure.message}`)
      for (const listener of listeners) listener(failure)
      return failure
    },
    failed: () => failure,
    onFailure: listener => {
      listeners.push(listener)
    },
  }
}

const storeFailure = (error: unknown): StoreFailure => {
  if (error instanceof StoreFailure) return error
  if (error instanceof RowJournalFailure) return new StoreFailure(error.code, error.message, error)
  throw error
}
