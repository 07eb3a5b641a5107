// Reading and writing the rows of the journal's file, once it is open (sqlite-file.ts).
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { type PackedRow, type PackedRows, packRows, unpackRows } from './packed-rows.ts'
import { damaged, pragma } from './sqlite-failure.ts'

/** Text in a page of rows that are read: large enough to be cheap, small enough that reading and parsing go side by side. */
const READ_PAGE_CHARS = 2 ** 20

// Behind the last row comes a page without any, and then the structure of every page of the file is checked, before anybody
// uses the rows or writes: at the end, because this thread is then ahead of the other side, which builds its indexes meanwhile.
export function* readPages(database: DatabaseSync, file: string): Generator<PackedRows, undefined> {
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
  if (page.length > 0) yield packRows(page)
  yield packRows([])
  // Answered from the index: a row that either side has lost shows.
  const indexed = database.prepare('SELECT count(*) AS n FROM rows').get()?.['n']
  if (indexed !== count) throw damaged(file, `its index knows ${indexed} rows, the table ${count}`)
  const finding = pragma(database, 'quick_check')
  if (finding !== 'ok') throw damaged(file, String(finding))
  database.exec('PRAGMA shrink_memory')
}

export const committer = (database: DatabaseSync): ((rows: PackedRows) => void) => {
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
