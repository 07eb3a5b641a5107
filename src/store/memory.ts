// All tables in memory, found by their definition, and the Reader over them that the store and its transactions share.
import { assert } from '../lib/assert.ts'
import { countByIndex, type MemoryTable, memoryTable, rowsByIndex, rowsInOrder, sumOf } from './memory-table.ts'
import type { Reader } from './store.ts'
import type { Table } from './table.ts'

/** Any table: `Table<never>` is what every `Table<Row>` can be used as. */
export type AnyTable = Table<never>

export type Memory = {
  readonly of: <Row>(table: Table<Row>) => MemoryTable<Row>
  /** By its name in the journal; undefined for a table this version does not know. */
  readonly named: (name: string) => MemoryTable<unknown> | undefined
}

export const createMemory = (tables: readonly AnyTable[]): Memory => {
  const byTable = new Map<unknown, unknown>()
  const byName = new Map<string, unknown>()
  for (const table of tables) {
    assert(!byName.has(table.name), `two tables are named ${table.name}`)
    const memory = memoryTable(table)
    byTable.set(table, memory)
    byName.set(table.name, memory)
  }
  return {
    // The one place where a row's type is taken on trust: a table's rows were all put under that same definition.
    of: <Row>(table: Table<Row>) => {
      const memory = byTable.get(table)
      assert(memory, `table ${table.name} was not given to openStore`)
      return memory as MemoryTable<Row>
    },
    named: name => byName.get(name) as MemoryTable<unknown> | undefined,
  }
}

export const readerOf = (memory: Memory): Reader => ({
  get: (table, key) => memory.of(table).rows.get(key),
  byIndex: (table, index, value, after) => rowsByIndex(memory.of(table), index, value, after),
  count: (table, index, value) => countByIndex(memory.of(table), index, value),
  all: (table, after) => rowsInOrder(memory.of(table), after),
  size: table => memory.of(table).rows.size,
  sum: (table, sum, group) => sumOf(memory.of(table), sum, group),
})
