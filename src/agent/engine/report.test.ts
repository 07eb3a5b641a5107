import assert from 'node:assert/strict'
import { test } from 'node:test'
import { container, task } from '../test-host.ts'
import { type ContainerRecord, newRecord, withContainer } from './record.ts'
import { owed } from './report.ts'

test('that a task has stopped is told before it is on the disk, unless no container would say so after a crash', () => {
  const payload = task('a1', [container('app', 'fake/run')])
  const known = { ...newRecord(payload, 1), runningAt: 2, stoppedAt: 3, desired: 'STOPPED' as const }
  const record = { ...known, acknowledged: { status: 'RUNNING' as const, summary: 'R' } }
  const needs = (change: Partial<ContainerRecord>) =>
    owed({ payload, record: withContainer(record, 'app', { phase: 'stopped', ...change }) })?.needs
  assert.equal(needs({ id: 'c1' }), 'nothing')
  assert.equal(needs({ id: 'c1', removed: true }), 'record', 'somebody removed it')
  assert.equal(needs({}), 'record', 'it was never made')
})
