// Opens a store: loads the tables from the journal, then runs transactions in memory, hands their changes to the journal,
// and tells writers, readers and watchers when these are durable. `main.ts` opens the server's; tests use test-store.ts.
import { AssertionError, assert } from '../lib/assert.ts'
import type { Log } from '../lib/log.ts'
import { RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import type { Journal } from './journal.ts'
import { loadTables, openSchema } from './load-tables.ts'
import { type AnyTable, createMemory, readerOf } from './memory.ts'
import { type Change, type Store, StoreFailure, type Transaction, type Watcher } from './store.ts'
import { runTransaction } from './transaction.ts'

/** Rejects with a StoreFailure: LOCKED, DAMAGED, NEWER, IO. On a full disk the store opens read-only instead. */
export const openStore = async (input: {
  readonly tables: readonly AnyTable[]
  readonly journal: Journal
  readonly log: Log
  /** Sees every row before it is put. Tests freeze rows by it; it may throw to refuse one. */
  readonly inspect?: (row: unknown) => void
}): Promise<Store> => {
  const { journal, log, inspect = () => {} } = input
  const memory = createMemory(input.tables)
  const reader = readerOf(memory)
  const watchers = new Set<Watcher>()
  const failureListeners = new Set<(failure: StoreFailure) => void>()
  let failure: StoreFailure | undefined
  let readOnly: StoreFailure | undefined
  let lookingForRoom = false
  let inTransaction = false
  let closed = false
  let undelivered = 0
  let lastDelivery: Promise<void> = Promise.resolve()

  const fail = (cause: unknown): StoreFailure => {
    if (failure) return failure
    failure = storeFailure(cause)
    log.error({ code: failure.code, err: cause }, `the store stopped: ${failure.message}`)
    for (const listener of failureListeners) listener(failure)
    return failure
  }

  const rows = await journal.open(fail).catch(refuse)
  try {
    await loadTables(rows, memory, log)
    readOnly = await openSchema(rows)
  } catch (error) {
    await rows.close().catch(() => {})
    throw storeFailure(error)
  }
  if (readOnly) log.error({ code: readOnly.code }, readOnly.message)

  const deliver = (changes: readonly Change[]): void => {
    for (const watcher of watchers) {
      try {
        watcher(changes)
      } catch (error) {
        // A bug that would leave a loop blind for good: it must end the process, not this promise.
        queueMicrotask(() => {
          throw new AssertionError('a watcher of the store threw', { cause: error })
        })
      }
    }
  }

  const commit = (changes: readonly Change[]): Promise<void> => {
    undelivered++
    const delivery = rows
      .commit(changes.map(change => ({ table: change.table.name, key: change.key, row: change.after })))
      .then(
        () => {
          undelivered--
          deliver(changes)
        },
        (error: unknown) => {
          throw fail(error)
        },
      )
    delivery.catch(() => {})
    lastDelivery = delivery
    return delivery
  }

  const lookForRoom = (): void => {
    if (lookingForRoom) return
    lookingForRoom = true
    const found = () => {
      readOnly = undefined
      log.info({}, 'there is room on the disk again: the store takes writes')
    }
    rows
      .writable()
      .then(found, () => {})
      .finally(() => {
        lookingForRoom = false
      })
  }

  const durable = (): Promise<void> => {
    if (failure) return Promise.reject(failure)
    return undelivered === 0 ? Promise.resolve() : lastDelivery
  }

  const write = <T>(fn: (tx: Transaction) => T): Promise<T> => {
    assert(!inTransaction, 'write was called inside a transaction')
    if (failure) return Promise.reject(failure)
    if (closed) return Promise.reject(new StoreFailure('CLOSED', 'the store is closed'))
    inTransaction = true
    try {
      const { result, changes, undo } = runTransaction(memory, reader, fn, inspect)
      if (changes.length === 0) return durable().then(() => result)
      if (readOnly) {
        undo()
        lookForRoom()
        return Promise.reject(readOnly)
      }
      return commit(changes).then(() => result)
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
    watch: watcher => {
      // Its own function, so that one watcher given twice is two watches.
      const own: Watcher = changes => watcher(changes)
      watchers.add(own)
      return () => watchers.delete(own)
    },
    readOnly: () => readOnly,
    failed: () => failure,
    onFailure: listener => {
      failureListeners.add(listener)
    },
    close: async () => {
      closed = true
      await rows.close()
      await lastDelivery.catch(() => {})
    },
  }
}

const refuse = (error: unknown): never => {
  throw storeFailure(error)
}

const storeFailure = (error: unknown): StoreFailure => {
  if (error instanceof StoreFailure) return error
  if (error instanceof RowJournalFailure) return new StoreFailure(error.code, error.message, error)
  throw error
}
