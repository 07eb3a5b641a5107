// kill -9 at any moment: the store, opened again, holds every acknowledged write, each transaction whole or not at all.
// STOWAGE_CRASHES sets how many kills (30).
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../src/lib/log.ts'
import { openStore } from '../src/store/open-store.ts'
import { sqliteJournal } from '../src/store/sqlite/sqlite-journal.ts'
import type { Store } from '../src/store/store.ts'
import { accounts, entries, entryKey, KEPT, WRITERS, writerKey } from './store-crash-tables.ts'

const CRASHES = Number(process.env['STOWAGE_CRASHES'] ?? 30)
const WRITER = fileURLToPath(new URL('./store-crash-writer.ts', import.meta.url))

test(`${CRASHES} kills under a stream of writes lose nothing and leave nothing half done`, async t => {
  const directory = mkdtempSync(join(tmpdir(), 'store-crash-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'store.db')
  let acknowledged = 0
  let transactions = 0
  for (let crash = 0; crash < CRASHES; crash++) {
    const last = await crashing(file, crash)
    const store = await openStore({ tables: [accounts, entries], journal: sqliteJournal({ file }), log: silentLog })
    transactions += check(store, `${crash}`, last)
    const total = store.sum(accounts, 'total', 'all')
    assert.equal(total['balance'] ?? 0, 0, 'a unit left one account and reached no other')
    // Each transaction raises the versions by two: of one account twice, or of two.
    assert.equal(total['version'] ?? 0, 2 * transactions, 'an account and the entries of its transactions differ')
    acknowledged += last.reduce((sum, n) => sum + n + 1, 0)
    await store.close()
  }
  assert.ok(acknowledged > CRASHES, `${acknowledged} writes were acknowledged`)
  t.diagnostic(`${acknowledged} acknowledged writes, ${transactions} found`)
})

/** Runs the writer, kills it after 0 to 60 ms of writing, and gives the last transaction that each writer acknowledged. */
const crashing = async (file: string, crash: number): Promise<number[]> => {
  const child = spawn(process.execPath, [WRITER, file, `${crash}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const last = Array.from({ length: WRITERS }, () => -1)
  // Every fifth is killed while it opens, over the log of the one before.
  if (crash % 5 === 4) setTimeout(() => child.kill('SIGKILL'), 40 + 15 * (crash % 7))
  let opened = false
  for await (const line of linesOf(child)) {
    if (line === 'open') {
      opened = true
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 60)
      continue
    }
    const [writer = 0, n = 0] = line.split(' ').map(Number)
    assert.equal(n, (last[writer] ?? 0) + 1)
    last[writer] = n
  }
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL', `the writer ended by itself${opened ? '' : ' before it was open'}`)
  return last
}

/** Whole lines only: what the kill cut off was not said. */
async function* linesOf(child: ChildProcessByStdio<null, Readable, null>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** How many transactions of this round happened: all that were acknowledged, at most one more a writer, without gaps. */
const check = (store: Store, round: string, last: readonly number[]): number => {
  let happened = 0
  for (const [writer, acknowledged] of last.entries()) {
    const found = [...store.byIndex(entries, 'byWriter', writerKey(round, writer))]
    const newest = found.length === 0 ? -1 : Number(found.at(-1)?.key.slice(-8))
    assert.ok(newest >= acknowledged, `writer ${writer} was told of ${acknowledged}, the store has ${newest}`)
    assert.ok(
      newest <= acknowledged + 1,
      `writer ${writer} cannot have begun ${newest} before it was told of ${newest - 1}`,
    )
    const oldest = Math.max(0, newest - KEPT + 1)
    const expected = Array.from({ length: newest - oldest + 1 }, (_, i) => entryKey(round, writer, oldest + i))
    assert.deepEqual(
      found.map(entry => entry.key),
      expected,
    )
    assert.ok(found.every((entry, i) => entry.text.length === ((oldest + i) * 37) % 3_000))
    happened += newest + 1
  }
  return happened
}
