// Makes the journal's file. It gets its name only when it is whole and on disk, so that an empty or half file under that name
// always means damage, never a start that was cut short. Called by sqlite-file.ts when there is no file.
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PAGE_BYTES } from './write-ahead-log.ts'

/** `Stow` in ASCII: SQLite's application id, by which a file is known to be ours. */
export const APPLICATION_ID = 0x53746f77
/** The layout of the file, SQLite's user_version. What the rows look like is their owner's to version. */
export const LAYOUT_VERSION = 1

/** `pageBytes`: files that were made when it was another go on with theirs. */
export const createSqliteFile = (file: string, pageBytes = PAGE_BYTES): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const unfinished = `${file}.new-${process.pid}`
  rmSync(unfinished, { force: true })
  // Rows hold what task definitions hold, secrets included: nobody but the owner reads them.
  closeSync(openSync(unfinished, 'ax', 0o600))
  try {
    const database = new DatabaseSync(unfinished)
    try {
      database.exec(`
        PRAGMA synchronous = EXTRA;
        PRAGMA fullfsync = ON;
        PRAGMA page_size = ${pageBytes};
        BEGIN;
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
    } finally {
      database.close()
    }
    giveName(unfinished, file)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

// A link, not a rename: when two processes start at once the second must not replace the file that the first has opened.
const giveName = (unfinished: string, file: string): void => {
  try {
    linkSync(unfinished, file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw error
  }
  const directory = openSync(dirname(file), 'r')
  fsyncSync(directory)
  closeSync(directory)
}
