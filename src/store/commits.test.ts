// Who waits while the journal is behind, and how they are let go.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_BATCH_ROWS } from '../lib/row-journal/group-commit.ts'
import { memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import { type RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import { commitsTo, PATIENCE_ROWS } from './commits.ts'
import { type Change, StoreFailure } from './store.ts'
import { clusters } from './tables.ts'

const changes = (rows: number): readonly Change[] =>
  Array.from({ length: rows }, (_, number) => ({ table: clusters, key: `k${number}`, after: {} }) as unknown as Change)

/** A journal whose commits are on the disk, one by one and in their order, when `written` says so. */
const slowly = () => {
  const waiting: PromiseWithResolvers<void>[] = []
  const journal: RowJournal = {
    ...memoryRowJournal(),
    commit: () => {
      const commit = Promise.withResolvers<void>()
      waiting.push(commit)
      return commit.promise
    },
  }
  const settle = () => new Promise(setImmediate)
  return {
    journal,
    written: () => {
      waiting.shift()?.resolve()
      return settle()
    },
    refused: (why: Error) => {
      waiting.shift()?.reject(why)
      return settle()
    },
  }
}
const fail = (cause: unknown) => new StoreFailure('IO', 'it failed', cause)

test('while a batch of rows waits those who make many wait, and are let go one by one', async () => {
  const { journal, written } = slowly()
  const commits = commitsTo(journal, fail)
  assert.equal(commits.caughtUp(), undefined)
  for (const rows of [10, 10, 10, MAX_BATCH_ROWS - 20]) void commits.commit(changes(rows))
  const gone: string[] = []
  const wait = (name: string) => void commits.caughtUp()?.then(() => gone.push(name))
  for (const name of ['first', 'second', 'third']) wait(name)
  await written()
  assert.deepEqual(gone, [], 'a whole batch of rows waits still')
  await written()
  assert.deepEqual(gone, ['first'])
  assert.equal(commits.caughtUp(), undefined)
  // What the first one writes: the second one waits for it too.
  void commits.commit(changes(MAX_BATCH_ROWS))
  await written()
  assert.deepEqual(gone, ['first'])
  await written()
  await written()
  assert.deepEqual(gone, ['first', 'second', 'third'], 'nobody waits behind the last commit')
})

test('who waits has a turn all the same, while others write without end', async () => {
  const { journal, written } = slowly()
  const commits = commitsTo(journal, fail)
  const write = () => void commits.commit(changes(MAX_BATCH_ROWS))
  write()
  write()
  let gone = false
  void commits.caughtUp()?.then(() => {
    gone = true
  })
  for (let rows = MAX_BATCH_ROWS; rows < PATIENCE_ROWS; rows += MAX_BATCH_ROWS) {
    write()
    await written()
    assert.equal(gone, false)
  }
  write()
  await written()
  assert.equal(gone, true)
})

test('a journal that failed lets everybody go, to find out', async () => {
  const { journal, refused } = slowly()
  const commits = commitsTo(journal, fail)
  const rejected = assert.rejects(commits.commit(changes(MAX_BATCH_ROWS)), StoreFailure)
  const both = Promise.all([commits.caughtUp(), commits.caughtUp()])
  await refused(new RowJournalFailure('DISK_FULL', 'full'))
  await Promise.all([rejected, both])
})
