import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { Reporter } from './reporter.ts'

test('a report that failed and is by now not due yet waits for its time when the server answers again', async () => {
  const clock = testClock()
  const sent: string[] = []
  let server = false
  let dueAt = 0
  const reporter = new Reporter({
    submit: async ({ task }) => {
      if (!server) throw new Error('no server')
      sent.push(task)
    },
    owed: task => ({
      report: { cluster: 'default', task, status: 'RUNNING' },
      summary: '',
      dueAt,
      needs: 'nothing',
    }),
    acknowledged: () => {
      dueAt = Number.POSITIVE_INFINITY
    },
    durable: async () => {},
    payloadDurable: async () => {},
    clock,
    ids: seededIds(1),
    log: silentLog,
  })
  reporter.look('one')
  await clock.advance(1)
  server = true
  dueAt = clock.now() + 100
  // It did not return: what it looked through grew by what it put there.
  reporter.retryNow()
  await clock.advance(99)
  assert.deepEqual(sent, [])
  await clock.advance(1)
  assert.deepEqual(sent, ['one'])
  reporter.end()
})
