// Fills an empty table with the rows of a load, which come in no order. Before: load-tables.ts. After: the table is as if each row
// had been put (memory-table.ts).
//
// What a row is found by and counts with is worked out while the row has just been parsed and lies in the processor's cache: of
// 100,000 tasks (200 MB) that takes half of what it takes when they are all there. Only the keys wait for their order.
import { assert } from '../lib/assert.ts'
import { bucketOf, type MemoryTable } from './memory-table.ts'
import { appendKey, type SortedKeys } from './sorted-keys.ts'
import { addTo } from './sums.ts'

export type TableFill = {
  /** Each key once. */
  readonly add: (key: string, row: unknown) => void
  /** Behind the last row: the table can be read now. */
  readonly end: () => void
}

export const fillTable = <Row>(memory: MemoryTable<Row>): TableFill => {
  assert(memory.rows.size === 0, `${memory.table.name} is not empty`)
  const indexes = [...memory.indexes.values()]
  const sums = [...memory.sums.values()].map(({ of, groups }) => {
    return { of, add: (group: string, name: string, value: number) => addTo(groups, group, name, value) }
  })
  const keys: string[] = []
  /** Of each row, as many as there are indexes: where its key belongs. */
  const places: (SortedKeys | undefined)[] = []
  return {
    add: (key, given) => {
      // As memory.ts has it: a table's rows were all put under its definition.
      const row = given as Row
      memory.rows.set(key, row)
      keys.push(key)
      for (const { of, buckets } of indexes) {
        const value = of(row)
        places.push(value === undefined ? undefined : bucketOf(buckets, value))
      }
      for (const { of, add } of sums) of(row, add)
    },
    // In key order, so that a million entries are appended, not looked up.
    end: () => {
      const width = indexes.length
      for (const [at, key] of inOrder(keys)) {
        appendKey(memory.order, key)
        for (let place = at * width; place < (at + 1) * width; place++) {
          const bucket = places[place]
          if (bucket !== undefined) appendKey(bucket, key)
        }
      }
    },
  }
}

const inOrder = (keys: readonly string[]): (readonly [at: number, key: string])[] =>
  keys.map((key, at) => [at, key] as const).sort(([, a], [, b]) => (a < b ? -1 : 1))
