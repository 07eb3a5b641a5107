import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { AssertionError } from '../lib/assert.ts'
import { type MemoryDisk, memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import type { Change, Store, StoreFailure } from './store.ts'
import { changeOf } from './store.ts'
import { defineTable } from './table.ts'
import { testStore } from './test-store.ts'

type Row = { readonly id: string; readonly group?: string; readonly size: number; readonly list?: readonly number[] }

const things = defineTable<Row>({
  name: 'things',
  key: row => row.id,
  indexes: { byGroup: row => row.group },
  sums: {
    sizes: (row, add) => {
      if (row.group) add(row.group, 'size', row.size)
    },
  },
})
const others = defineTable<Row>({ name: 'others', key: row => row.id })

const open = (input: Omit<Parameters<typeof testStore>[0] & object, 'tables'> = {}): Promise<Store> =>
  testStore({ tables: [things, others], ...input })

const turn = () => new Promise(setImmediate)
const full = () => new RowJournalFailure('DISK_FULL', 'the disk is full. Make room.')

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
  assert.equal(store.size(things), 1)
  assert.deepEqual(store.sum(things, 'sizes', 'g'), { size: 1 })
  await store.close()
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

test('misuse is an assertion and changes nothing: writes inside, promises, a transaction kept, unknown names', async () => {
  const store = await open()
  await assert.rejects(
    store.write(tx => {
      tx.put(things, { id: 'a', size: 1 })
      return store.write(() => {})
    }),
    AssertionError,
  )
  await assert.rejects(
    store.write(async tx => tx.put(things, { id: 'a', size: 1 })),
    /must be synchronous/,
  )
  let kept: ((row: Row) => void) | undefined
  await store.write(tx => {
    kept = row => tx.put(things, row)
  })
  assert.throws(() => kept?.({ id: 'a', size: 1 }), /after its function returned/)
  await assert.rejects(
    store.write(tx => tx.put(things, { id: '', size: 1 })),
    /no usable key/,
  )
  await assert.rejects(
    store.write(tx => tx.put(things, { id: '\ud800', size: 1 })),
    /no usable key/,
  )
  assert.throws(() => [...store.byIndex(things, 'byGruop', 'g')], /has no index byGruop/)
  assert.throws(() => store.get(defineTable<Row>({ name: 'things', key: row => row.id }), 'a'), /was not given/)
  assert.equal(store.size(things), 0)
})

test('a test store freezes rows and refuses what JSON would not bring back', async () => {
  const store = await open()
  const list = [1]
  await store.write(tx => tx.put(things, { id: 'a', size: 1, list }))
  assert.throws(() => list.push(2), TypeError)
  for (const bad of [Number.NaN, new Date(0), 1n, () => 1]) {
    await assert.rejects(
      store.write(tx => tx.put(things, { id: 'b', size: 1, list: [bad as number] })),
      AssertionError,
    )
  }
})

test('watchers get one change a row, after it is durable, in commit order', async () => {
  const disk = Promise.withResolvers<void>()
  const store = await open({ beforeWrite: n => (n === 2 ? disk.promise : undefined) })
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
  let durable = false
  const waiting = store.durable().then(() => {
    durable = true
    assert.equal(seen.length, 2)
  })
  await turn()
  assert.equal(seen.length, 0)
  assert.equal(durable, false)
  disk.resolve()
  await Promise.all([first, second, waiting])
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

test('a transaction that changed nothing waits for what it read, and tells nobody', async () => {
  const disk = Promise.withResolvers<void>()
  const store = await open({ beforeWrite: n => (n === 2 ? disk.promise : undefined) })
  let told = 0
  store.watch(() => {
    told++
  })
  const written = store.write(tx => tx.put(things, { id: 'a', size: 1 }))
  await turn()
  const order: string[] = []
  const read = store.write(tx => tx.get(things, 'a')?.size).then(size => order.push(`read ${size}`))
  const same = store
    .write(tx => tx.put(things, tx.get(things, 'a') ?? { id: 'a', size: 0 }))
    .then(() => order.push('same'))
  await turn()
  assert.deepEqual(order, [])
  disk.resolve()
  await Promise.all([written, read, same])
  assert.deepEqual(order, ['read 1', 'same'])
  assert.equal(told, 1)
})

test('rows may be changed, deleted and added while they are iterated', async () => {
  const store = await open()
  await store.write(tx => {
    for (const id of ['a', 'b', 'c', 'd']) tx.put(things, { id, group: 'g', size: 1 })
  })
  const met: string[] = []
  await store.write(tx => {
    for (const row of tx.byIndex(things, 'byGroup', 'g')) {
      met.push(row.id)
      tx.put(things, { ...row, group: 'h' })
      if (row.id === 'a') tx.delete(things, 'b')
      if (row.id === 'd') tx.put(things, { id: 'e', group: 'g', size: 1 })
    }
  })
  assert.deepEqual(met, ['a', 'c', 'd', 'e'])
  assert.deepEqual(
    [...store.byIndex(things, 'byGroup', 'h', 'c')].map(row => row.id),
    ['d', 'e'],
  )
})

test('a failed commit stops the store: writes, reads through durable() and watchers', async () => {
  const failure = full()
  const store = await open({
    beforeWrite: n => {
      if (n === 3) throw failure
    },
  })
  const told: StoreFailure[] = []
  store.onFailure(failure => told.push(failure))
  let seen = 0
  store.watch(() => {
    seen++
  })
  await store.write(tx => tx.put(things, { id: 'a', size: 1 }))
  const lost = store.write(tx => tx.put(things, { id: 'b', size: 1 }))
  const read = store.durable()
  await assert.rejects(lost, { name: 'StoreFailure', code: 'DISK_FULL', message: failure.message, cause: failure })
  await assert.rejects(read, { code: 'DISK_FULL' })
  await assert.rejects(store.durable(), { code: 'DISK_FULL' })
  await assert.rejects(
    store.write(tx => tx.put(things, { id: 'c', size: 1 })),
    { code: 'DISK_FULL' },
  )
  await assert.rejects(
    store.write(tx => tx.get(things, 'a')),
    { code: 'DISK_FULL' },
  )
  assert.equal(store.failed()?.code, 'DISK_FULL')
  assert.deepEqual(told, [store.failed()])
  assert.equal(seen, 1)
  assert.equal(store.get(things, 'c'), undefined)
  await store.close()
})

test('with no room at start it serves reads, refuses changes without keeping them, and goes on when there is room', async () => {
  const disk: MemoryDisk = new Map()
  const first = await open({ disk })
  await first.write(tx => tx.put(things, { id: 'a', group: 'g', size: 1 }))
  await first.close()

  let room = false
  const store = await open({
    disk,
    beforeWritable: () => {
      if (!room) throw full()
    },
  })
  assert.equal(store.readOnly()?.code, 'DISK_FULL')
  await store.durable()
  assert.equal(await store.write(tx => tx.get(things, 'a')?.size), 1)
  await assert.rejects(
    store.write(tx => tx.put(things, { id: 'a', group: 'h', size: 2 })),
    { code: 'DISK_FULL' },
  )
  assert.deepEqual([...store.byIndex(things, 'byGroup', 'g')], [{ id: 'a', group: 'g', size: 1 }])
  assert.equal(store.failed(), undefined)
  room = true
  await turn()
  await assert.rejects(
    store.write(tx => tx.delete(things, 'a')),
    { code: 'DISK_FULL' },
  )
  await turn()
  assert.equal(store.readOnly(), undefined)
  await store.write(tx => tx.delete(things, 'a'))
  await store.close()
  assert.equal((await open({ disk })).size(things), 0)
})

test('reopening rebuilds rows, indexes and sums, and leaves tables it does not know', async () => {
  const disk: MemoryDisk = new Map()
  const first = await testStore({ tables: [things, others], disk })
  await first.write(tx => {
    for (let n = 9; n >= 0; n--) tx.put(things, { id: `r${n}`, group: n % 2 ? 'odd' : 'even', size: n })
    tx.put(others, { id: 'x', size: 1 })
  })
  await first.close()
  const second = await testStore({ tables: [things], disk })
  assert.deepEqual(
    [...second.all(things)].map(row => row.size),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  assert.deepEqual(
    [...second.byIndex(things, 'byGroup', 'odd', 'r3')].map(row => row.size),
    [5, 7, 9],
  )
  assert.deepEqual(second.sum(things, 'sizes', 'odd'), { size: 25 })
  await second.write(tx => tx.delete(things, 'r0'))
  await second.close()
  const third = await testStore({ tables: [things, others], disk })
  assert.deepEqual([third.size(things), third.size(others)], [9, 1])
})

test('data of a newer version, and rows that cannot be right, are refused', async () => {
  const opening = (table: string, key: string, row: unknown) =>
    open({ disk: new Map([[table, new Map([[key, JSON.stringify(row)]])]]) })
  await assert.rejects(opening('stowage.schema', 'version', { version: 99 }), { code: 'NEWER', message: /version 99/ })
  await assert.rejects(opening('stowage.schema', 'version', {}), { code: 'DAMAGED' })
  await assert.rejects(opening('things', 'a', { id: 'b', size: 1 }), {
    code: 'DAMAGED',
    message: /things a .* key is b/,
  })
  await assert.rejects(open({ disk: new Map([['things', new Map([['a', '{"id":']])]]) }), { code: 'DAMAGED' })
})

test('a closed store refuses writes; close waits for what is in flight', async () => {
  const disk: MemoryDisk = new Map()
  const store = await open({ disk, beforeWrite: turn as () => Promise<void> })
  const written = store.write(tx => tx.put(things, { id: 'a', size: 1 }))
  await store.close()
  assert.equal(disk.get('things')?.size, 1)
  await written
  await assert.rejects(
    store.write(tx => tx.put(things, { id: 'b', size: 1 })),
    { code: 'CLOSED' },
  )
  await memoryRowJournal({ disk }).close()
})

test('a watcher that throws ends the process', () => {
  const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const code = `
    import { testStore } from ${from('./test-store.ts')}
    import { clusters } from ${from('./tables.ts')}
    const store = await testStore()
    store.watch(() => { throw new Error('blind') })
    await store.write(tx => tx.put(clusters, { arn: 'arn:aws:ecs:r:1:cluster/c' }))
    setImmediate(() => process.stdout.write('went on'))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  })
  assert.notEqual(status, 0)
  assert.equal(stdout, '')
  assert.match(stderr, /a watcher of the store threw[\s\S]*blind/)
})
