// Both journals, the one on disk and the one in memory, and what the one on disk does about files that it cannot use.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { memoryRowJournal } from './memory-row-journal.ts'
import { openRowJournal } from './open-row-journal.ts'
import type { RowJournal, RowJournalFailure } from './row-journal.ts'
import { createSqliteFile } from './sqlite-create.ts'
import { PAGE_BYTES } from './write-ahead-log.ts'

const directory = (t: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'row-journal-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const contents = async (journal: RowJournal, lastRead?: (rows: number) => void): Promise<Record<string, unknown>> => {
  const rows: Record<string, unknown> = {}
  for await (const page of journal.load(() => lastRead?.(Object.keys(rows).length)))
    for (const { table, key, json } of page) rows[`${table}/${key}`] = JSON.parse(json)
  return rows
}

const opening = async (file: string): Promise<Record<string, unknown>> => {
  const journal = await openRowJournal({ file })
  try {
    return await contents(journal)
  } finally {
    await journal.close()
  }
}

/** A closed journal of `count` rows, each about a third of a page. */
const filled = async (file: string, count: number): Promise<void> => {
  const journal = await openRowJournal({ file })
  for (let n = 0; n < count; n++)
    void journal.commit([{ table: 't', key: `k${n}`, row: { n, text: 'x'.repeat(1_200) } }])
  await journal.close()
}

for (const kind of ['sqlite', 'memory'] as const) {
  test(`${kind}: what was committed is there when it is opened again, text of every kind included`, async t => {
    const file = join(directory(t), 'new', 'rows.db')
    const disk = new Map()
    const open = async () => (kind === 'memory' ? memoryRowJournal({ disk }) : openRowJournal({ file }))
    const first = await open()
    assert.deepEqual(await contents(first), {})
    await first.writable()
    await first.commit([
      { table: 'a', key: 'k', row: { n: 1 } },
      { table: 'b', key: 'k', row: { text: 'Zoë \u0000 \ud83d\ude80 \ud800 "\n' } },
      { table: 'a', key: 'gone', row: {} },
    ])
    await Promise.all([
      first.commit([{ table: 'a', key: 'gone', row: undefined }]),
      first.commit([{ table: 'a', key: 'k', row: { n: 2 } }]),
    ])
    await first.close()
    await assert.rejects(first.commit([{ table: 'a', key: 'k', row: {} }]), { code: 'CLOSED' })

    const second = await open()
    const rows = { 'a/k': { n: 2 }, 'b/k': { text: 'Zoë \u0000 \ud83d\ude80 \ud800 "\n' } }
    const readBy: number[] = []
    assert.deepEqual(await contents(second, seen => readBy.push(seen)), rows)
    assert.deepEqual(readBy, [2])
    await second.close()
    if (kind === 'sqlite') assert.equal(statSync(file).mode & 0o777, 0o600)
  })
}

test('pages of many rows arrive whole', async t => {
  const file = join(directory(t), 'rows.db')
  await filled(file, 3_000)
  assert.equal(Object.keys(await opening(file)).length, 3_000)
})

const childHolding = async (file: string): Promise<ChildProcess> => {
  const code = `import { openRowJournal } from ${JSON.stringify(new URL('./open-row-journal.ts', import.meta.url).href)}
    const journal = await openRowJournal({ file: ${JSON.stringify(file)} })
    for await (const _ of journal.load());
    await journal.commit([{ table: 't', key: 'k', row: 1 }])
    process.stdout.write('open')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('the child ended'))])
  return child
}

test('a file that another process has open is LOCKED at once, and free when that one is killed', async t => {
  const file = join(directory(t), 'rows.db')
  const child = await childHolding(file)
  t.after(() => child.kill('SIGKILL'))
  const took: bigint[] = []
  // A machine may stall in one of them.
  for (let tried = 0; tried < 3; tried++) {
    const started = process.hrtime.bigint()
    await assert.rejects(opening(file), { code: 'LOCKED', message: /rows\.db: another process has it open/ })
    took.push(process.hrtime.bigint() - started)
  }
  assert.ok(
    took.some(nanoseconds => nanoseconds < 3_000_000_000n),
    `${took.join(', ')} ns`,
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual(await opening(file), { 't/k': 1 })
})

test('a file that this process has open is LOCKED too', async t => {
  const file = join(directory(t), 'rows.db')
  const journal = await openRowJournal({ file })
  await assert.rejects(opening(file), { code: 'LOCKED' })
  await journal.commit([{ table: 't', key: 'k', row: 1 }])
  await journal.close()
})

test('a byte changed anywhere is found, or does no harm: never other rows', async t => {
  const file = join(directory(t), 'rows.db')
  await filled(file, 60)
  const rows = await opening(file)
  const good = readFileSync(file)
  const spoilt = `${file}-spoilt`
  let found = 0
  // A stride without a common factor with the page size visits headers, pointers, cells and free space alike.
  for (let at = 0; at < good.length; at += PAGE_BYTES / 2 + 977) {
    const bytes = Buffer.from(good)
    bytes[at] = (bytes[at] ?? 0) ^ 0x5a
    writeFileSync(spoilt, bytes)
    const outcome = await opening(spoilt).catch((failure: RowJournalFailure) => failure)
    if (outcome instanceof Error) {
      assert.ok(['DAMAGED', 'NEWER'].includes(outcome.code), `byte ${at}: ${outcome.code} ${outcome.message}`)
      found++
    } else {
      assert.deepEqual(outcome, rows, `byte ${at}`)
    }
    for (const end of ['', '-wal', '-journal']) rmSync(spoilt + end, { force: true })
  }
  assert.ok(found >= 10, `${found} were found`)
})

test('a file cut short, emptied, replaced or left without its file is DAMAGED', async t => {
  const path = directory(t)
  const file = join(path, 'rows.db')
  await filled(file, 60)
  const copy = (name: string): string => {
    copyFileSync(file, join(path, name))
    return join(path, name)
  }
  for (const bytes of [0, 100, PAGE_BYTES, 3 * PAGE_BYTES, statSync(file).size - PAGE_BYTES]) {
    const cut = copy(`cut-${bytes}`)
    truncateSync(cut, bytes)
    await assert.rejects(opening(cut), { code: 'DAMAGED' }, `cut to ${bytes}`)
  }
  const other = join(path, 'other')
  writeFileSync(other, 'not a database, but a letter to my aunt, who lives far away'.repeat(100))
  await assert.rejects(opening(other), { code: 'DAMAGED' })
  const foreign = new DatabaseSync(join(path, 'foreign'))
  foreign.exec('CREATE TABLE theirs (x)')
  foreign.close()
  await assert.rejects(opening(join(path, 'foreign')), { code: 'DAMAGED', message: /not a file of Stowage/ })
  writeFileSync(join(path, 'lost-wal'), 'log')
  await assert.rejects(opening(join(path, 'lost')), { code: 'DAMAGED', message: /is missing/ })
})

for (const pageBytes of [4_096, PAGE_BYTES])
  test(`a commit lost in the middle of the write-ahead log is DAMAGED; one cut short at its end is a crash; pages of ${pageBytes} bytes`, async t => {
    const path = directory(t)
    const file = join(path, 'rows.db')
    createSqliteFile(file, pageBytes)
    const child = await childHolding(file)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const journal = await openRowJournal({ file })
    await contents(journal)
    for (let n = 0; n < 20; n++) await journal.commit([{ table: 't', key: `k${n}`, row: n }])
    const log = readFileSync(`${file}-wal`)
    const base = readFileSync(file)
    await journal.close()
    const reopened = async (name: string, bytes: Buffer) => {
      writeFileSync(join(path, name), base)
      writeFileSync(join(path, `${name}-wal`), bytes)
      return opening(join(path, name))
    }
    assert.equal(Object.keys(await reopened('whole', log)).length, 21)
    assert.ok(Object.keys(await reopened('cut', log.subarray(0, log.length - 5_000))).length >= 19)
    for (const at of [5, 60, 200, log.length >> 1]) {
      const bytes = Buffer.from(log)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await assert.rejects(reopened(`spoilt-${at}`, bytes), { code: 'DAMAGED', message: /commits in it/ }, `byte ${at}`)
    }
  })

test('a file of a newer layout is refused', async t => {
  const file = join(directory(t), 'rows.db')
  await filled(file, 1)
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 2')
  database.close()
  await assert.rejects(opening(file), { code: 'NEWER', message: /layout 2/ })
})

test('a row without a JSON form fails the journal, which says so', async t => {
  const file = join(directory(t), 'rows.db')
  const failed = Promise.withResolvers<RowJournalFailure>()
  const journal = await openRowJournal({ file, onFailure: failed.resolve })
  const commit = journal.commit([{ table: 't', key: 'k', row: 1n }])
  await assert.rejects(commit, { code: 'IO' })
  assert.equal((await failed.promise).code, 'IO')
  await journal.close()
})

/** A small disk of its own; undefined where mounting is not allowed (not root, or a container). */
const mounted = (t: TestContext, size: string): string | undefined => {
  const path = mkdtempSync(join(tmpdir(), 'row-journal-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  t.after(() => {
    if (status === 0) execFileSync('umount', [path])
    rmdirSync(path)
  })
  if (status === 0) return path
  t.skip('a disk cannot be mounted here')
  return undefined
}

test('a full disk fails the commit, keeps what was acknowledged, and can be read', async t => {
  const path = mounted(t, '24m')
  if (!path) return
  const file = join(path, 'rows.db')
  const failures: RowJournalFailure[] = []
  const journal = await openRowJournal({ file, onFailure: failure => failures.push(failure) })
  await contents(journal)
  await journal.writable()
  let acknowledged = 0
  await assert.rejects(
    async () => {
      for (; ; acknowledged++) {
        await journal.commit([{ table: 't', key: `k${acknowledged}`, row: { text: 'x'.repeat(100_000) } }])
      }
    },
    { code: 'DISK_FULL', message: /no room/ },
  )
  await assert.rejects(journal.commit([{ table: 't', key: 'later', row: 1 }]), { code: 'DISK_FULL' })
  assert.equal(failures.length, 1)
  await journal.close()

  const again = await openRowJournal({ file })
  assert.equal(Object.keys(await contents(again)).length, acknowledged)
  await assert.rejects(again.writable(), { code: 'DISK_FULL', message: /are free on its disk/ })
  execFileSync('mount', ['-o', 'remount,size=200m', path])
  await again.writable()
  await again.commit([{ table: 't', key: 'later', row: 1 }])
  await again.close()
})

test('a directory that cannot be written is refused with what to check', async t => {
  const path = mounted(t, '24m')
  if (!path) return
  await filled(join(path, 'rows.db'), 1)
  execFileSync('mount', ['-o', 'remount,ro', path])
  await assert.rejects(opening(join(path, 'rows.db')), { code: 'IO', message: /owner, its mode and its mount/ })
  await assert.rejects(opening(join(path, 'new.db')), { code: 'IO', message: /owner, its mode and its mount/ })
  assert.equal(existsSync(join(path, 'new.db')), false)
})
