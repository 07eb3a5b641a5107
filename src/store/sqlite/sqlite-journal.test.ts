import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../lib/log.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'
import { defineTable } from '../table.ts'
import { sqliteJournal } from './sqlite-journal.ts'

type Row = { readonly id: string; readonly group: string; readonly text: string }
const things = defineTable<Row>({ name: 'things', key: row => row.id, indexes: { byGroup: row => row.group } })

const open = (file: string): Promise<Store> =>
  openStore({ tables: [things], journal: sqliteJournal({ file }), log: silentLog })

test('a store on disk holds after reopening what it held; two cannot have it open', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'data', 'store.db')
  const store = await open(file)
  await assert.rejects(open(file), { name: 'StoreFailure', code: 'LOCKED' })
  const writes = Array.from({ length: 500 }, (_, n) =>
    store.write(tx => tx.put(things, { id: `r${n % 300}`, group: `g${n % 3}`, text: `${n}` })),
  )
  await Promise.all(writes)
  await store.write(tx => tx.delete(things, 'r0'))
  const before = [...store.byIndex(things, 'byGroup', 'g1')]
  await store.close()

  const again = await open(file)
  assert.equal(again.size(things), 299)
  assert.deepEqual([...again.byIndex(things, 'byGroup', 'g1')], before)
  await again.close()
})

test('a disk that fills up stops the store; the next start reads, and writes once there is room', async t => {
  const disk = mkdtempSync(join(tmpdir(), 'store-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
  t.after(() => {
    if (status === 0) execFileSync('umount', [disk])
    rmdirSync(disk)
  })
  if (status !== 0) return t.skip('a disk cannot be mounted here')
  const file = join(disk, 'store.db')
  const store = await open(file)
  let acknowledged = 0
  const fill = async (): Promise<never> => {
    for (;;) {
      await store.write(tx => tx.put(things, { id: `r${acknowledged}`, group: 'g', text: 'x'.repeat(100_000) }))
      acknowledged++
    }
  }
  await assert.rejects(fill(), { code: 'DISK_FULL' })
  assert.equal(store.failed()?.code, 'DISK_FULL')
  await assert.rejects(store.durable(), { code: 'DISK_FULL' })
  await store.close()

  const again = await open(file)
  assert.match(again.readOnly()?.message ?? '', /MiB are free on its disk.*Make room/)
  assert.equal(again.count(things, 'byGroup', 'g'), acknowledged)
  await assert.rejects(
    again.write(tx => tx.delete(things, 'r0')),
    { code: 'DISK_FULL' },
  )
  execFileSync('mount', ['-o', 'remount,size=100m', disk])
  // The refused write looks for room behind the answer; the one after it that comes late enough is taken.
  while (again.readOnly()) await again.write(tx => tx.delete(things, 'r0')).catch(() => new Promise(setImmediate))
  await again.write(tx => tx.put(things, { id: 'new', group: 'g', text: '' }))
  assert.equal(again.failed(), undefined)
  await again.close()
})
