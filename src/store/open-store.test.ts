import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from './store.ts'
import { changeOf } from './store.ts'
import { defineTable } from './table.ts'
import { testStore } from './test-store.ts'

type Row = { readonly id: string; readonly group?: string; readonly size: number }

const things = defineTable<Row>({
  name: 'things',
  key: row => row.id,
  indexes: { byGroup: row => row.group },
  sums: { sizes: row => (row.group ? { group: row.group, add: { size: row.size } } : undefined) },
})
const others = defineTable<Row>({ name: 'others', key: row => row.id })

const open = (input: Omit<Parameters<typeof testStore>[0] & object, 'tables'> = {}) =>
  testStore({ tables: [things, others], ...input })

test('a transaction is seen at once by later ones, and durable when write resolves', async () => {
  const store = await open()
  const written = store.write(tx => {
    tx.put(things, { id: 'a', group: 'g', size: 1 })
    return 'done'
  })
  assert.deepEqual(store.get(things, 'a'), { id: 'a', group: 'g', size: 1 })
  assert.equal(await written, 'done')
  assert.deepEqual([...store.byIndex(things, 'byGroup', 'g')], [{ id: 'a', group: 'g', size: 1 }])
  assert.equal(store.count(things, 'byGroup', 'g'), 1)
  assert.deepEqual(store.sum(things, 'sizes', 'g'), { size: 1 })
})

test('a throw undoes everything and rejects the write', async () => {
  const store = await open()
  await store.write(tx => tx.put(things, { id: 'a', group: 'g', size: 1 }))
  const failed = store.write(tx => {
    tx.put(things, { id: 'a', group: 'h', size: 5 })
    tx.put(things, { id: 'b', group: 'g', size: 7 })
    tx.delete(things, 'a')
    throw new Error('no')
  })
  await assert.rejects(failed, /^Error: no$/)
  assert.deepEqual([...store.all(things)], [{ id: 'a', group: 'g', size: 1 }])
  assert.deepEqual([...store.byIndex(things, 'byGroup', 'h')], [])
  assert.deepEqual(store.sum(things, 'sizes', 'g'), { size: 1 })
  assert.deepEqual(store.sum(things, 'sizes', 'h'), {})
})

test('watchers get one change a row, after it is durable, in commit order', async () => {
  const release: (() => void)[] = []
  const store = await open({ beforeWrite: n => (n === 2 ? new Promise(resolve => release.push(resolve)) : undefined) })
  const seen: (readonly Change[])[] = []
  const end = store.watch(changes => {
    seen.push(changes)
  })
  const first = store.write(tx => {
    tx.put(things, { id: 'a', size: 1 })
    tx.put(things, { id: 'a', size: 2 })
    tx.put(others, { id: 'gone', size: 0 })
    tx.delete(others, 'gone')
  })
  const second = store.write(tx => tx.delete(things, 'a'))
  await new Promise(setImmediate)
  assert.equal(seen.length, 0)
  for (const resolve of release) resolve()
  await Promise.all([first, second])
  assert.deepEqual(
    seen.map(changes => changes.map(change => changeOf(change, things))),
    [
      [{ table: things, key: 'a', after: { id: 'a', size: 2 } }],
      [{ table: things, key: 'a', before: { id: 'a', size: 2 } }],
    ],
  )
  end()
  await store.write(tx => tx.put(others, { id: 'a', size: 1 }))
  assert.equal(seen.length, 2)
})
