// One transaction: runs its function over the tables in memory and gives what it changed, or undoes it when it throws.
// Called by open-store.ts, which hands the changes to the journal.
import { assert } from '../lib/assert.ts'
import type { Memory } from './memory.ts'
import { type MemoryTable, setRow } from './memory-table.ts'
import type { Change, Reader, Transaction } from './store.ts'
import type { Table } from './table.ts'

/** What rows of one table were before the transaction touched them, in the order of the first touch. */
type Touched = { readonly changes: () => Change[]; readonly undo: () => void; readonly note: (key: string) => void }

export type Outcome<T> = {
  readonly result: T
  /** One entry a row, however often it was put; none for a row that is again what it was. */
  readonly changes: readonly Change[]
  readonly undo: () => void
}

/** `inspect` sees every row before it is put; tests use it to freeze them. */
export const runTransaction = <T>(
  memory: Memory,
  reader: Reader,
  fn: (tx: Transaction) => T,
  inspect: (row: unknown) => void,
): Outcome<T> => {
  const touched = new Map<unknown, Touched>()
  let open = true
  const set = <Row>(table: Table<Row>, key: string, row: Row | undefined): void => {
    assert(open, 'a transaction was used after its function returned')
    const target = memory.of(table)
    let notes = touched.get(target)
    if (!notes) {
      notes = touchedOf(target)
      touched.set(target, notes)
    }
    notes.note(key)
    setRow(target, key, row)
  }
  const undo = (): void => {
    for (const notes of touched.values()) notes.undo()
  }
  const tx: Transaction = {
    ...reader,
    put: (table, row) => {
      inspect(row)
      const key = table.key(row)
      // A lone surrogate would come back from the disk as another character.
      assert(typeof key === 'string' && key !== '' && key.isWellFormed(), `a row of ${table.name} has no usable key`)
      set(table, key, row)
    },
    delete: (table, key) => set(table, key, undefined),
  }
  try {
    const result = fn(tx)
    assert(!isThenable(result), 'a transaction must be synchronous, its function returned a promise')
    return { result, changes: [...touched.values()].flatMap(notes => notes.changes()), undo }
  } catch (error) {
    undo()
    throw error
  } finally {
    open = false
  }
}

const touchedOf = <Row>(target: MemoryTable<Row>): Touched => {
  const before = new Map<string, Row | undefined>()
  return {
    note: key => {
      if (!before.has(key)) before.set(key, target.rows.get(key))
    },
    undo: () => {
      for (const [key, row] of before) setRow(target, key, row)
    },
    changes: () => {
      const changes: Change[] = []
      for (const [key, was] of before) {
        const is = target.rows.get(key)
        if (was === is) continue
        const change: Change<Row> = {
          table: target.table,
          key,
          ...(was !== undefined && { before: was }),
          ...(is !== undefined && { after: is }),
        }
        changes.push(change as unknown as Change)
      }
      return changes
    },
  }
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
