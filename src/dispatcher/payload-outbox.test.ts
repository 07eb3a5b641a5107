import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { linkSequence, type SequenceBlock } from './link-sequence.ts'
import { type PayloadHeader, PayloadOutbox } from './payload-outbox.ts'
import { DEFAULT_SETTINGS, type DispatcherSettings } from './settings.ts'
import { testTask } from './test-dispatcher.ts'

const FIRST = { first: 1, last: 1_000 }

const outboxOf = (settings: Partial<DispatcherSettings> = {}, unknown: readonly string[] = []) => {
  const sent: { header: PayloadHeader; tasks: readonly string[] }[] = []
  const outbox = new PayloadOutbox({
    clock: testClock(),
    ids: seededIds(1),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    sequence: linkSequence(
      FIRST,
      async () => undefined,
      () => {},
    ),
    encode: task => (unknown.includes(task.arn) ? undefined : `${task.id.slice(-1)}:${task.desiredStatus}`),
    deliver: (header, tasks) => sent.push({ header, tasks }),
  })
  return { outbox, texts: () => sent.map(({ tasks }) => tasks), sent }
}

describe('PayloadOutbox', () => {
  test('a payload ends where it would get too big, but always holds a task', () => {
    const { outbox, texts } = outboxOf({ payloadBytes: 18 })
    for (const n of [1, 2, 3]) outbox.note(undefined, testTask(n))
    outbox.flush()
    assert.deepEqual(texts(), [['1:RUNNING', '2:RUNNING'], ['3:RUNNING']])
    const small = outboxOf({ payloadBytes: 1 })
    small.outbox.note(undefined, testTask(1))
    small.outbox.flush()
    assert.deepEqual(small.texts(), [['1:RUNNING']])
  })

  test('a task that can’t be told keeps nobody else waiting', () => {
    const { outbox, texts } = outboxOf({}, [testTask(1).arn])
    for (const n of [1, 2]) outbox.note(undefined, testTask(n))
    outbox.flush()
    outbox.flush()
    assert.deepEqual(texts(), [['2:RUNNING']])
  })

  test('a stop takes the place of a start that waits or is under way', () => {
    const { outbox, texts, sent } = outboxOf()
    outbox.note(undefined, testTask(1))
    outbox.note(undefined, testTask(2))
    outbox.note(testTask(2), testTask(2, { desiredStatus: 'STOPPED' }))
    outbox.flush()
    outbox.note(testTask(1), testTask(1, { desiredStatus: 'STOPPED' }))
    outbox.flush()
    assert.deepEqual(texts(), [['1:RUNNING', '2:STOPPED'], ['1:STOPPED']])
    assert.deepEqual(
      outbox.acknowledge(sent[0]?.header.messageId ?? '').map(task => task.arn),
      [testTask(2).arn],
    )
    assert.deepEqual(outbox.acknowledge('unknown'), [])
  })

  test('a payload whose tasks are all settled makes room for the next', () => {
    const { outbox, texts } = outboxOf({ payloadsInFlight: 1 })
    outbox.note(undefined, testTask(1))
    outbox.flush()
    outbox.note(undefined, testTask(2))
    outbox.flush()
    assert.equal(texts().length, 1)
    outbox.note(testTask(1), testTask(1, { lastStatus: 'RUNNING' }))
    outbox.flush()
    assert.deepEqual(texts()[1], ['2:RUNNING'])
  })
})

describe('linkSequence', () => {
  test('asks for the next block in time, once, and waits when it is late', async () => {
    const asked: ((block: SequenceBlock) => void)[] = []
    let arrived = 0
    const reserve = () => new Promise<SequenceBlock>(resolve => asked.push(resolve))
    const numbers = linkSequence(FIRST, reserve, () => arrived++)
    for (let n = 1; n <= 1_000; n++) assert.equal(numbers.take(), n)
    assert.equal(numbers.take(), undefined)
    assert.equal(asked.length, 1)
    asked[0]?.({ first: 5_001, last: 6_000 })
    await new Promise(setImmediate)
    assert.equal(arrived, 1)
    assert.equal(numbers.take(), 5_001)
  })
})
