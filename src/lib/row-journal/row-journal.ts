// A row journal: where rows of plain JSON, found by table and key, are kept so that they survive `kill -9` and power loss.
//
//     const journal = await openRowJournal({ file: `${dataDir}/agent.db`, onFailure: failure => stop(failure) })
//     for await (const page of journal.load()) for (const { table, key, json } of page) ...
//     await journal.commit([{ table: 'tasks', key: arn, row: task }, { table: 'tasks', key: old, row: undefined }])
//     await journal.close()
//
// `openRowJournal` (open-row-journal.ts) keeps them in SQLite, in a worker thread; `memoryRowJournal` (memory-row-journal.ts)
// in memory, for tests and for an agent without a disk of its own. The server's store and the agent both stand on this.

/** A row put (`row` replaces what is under the key) or, when `row` is undefined, deleted. */
export type RowChange = { readonly table: string; readonly key: string; readonly row: unknown }

export type StoredRow = { readonly table: string; readonly key: string; readonly json: string }

export type RowJournal = {
  /**
   * All rows, a page at a time, in no order. Once, before the first commit. The file is checked behind the last row: `lastRead`
   * is called before that, so that what is made of the rows can be made meanwhile; it counts when the load has ended well.
   */
  readonly load: (lastRead?: () => void) => AsyncIterable<readonly StoredRow[]>
  /**
   * Resolves when the changes are on disk, all of them or none, after those of every earlier call: callers need not wait
   * for one another. What is called while a commit is in flight goes into the next one together, each row as it was last
   * put, and is turned into JSON only then: a row must not be changed in place after it was given.
   *
   * Rejects with a RowJournalFailure; so does every later call, for what is on disk is then behind what callers think.
   */
  readonly commit: (changes: readonly RowChange[]) => Promise<void>
  /** Rejects with DISK_FULL when there is no room to write in. Changes nothing, and a rejection is not a failure of the journal. */
  readonly writable: () => Promise<void>
  /** Commits what is queued, then closes. The journal's only end that is not a failure. */
  readonly close: () => Promise<void>
}

export type RowJournalFailureCode =
  /** No room on the disk. */
  | 'DISK_FULL'
  /** Another process has the file open. */
  | 'LOCKED'
  /** The file is not what was written, or not ours. */
  | 'DAMAGED'
  /** Written by a newer version of the program. */
  | 'NEWER'
  /** The journal was closed. */
  | 'CLOSED'
  /** Anything else the operating system refused: permissions, a failing disk, a dead worker. */
  | 'IO'

/** An operational error. The message says what happened to which file, and what to do about it. */
export class RowJournalFailure extends Error {
  override readonly name = 'RowJournalFailure'
  readonly code: RowJournalFailureCode

  constructor(code: RowJournalFailureCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
