// The journal's file: SQLite, opened, checked, read and written. Runs in the journal's thread (sqlite-worker.ts): every call
// blocks until the disk has answered.
import { closeSync, mkdirSync, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { type PackedRow, type PackedRows, packRows, unpackRows } from './packed-rows.ts'
import { RowJournalFailure } from './row-journal.ts'
import { failureOf } from './sqlite-failure.ts'

/** `Stow` in ASCII: SQLite's application id, by which a file is known to be ours. */
const APPLICATION_ID = 0x53746f77
/** The layout of the file, SQLite's user_version. What the rows look like is their owner's to version. */
const LAYOUT_VERSION = 1
/** How long to wait for another process's lock: a predecessor that was just killed may still be going. */
const LOCK_WAIT_MS = 500
/** Below this there is no room to write in: a commit, the growth of the write-ahead log up to its checkpoint, and the checkpoint. */
const MIN_FREE_BYTES = 16 * 2 ** 20
/** Pages (4 KiB) in the write-ahead log before they are copied into the file: rarer makes a start after a crash longer. */
const CHECKPOINT_PAGES = 2_000
/** Most of SQLite's page cache: holds the index of 200,000 keys, which new ones hit all over. Taken only as it is used. */
const CACHE_KIB = 32 * 1024
/** Text in a page of rows that are read: large enough to be cheap, small enough that reading and parsing go side by side. */
const READ_PAGE_CHARS = 2 ** 20

export type SqliteFile = {
  /** The next rows, undefined behind the last. */
  readonly next: () => PackedRows | undefined
  readonly commit: (rows: PackedRows) => void
  /** Throws DISK_FULL when there is no room to write in. */
  readonly writable: () => void
  readonly close: () => void
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
  const database = guarded(() => connect(file))
  try {
    return guarded(() => {
      prepare(database, file)
      const pages = readPages(database, file)
      const commit = committer(database)
      return {
        next: () => guarded(() => pages.next().value),
        commit: rows => guarded(() => commit(rows)),
        writable: () => guarded(() => probe(database, file)),
        close: () => guarded(() => database.close()),
      }
    })
  } catch (error) {
    database.close()
    throw error
  }
}

const connect = (file: string): DatabaseSync => {
  // Rows hold what task definitions hold, secrets included: nobody but the owner reads them.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return new DatabaseSync(file, { timeout: LOCK_WAIT_MS })
}

const prepare = (database: DatabaseSync, file: string): void => {
  // Exclusive before the first access: no second process, and no shared-memory file that could go out of step.
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
  `)
  if (pragma(database, 'journal_mode') !== 'wal') {
    throw new RowJournalFailure('IO', `${file}: the file system cannot hold a write-ahead log. Use a local one.`)
  }
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  const isNew = application === 0 && version === 0 && pragma(database, 'schema_version') === 0
  if (isNew) {
    database.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE rows (
        "table" TEXT NOT NULL,
        key TEXT NOT NULL,
        json TEXT NOT NULL,
        crc INTEGER NOT NULL,
        UNIQUE ("table", key)
      ) STRICT;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${LAYOUT_VERSION};
      COMMIT;
    `)
  } else if (application !== APPLICATION_ID) {
    throw new RowJournalFailure('DAMAGED', `${file} is not a file of Stowage: it is left as it is. Name another one.`)
  } else if (typeof version !== 'number' || version > LAYOUT_VERSION) {
    throw new RowJournalFailure(
      'NEWER',
      `${file} is of layout ${version}, this program knows up to ${LAYOUT_VERSION}: start the newer one that wrote it.`,
    )
  }
}

const pragma = (database: DatabaseSync, name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name]

// Behind the last row the structure of every page is checked, before anybody uses the rows or writes: at the end, because
// by then this thread waits for the other side, which still parses and builds its indexes.
function* readPages(database: DatabaseSync, file: string): Generator<PackedRows, undefined> {
  const statement = database.prepare('SELECT "table", key, json, crc FROM rows NOT INDEXED ORDER BY rowid')
  statement.setReturnArrays(true)
  let page: PackedRow[] = []
  let chars = 0
  let count = 0
  // With setReturnArrays a row is an array, which the types do not know.
  for (const row of statement.iterate() as Iterable<unknown>) {
    const [table, key, json, crc] = Array.isArray(row) ? row : []
    if (
      typeof table !== 'string' ||
      typeof key !== 'string' ||
      typeof json !== 'string' ||
      crc !== checksum(key, json)
    ) {
      throw damaged(file, `the row ${String(table)} ${String(key)} does not have its checksum`)
    }
    page.push({ table, key, json })
    chars += key.length + json.length
    count++
    if (chars >= READ_PAGE_CHARS) {
      yield packRows(page)
      page = []
      chars = 0
    }
  }
  // Answered from the index: a row that either side has lost shows.
  const indexed = database.prepare('SELECT count(*) AS n FROM rows').get()?.['n']
  if (indexed !== count) throw damaged(file, `its index knows ${indexed} rows, the table ${count}`)
  if (page.length > 0) yield packRows(page)
  const finding = pragma(database, 'quick_check')
  if (finding !== 'ok') throw damaged(file, String(finding))
  database.exec('PRAGMA shrink_memory')
}

const committer = (database: DatabaseSync): ((rows: PackedRows) => void) => {
  const put = database.prepare(`
    INSERT INTO rows ("table", key, json, crc) VALUES (?, ?, ?, ?)
    ON CONFLICT ("table", key) DO UPDATE SET json = excluded.json, crc = excluded.crc
  `)
  const remove = database.prepare('DELETE FROM rows WHERE "table" = ? AND key = ?')
  return rows => {
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const { table, key, json } of unpackRows(rows)) {
        if (json === undefined) remove.run(table, key)
        else put.run(table, key, json, checksum(key, json))
      }
      database.exec('COMMIT')
    } catch (error) {
      // SQLite itself has rolled back after a full disk or an I/O error.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

const checksum = (key: string, json: string): number => crc32(json, crc32(key))

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

const damaged = (file: string, finding: string): RowJournalFailure =>
  new RowJournalFailure(
    'DAMAGED',
    `${file} is damaged: ${finding}. It was not changed. Restore it (with its -wal file) from a backup.`,
  )
