// Group commit: everything that is given while one batch is being written goes into the next one, so that a thousand
// small commits a second cost a few fsyncs. Used by every row journal; `write` is what sets them apart.
import { type RowChange, RowJournalFailure } from './row-journal.ts'

/**
 * Rows of one batch: about 200 kB of JSON. While 100,000 tasks start, a caller waits for the one that is being written and the next: p99
 * 17 to 24 ms, and 27 to 31 with twice as many rows. A larger commit is not split.
 */
export const MAX_BATCH_ROWS = 125

/** Rows that may wait. A disk that is this far behind (300 MB) does not keep up; better to stop and say so than to run out of memory. */
export const MAX_QUEUED_ROWS = 200_000

/** Rows by table and key, each as last put; undefined is a deleted one. */
export type Batch = ReadonlyMap<string, ReadonlyMap<string, unknown>>

type Waiter = { readonly resolve: () => void; readonly reject: (failure: RowJournalFailure) => void }
type OpenBatch = { readonly tables: Map<string, Map<string, unknown>>; readonly waiters: Waiter[]; rows: number }

export type GroupCommit = {
  readonly commit: (changes: readonly RowChange[]) => Promise<void>
  /** Ends it for a reason that did not come from a write: everything queued and later is rejected with it. */
  readonly fail: (failure: RowJournalFailure) => void
  /** Resolves when nothing is queued or in flight; later commits are rejected with CLOSED. */
  readonly close: () => Promise<void>
}

export const groupCommit = (
  write: (batch: Batch) => Promise<void>,
  onFailure: (failure: RowJournalFailure) => void,
): GroupCommit => {
  const queue: OpenBatch[] = []
  let queuedRows = 0
  let failure: RowJournalFailure | undefined
  let closed = false
  let running: Promise<void> | undefined

  const fail = (reason: RowJournalFailure): void => {
    if (failure) return
    failure = reason
    for (const batch of queue.splice(0)) for (const waiter of batch.waiters) waiter.reject(reason)
    onFailure(reason)
  }

  const run = async (): Promise<void> => {
    // The commits of one turn of the event loop go together, the first included.
    await Promise.resolve()
    for (let batch = queue.shift(); batch; batch = queue.shift()) {
      queuedRows -= batch.rows
      try {
        await write(batch.tables)
      } catch (error) {
        const reason = failure ?? asFailure(error)
        for (const waiter of batch.waiters) waiter.reject(reason)
        fail(reason)
      }
      for (const waiter of batch.waiters) waiter.resolve()
    }
    // In the same step that found the queue empty: a commit made now must start the next run.
    running = undefined
  }

  const commit = (changes: readonly RowChange[]): Promise<void> => {
    if (!failure && queuedRows >= MAX_QUEUED_ROWS) fail(tooSlow(queuedRows))
    if (failure) return Promise.reject(failure)
    if (closed) return Promise.reject(new RowJournalFailure('CLOSED', 'the journal is closed'))
    let batch = queue[queue.length - 1]
    if (!batch || batch.rows >= MAX_BATCH_ROWS) {
      batch = { tables: new Map(), waiters: [], rows: 0 }
      queue.push(batch)
    }
    queuedRows += add(batch, changes)
    const { waiters } = batch
    const done = new Promise<void>((resolve, reject) => waiters.push({ resolve, reject }))
    running ??= run()
    return done
  }

  const close = async (): Promise<void> => {
    closed = true
    await running
  }
  return { commit, fail, close }
}

/** Returns how many rows the batch grew by: one that is put again takes the place of the earlier one. */
const add = (batch: OpenBatch, changes: readonly RowChange[]): number => {
  const before = batch.rows
  for (const { table, key, row } of changes) {
    let rows = batch.tables.get(table)
    if (!rows) {
      rows = new Map()
      batch.tables.set(table, rows)
    }
    if (!rows.has(key)) batch.rows++
    rows.set(key, row)
  }
  return batch.rows - before
}

const asFailure = (error: unknown): RowJournalFailure =>
  error instanceof RowJournalFailure
    ? error
    : new RowJournalFailure('IO', `the journal could not be written: ${String(error)}`, error)

const tooSlow = (rows: number): RowJournalFailure =>
  new RowJournalFailure(
    'IO',
    `the disk does not keep up: ${rows} rows wait to be written. Move the data to a faster disk.`,
  )
