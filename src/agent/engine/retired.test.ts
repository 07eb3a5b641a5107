import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../../lib/clock.ts'
import { Retired } from './retired.ts'

test('a stopped task is kept for its time', async () => {
  const clock = testClock()
  const due: string[] = []
  const retired = new Retired(clock, { taskCleanupWaitMs: 1_000, keptStoppedTasks: 10 }, arn => due.push(arn))
  retired.add('a', clock.now())
  await clock.advance(999)
  assert.deepEqual(due, [])
  await clock.advance(1)
  assert.deepEqual(due, ['a'])
})

test('over the bound the oldest goes at once, however far its time is', async () => {
  const clock = testClock()
  const due: string[] = []
  const retired = new Retired(clock, { taskCleanupWaitMs: 600_000, keptStoppedTasks: 2 }, arn => due.push(arn))
  for (const arn of ['a', 'b']) {
    retired.add(arn, clock.now())
    await clock.advance(10)
  }
  retired.add('c', clock.now())
  await clock.advance(0)
  assert.deepEqual(due, ['a'])
  await clock.advance(600_000)
  assert.deepEqual(due, ['a', 'b', 'c'])
})
