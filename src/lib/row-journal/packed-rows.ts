// Rows as they cross between the event loop and the journal's thread: one string and one array of lengths, whatever their
// number. Cloning an object for each row would cost the event loop more than turning the rows into JSON does.
import { assert } from '../assert.ts'
import type { Batch } from './group-commit.ts'
import type { StoredRow } from './row-journal.ts'

export type PackedRows = {
  readonly tables: readonly string[]
  /** Key and JSON of the first row, of the second, ... */
  readonly text: string
  /** For each row: its table's place in `tables`, the length of its key, the length of its JSON or DELETED. */
  readonly lengths: Uint32Array<ArrayBuffer>
}

/** A row without JSON is a deleted one. */
export type PackedRow = { readonly table: string; readonly key: string; readonly json: string | undefined }

const FIELDS = 3
const DELETED = 0xffff_ffff

export const packBatch = (batch: Batch): PackedRows => {
  const rows: PackedRow[] = []
  for (const [table, changes] of batch) {
    for (const [key, row] of changes) {
      const json = row === undefined ? undefined : JSON.stringify(row)
      assert(row === undefined || json !== undefined, `a row of ${table} has no JSON form`)
      rows.push({ table, key, json })
    }
  }
  return packRows(rows)
}

export const packRows = (rows: readonly PackedRow[]): PackedRows => {
  const tables: string[] = []
  const parts: string[] = []
  const lengths = new Uint32Array(rows.length * FIELDS)
  let at = 0
  for (const { table, key, json } of rows) {
    let place = tables.lastIndexOf(table)
    if (place < 0) place = tables.push(table) - 1
    lengths[at++] = place
    lengths[at++] = key.length
    lengths[at++] = json === undefined ? DELETED : json.length
    parts.push(key, json ?? '')
  }
  return { tables, text: parts.join(''), lengths }
}

/** The strings are slices of `text`: whoever keeps one keeps all of it. */
export function* unpackRows({ tables, text, lengths }: PackedRows): Generator<PackedRow, undefined> {
  let start = 0
  for (let at = 0; at < lengths.length; at += FIELDS) {
    const [place = 0, keyLength = 0, jsonLength = 0] = lengths.subarray(at, at + FIELDS)
    const keyEnd = start + keyLength
    const end = jsonLength === DELETED ? keyEnd : keyEnd + jsonLength
    const table = tables[place]
    assert(table !== undefined && end <= text.length, 'packed rows are cut short')
    yield {
      table,
      key: text.slice(start, keyEnd),
      json: jsonLength === DELETED ? undefined : text.slice(keyEnd, end),
    }
    start = end
  }
}

/** The rows of a page that was read, where none is deleted. */
export const storedRows = (page: PackedRows): StoredRow[] => {
  const rows: StoredRow[] = []
  for (const { table, key, json } of unpackRows(page)) {
    assert(json !== undefined, 'a stored row has no JSON')
    rows.push({ table, key, json })
  }
  return rows
}
