// The journal's file: SQLite, opened, checked, read and written. Runs in the journal's thread (sqlite-worker.ts): every call
// blocks until the disk has answered.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CHECKPOINT_PAGES, checkpointsOf, exclusiveUri, SYNCHRONOUS } from './checkpoints.ts'
import type { PackedRows } from './packed-rows.ts'
import { RowJournalFailure } from './row-journal.ts'
import { APPLICATION_ID, createSqliteFile, LAYOUT_VERSION } from './sqlite-create.ts'
import { damaged, failureOf, pragma } from './sqlite-failure.ts'
import { committer, readPages } from './sqlite-rows.ts'
import { lostCommits, PAGE_BYTES } from './write-ahead-log.ts'

/** How long to wait for another process's lock: a predecessor that was just killed may still be going. */
const LOCK_WAIT_MS = 500
/** Below this there is no room to write in: a commit, the growth of the write-ahead log up to its checkpoint, and the checkpoint. */
const MIN_FREE_BYTES = 16 * 2 ** 20
/** Most of SQLite's page cache: holds the index of 200,000 keys, which new ones hit all over. Taken only as it is used. */
const CACHE_KIB = 32 * 1024

export type SqliteFile = {
  /** The next rows, undefined behind the last. */
  readonly next: () => PackedRows | undefined
  readonly commit: (rows: PackedRows) => void
  /** Throws DISK_FULL when there is no room to write in. */
  readonly writable: () => void
  readonly close: () => Promise<void>
}

/** Throws a RowJournalFailure, as every method does. */
export const openSqliteFile = (file: string): SqliteFile => {
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw failureOf(file, error)
    }
  }
  return guarded(() => {
    assertNothingLost(file)
    if (!existsSync(file)) createSqliteFile(file)
    // Asked first: SQLite opens what it may only read, and then fails in other words.
    for (const path of [dirname(file), file]) accessSync(path, constants.R_OK | constants.W_OK)
    const database = new DatabaseSync(exclusiveUri(file), { timeout: LOCK_WAIT_MS })
    try {
      prepare(database, file)
      const checkpoints = checkpointsOf(database, file)
      const pages = readPages(database, file)
      const commit = committer(database)
      return {
        next: () => guarded(() => pages.next().value),
        commit: rows =>
          guarded(() => {
            checkpoints.before()
            commit(rows)
            checkpoints.after()
          }),
        writable: () => guarded(() => probe(database, file)),
        close: async () => {
          await checkpoints.end()
          guarded(() => database.close())
        },
      }
    } catch (error) {
      database.close()
      throw error
    }
  })
}

const assertNothingLost = (file: string): void => {
  if (!existsSync(file) && existsSync(`${file}-wal`)) {
    throw damaged(file, 'it is missing, and its write-ahead log is there')
  }
  const lost = lostCommits(file)
  if (lost === 0) return
  // A file that another process is writing gives another number now, and LOCKED when it is opened.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS)
  if (lostCommits(file) === lost) throw damaged(`${file}-wal`, `${lost} commits in it can no longer be read`)
}

const prepare = (database: DatabaseSync, file: string): void => {
  assertOurs(database, file)
  database.exec(SYNCHRONOUS)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA journal_size_limit = ${2 * CHECKPOINT_PAGES * PAGE_BYTES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
  `)
  if (pragma(database, 'journal_mode') !== 'wal') {
    throw new RowJournalFailure('IO', `${file}: the file system cannot hold a write-ahead log. Use a local one.`)
  }
}

const assertOurs = (database: DatabaseSync, file: string): void => {
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  // Files are made elsewhere and named when they are whole: an empty one has lost what it held.
  if (application === 0 && pragma(database, 'page_count') === 0) throw damaged(file, 'it is empty')
  if (application !== APPLICATION_ID) {
    throw new RowJournalFailure('DAMAGED', `${file} is not a file of Stowage: it is left as it is. Name another one.`)
  }
  if (typeof version !== 'number' || version > LAYOUT_VERSION) {
    throw new RowJournalFailure(
      'NEWER',
      `${file} is of layout ${version}, this program knows up to ${LAYOUT_VERSION}: start the newer one that wrote it.`,
    )
  }
}

const probe = (database: DatabaseSync, file: string): void => {
  const { bavail, bsize } = statfsSync(dirname(file))
  const free = bavail * bsize
  if (free < MIN_FREE_BYTES) {
    throw new RowJournalFailure(
      'DISK_FULL',
      `${file}: ${Math.floor(free / 2 ** 20)} MiB are free on its disk, at least ${MIN_FREE_BYTES / 2 ** 20} are needed to write. Make room.`,
    )
  }
  // Free blocks are not all: quotas and inodes count too. Writes one page.
  database.exec(`PRAGMA user_version = ${LAYOUT_VERSION}`)
}
