// The journal's file under a stream of commits that never pauses: its log is begun anew all the same, and a kill at any moment of
// that loses nothing.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { CHECKPOINT_PAGES } from './checkpoints.ts'
import { openRowJournal } from './open-row-journal.ts'
import { PAGE_BYTES } from './write-ahead-log.ts'

const fileOf = (t: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'checkpoints-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return join(path, 'rows.db')
}

/** Half a mebibyte of rows. */
const commitOf = (number: number) =>
  Array.from({ length: 8 }, (_, row) => ({
    table: 't',
    key: `k${number}-${row}`,
    row: { number, text: 'x'.repeat(65_000) },
  }))

test('a log that is never idle is copied into the file and begun anew', async t => {
  const file = fileOf(t)
  const journal = await openRowJournal({ file })
  // Two at any time: the thread that commits is never without work.
  let last = journal.commit(commitOf(0))
  let longest = 0
  for (let number = 1; number < 240; number++) {
    const next = journal.commit(commitOf(number))
    await last
    last = next
    longest = Math.max(longest, statSync(`${file}-wal`).size)
  }
  await last
  const checkpoint = CHECKPOINT_PAGES * PAGE_BYTES
  // Of 120 MiB. It grows past one checkpoint while that is made, and at most to four.
  assert.ok(longest > checkpoint && longest < 4.5 * checkpoint, `the log grew to ${longest} bytes`)
  assert.ok(statSync(file).size > 2 * checkpoint, `the file has ${statSync(file).size} bytes`)
  await journal.close()
})

test('killed in the middle of a checkpoint, a file has all that was acknowledged', async t => {
  const file = fileOf(t)
  let first = 0
  // The log is long enough after 32 commits: the kills come before, while and after it is copied.
  for (const commits of [30, 33, 34, 36, 40]) {
    const acknowledged = await killedAfter(file, first, commits)
    const journal = await openRowJournal({ file })
    const found = new Set<string>()
    for await (const page of journal.load()) for (const { key } of page) found.add(key)
    await journal.close()
    for (let number = 0; number <= acknowledged; number++)
      for (const { key } of commitOf(number)) assert.ok(found.has(key), `${key} of ${acknowledged} commits`)
    first = acknowledged + 1
  }
})

/** The last number that a process was told is on the disk before it was killed. */
const killedAfter = async (file: string, first: number, commits: number): Promise<number> => {
  const code = `import { openRowJournal } from ${JSON.stringify(new URL('./open-row-journal.ts', import.meta.url).href)}
    const commitOf = ${commitOf.toString()}
    const journal = await openRowJournal({ file: ${JSON.stringify(file)} })
    for await (const _ of journal.load());
    for (let number = ${first}; ; number++) {
      await journal.commit(commitOf(number))
      process.stdout.write(number + '\\n')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let acknowledged = -1
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line)
    if (acknowledged >= first + commits) child.kill('SIGKILL')
  }
  await exited
  assert.ok(acknowledged >= first + commits, 'it ended by itself')
  return acknowledged
}
