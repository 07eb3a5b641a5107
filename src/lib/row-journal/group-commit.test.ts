import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Batch, groupCommit, MAX_BATCH_ROWS, MAX_QUEUED_ROWS } from './group-commit.ts'
import { RowJournalFailure } from './row-journal.ts'

const put = (key: string, row: unknown) => [{ table: 't', key, row }]
const contentOf = (batch: Batch) =>
  Object.fromEntries([...batch].map(([table, rows]) => [table, Object.fromEntries(rows)]))
const turn = () => new Promise(setImmediate)

/** A disk that answers when it is told to. */
const disk = () => {
  const batches: ReturnType<typeof contentOf>[] = []
  const answers: PromiseWithResolvers<void>[] = []
  const write = (batch: Batch): Promise<void> => {
    batches.push(contentOf(batch))
    const answer = Promise.withResolvers<void>()
    answers.push(answer)
    return answer.promise
  }
  return {
    batches,
    write,
    answer: () => answers.shift()?.resolve(),
    refuse: (why: Error) => answers.shift()?.reject(why),
  }
}

test('what is given while a batch is written goes into the next, each row as last put', async () => {
  const { batches, write, answer } = disk()
  const { commit } = groupCommit(write, assert.fail)
  const order: number[] = []
  const done = (n: number) => () => void order.push(n)
  const first = commit(put('a', 1)).then(done(1))
  await turn()
  const later = [
    commit(put('b', 1)).then(done(2)),
    commit(put('b', 2)).then(done(3)),
    commit(put('a', undefined)).then(done(4)),
  ]
  await turn()
  assert.deepEqual(batches, [{ t: { a: 1 } }])
  answer()
  await first
  await turn()
  assert.deepEqual(batches[1], { t: { b: 2, a: undefined } })
  assert.deepEqual(order, [1])
  answer()
  await Promise.all(later)
  assert.deepEqual(order, [1, 2, 3, 4])
})

test('a commit made by whoever was just told of the last one is written too', async () => {
  const { batches, write } = { batches: [] as Batch[], write: async (batch: Batch) => void batches.push(batch) }
  const { commit } = groupCommit(write, assert.fail)
  for (let n = 0; n < 100; n++) await commit(put(`k${n}`, 1))
  assert.equal(batches.length, 100)
})

test('a failed write rejects its commits, the queued ones and all later ones, and is told once', async () => {
  const { write, refuse } = disk()
  const told: RowJournalFailure[] = []
  const { commit, fail } = groupCommit(write, failure => told.push(failure))
  const failure = new RowJournalFailure('DISK_FULL', 'full')
  const first = commit(put('a', 1))
  await turn()
  const queued = commit(put('b', 1))
  const rejected = [assert.rejects(first, failure), assert.rejects(queued, failure)]
  refuse(failure)
  await Promise.all(rejected)
  await assert.rejects(commit(put('c', 1)), failure)
  fail(new RowJournalFailure('IO', 'late'))
  assert.deepEqual(told, [failure])
})

test('a large queue is written in batches; one that outgrows its limit ends the journal', async () => {
  const { batches, write, answer } = disk()
  const told: RowJournalFailure[] = []
  const { commit } = groupCommit(write, failure => told.push(failure))
  const many = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ table: 't', key: `${prefix}${n}`, row: n }))
  const commits = [commit(many('a', MAX_BATCH_ROWS - 1)), commit(many('b', 2)), commit(many('c', 5))]
  await turn()
  assert.equal(Object.keys(batches[0]?.['t'] ?? {}).length, MAX_BATCH_ROWS + 1)
  answer()
  await turn()
  assert.equal(Object.keys(batches[1]?.['t'] ?? {}).length, 5)
  answer()
  await Promise.all(commits)

  // One commit may be as large as it likes; what may not grow is the queue behind a disk that does not answer.
  const stuck = [commit(put('in flight', 1)), turn().then(() => commit(many('d', MAX_QUEUED_ROWS)))]
  await turn()
  await turn()
  const rejected = assert.rejects(commit(put('one more', 1)), { code: 'IO', message: /does not keep up/ })
  await Promise.all([rejected, assert.rejects(stuck[1] ?? Promise.resolve(), { code: 'IO' })])
  assert.equal(told.length, 1)
  answer()
  await stuck[0]
})

test('close waits for what is queued and refuses what comes later', async () => {
  const { write, answer } = disk()
  const { commit, close } = groupCommit(write, assert.fail)
  const commits = [commit(put('a', 1)), turn().then(() => commit(put('b', 1)))]
  await turn()
  await turn()
  let closed = false
  const closing = close().then(() => {
    closed = true
  })
  await assert.rejects(commit(put('c', 1)), { code: 'CLOSED' })
  answer()
  await commits[0]
  await turn()
  assert.equal(closed, false)
  answer()
  await Promise.all([...commits, closing])
})
