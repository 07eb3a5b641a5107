// What is true: tables in memory, changed by atomic transactions, made durable by a journal, told to watchers.
//
// A transaction runs synchronously: it reads the tables as they are, writes rows, and either all of it happens or, when
// it throws, none. Later transactions see it at once. It is *durable* when the journal has it; only then may anything
// that rests on it leave the process: `write` resolves then, watchers are called then, and a reader that answers from
// memory awaits `durable()` first. When a commit fails, memory is ahead of the truth: the store stops (`failed`), every
// later write and `durable()` rejects, and only a new process, from the journal, carries on.
import type { Table } from './table.ts'

/**
 * Rows are plain JSON data, frozen by agreement: never changed in place, always replaced by `put`.
 *
 * Iterators are live: between two rows anything may be written, and the next row is the first, as things are then, behind
 * the key of the last one. A loop may so change or delete the rows it meets; one that puts ever greater keys never ends.
 */
export type Reader = {
  readonly get: <Row>(table: Table<Row>, key: string) => Row | undefined
  /** Rows whose index entry is `value`, ordered by key; starting behind `after` when given. Costs what is taken from it. */
  readonly byIndex: <Row>(table: Table<Row>, index: string, value: string, after?: string) => IterableIterator<Row>
  /** How many rows have the index entry `value`. Constant cost. */
  readonly count: <Row>(table: Table<Row>, index: string, value: string) => number
  /** All rows, ordered by key; starting behind `after` when given. */
  readonly all: <Row>(table: Table<Row>, after?: string) => IterableIterator<Row>
  readonly size: <Row>(table: Table<Row>) => number
  /**
   * The sums of one group, `{}` when nothing counts into it: `sum(tasks, 'usage', instanceArn)['cpu'] ?? 0`. Sums of 0 are
   * absent. Constant cost, because it is the live record: copy what must outlast the next write.
   */
  readonly sum: <Row>(table: Table<Row>, sum: string, group: string) => Readonly<Record<string, number>>
}

export type Transaction = Reader & {
  readonly put: <Row>(table: Table<Row>, row: Row) => void
  readonly delete: <Row>(table: Table<Row>, key: string) => void
}

/** One row's change: `before` is absent for a new row, `after` for a deleted one. */
export type Change<Row = unknown> = {
  readonly table: Table<Row>
  readonly key: string
  readonly before?: Row
  readonly after?: Row
}

/** Called once a commit, in commit order, after it is durable. Must not throw. */
export type Watcher = (changes: readonly Change[]) => void

export type Store = Reader & {
  /**
   * Runs `fn` at once, as a transaction; resolves with its result when that is durable. A throw in `fn` undoes it and
   * rejects with it. One that changed nothing resolves when what it read is durable. `fn` must be synchronous and must not
   * call `write`.
   */
  readonly write: <T>(fn: (tx: Transaction) => T) => Promise<T>
  /** Resolves when everything written so far is durable. */
  readonly durable: () => Promise<void>
  /**
   * Undefined while the disk keeps up; else resolves when it does again, or after a while of some 50 ms. Whoever makes rows by the
   * hundred awaits it between two commits: every answer waits for all that was written before it, and would wait for theirs.
   */
  readonly caughtUp: () => Promise<void> | undefined
  /** Returns the function that ends the watch. */
  readonly watch: (watcher: Watcher) => () => void
  /**
   * Set while there is no room to write in (found at start): reads are served, a write that changes a row is refused with
   * this failure and undone. Each refused write looks again whether there is room by now.
   */
  readonly readOnly: () => StoreFailure | undefined
  /** The failure that stopped the store, if one did. */
  readonly failed: () => StoreFailure | undefined
  /** Called once when a commit fails, with why. */
  readonly onFailure: (listener: (failure: StoreFailure) => void) => void
  /** Waits for what is in flight, then closes the journal. */
  readonly close: () => Promise<void>
}

/** An operational error: `code` says what, `message` what to do about it. NEWER: the data was written by a newer version. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly code: 'DISK_FULL' | 'LOCKED' | 'DAMAGED' | 'NEWER' | 'CLOSED' | 'IO'

  constructor(code: StoreFailure['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Narrows a change to a table's own row type: `const task = changeOf(change, tasks)?.after`. */
export const changeOf = <Row>(change: Change, table: Table<Row>): Change<Row> | undefined =>
  (change.table as unknown) === table ? (change as Change<Row>) : undefined
