import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fillTable } from './fill-table.ts'
import { createMemory, readerOf } from './memory.ts'
import type { MemoryTable } from './memory-table.ts'
import { defineTable } from './table.ts'
import { runTransaction } from './transaction.ts'

type Row = {
  readonly id: string
  readonly group: string | null
  readonly weight: number
  readonly ports: readonly number[]
}

const things = defineTable<Row>({
  name: 'things',
  key: row => row.id,
  indexes: {
    byGroup: row => row.group ?? undefined,
    heavy: row => (row.weight > 3 ? 'yes' : undefined),
  },
  sums: {
    usage: (row, add) => {
      if (row.group === null) return
      add(row.group, 'weight', row.weight)
      add(row.group, 'one', 1)
      for (const port of row.ports) add(row.group, `port:${port}`, 1)
    },
  },
})

/** Everything a reader could see, worked out from the rows alone. */
const naive = (rows: ReadonlyMap<string, Row>) => {
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  const byGroup: Record<string, string[]> = {}
  const usage: Record<string, Record<string, number>> = {}
  for (const row of sorted) {
    if (row.group === null) continue
    byGroup[row.group] = [...(byGroup[row.group] ?? []), row.id]
    things.sums['usage']?.(row, (group, name, value) => {
      usage[group] ??= {}
      const sums = usage[group] ?? {}
      sums[name] = (sums[name] ?? 0) + value
      if (sums[name] === 0) delete sums[name]
    })
  }
  return { sorted, byGroup, usage, heavy: sorted.filter(row => row.weight > 3).map(row => row.id) }
}

/** The same, as the table holds it. */
const held = (memory: MemoryTable<Row>) => {
  const keysOf = (index: string): Record<string, string[]> =>
    Object.fromEntries(
      [...(memory.indexes.get(index)?.buckets ?? [])].map(([value, keys]) => [value, keys.chunks.flat()]),
    )
  return {
    sorted: memory.order.chunks.flat().map(key => memory.rows.get(key)),
    byGroup: keysOf('byGroup'),
    usage: Object.fromEntries(
      [...(memory.sums.get('usage')?.groups ?? [])].map(([name, { sums }]) => [name, { ...sums }]),
    ),
    heavy: keysOf('heavy')['yes'] ?? [],
  }
}

const row = fc.record({
  id: fc.nat(30).map(n => `r${n.toString().padStart(2, '0')}`),
  group: fc.constantFrom('a', 'b', 'c', null),
  weight: fc.integer({ min: -5, max: 5 }),
  ports: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
})
const operation = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), row }),
  fc.record({ kind: fc.constant('delete' as const), row }),
)
const transaction = fc.record({ operations: fc.array(operation, { maxLength: 8 }), fails: fc.boolean() })

test('rows, indexes and sums are what the rows alone say, after any transactions and any that were undone', () => {
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 25 }), transactions => {
      const memory = createMemory([things])
      const reader = readerOf(memory)
      const model = new Map<string, Row>()
      for (const { operations, fails } of transactions) {
        const next = new Map(model)
        const run = () =>
          runTransaction(
            memory,
            reader,
            tx => {
              for (const { kind, row } of operations) {
                if (kind === 'put') {
                  tx.put(things, row)
                  next.set(row.id, row)
                } else {
                  tx.delete(things, row.id)
                  next.delete(row.id)
                }
              }
              if (fails) throw new Error('undo')
            },
            () => {},
          )
        if (fails) {
          assert.throws(run, /undo/)
        } else {
          const before = new Map(model)
          const { changes } = run()
          model.clear()
          for (const [key, value] of next) model.set(key, value)
          for (const change of changes) {
            assert.equal(change.before, before.get(change.key))
            assert.equal(change.after, model.get(change.key))
            assert.notEqual(change.before, change.after)
          }
          const changed = [...new Set([...before.keys(), ...model.keys()])].filter(
            key => before.get(key) !== model.get(key),
          )
          assert.deepEqual(changes.map(change => change.key).sort(), changed.sort())
        }
        assert.deepEqual(held(memory.of(things)), naive(model))
      }
    }),
  )
})

test('a table filled at once, in whatever order, is the one that puts in key order would have made', () => {
  const filled = createMemory([things])
  const put = createMemory([things])
  const rows = Array.from({ length: 1_500 }, (_, n): Row => {
    return { id: n.toString().padStart(5, '0'), group: `g${n % 7}`, weight: n % 6, ports: [n % 3] }
  })
  const fill = fillTable(filled.of(things))
  // 1,009 has no factor in common with 1,500: every row comes once.
  for (const at of rows.keys()) {
    const row = rows[(at * 1_009) % rows.length]
    if (row) fill.add(row.id, row)
  }
  fill.end()
  runTransaction(
    put,
    readerOf(put),
    tx => rows.forEach(row => void tx.put(things, row)),
    () => {},
  )
  assert.deepEqual(held(filled.of(things)), held(put.of(things)))
})

test('a function of the table that throws changes nothing', () => {
  const broken = defineTable<Row>({
    name: 'broken',
    key: row => row.id,
    indexes: {
      byGroup: row => row.group ?? undefined,
      weights: row => (row.weight < 0 ? assert.fail('negative') : 'ok'),
    },
  })
  const memory = createMemory([broken])
  const reader = readerOf(memory)
  const put = (row: Row) =>
    runTransaction(
      memory,
      reader,
      tx => tx.put(broken, row),
      () => {},
    )
  put({ id: 'x', group: 'a', weight: 1, ports: [] })
  assert.throws(() => put({ id: 'x', group: 'b', weight: -1, ports: [] }), /negative/)
  assert.deepEqual([...reader.byIndex(broken, 'byGroup', 'a')].length, 1)
  assert.equal(reader.count(broken, 'byGroup', 'b'), 0)
})

test('a sum takes whole numbers only', () => {
  const memory = createMemory([things])
  const put = () =>
    runTransaction(
      memory,
      readerOf(memory),
      tx => tx.put(things, { id: 'x', group: 'a', weight: 0.5, ports: [] }),
      () => {},
    )
  assert.throws(put, /weight of a is not a whole number/)
})
