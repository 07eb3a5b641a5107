import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { fakeDriver } from '../runtime/fake/fake-driver.ts'
import { containerStats } from './container-stats.ts'
import { newRecord } from './engine/record.ts'
import { isSandbox, withSandbox } from './engine/sandbox.ts'
import { awsvpcTask, container } from './test-host.ts'

test('containers that share a network are told an equal part of its traffic each; the sandbox is not told of', async () => {
  const clock = testClock()
  const counters = { rxPackets: 0, rxErrors: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txErrors: 0, txDropped: 0 }
  const driver = {
    ...fakeDriver({ clock, ids: seededIds(1), cpu: 1024, memory: 512 }),
    sample: async (id: string) => ({
      at: clock.now(),
      cpuNanoseconds: clock.now(),
      memoryBytes: 0,
      storage: { readBytes: 0, writeBytes: 0 },
      ...(id.startsWith('~internal') ? { network: { rxBytes: 1_001, ...counters } } : {}),
    }),
  }
  const payload = withSandbox(awsvpcTask('a1', [container('web', 'i'), container('side', 'i')]))
  const fresh = newRecord(payload, 0)
  const containers = fresh.containers.map(each => ({ ...each, phase: 'running' as const, id: each.name }))
  assert.equal(containers.filter(isSandbox).length, 1)
  const stats = containerStats(driver, 2)
  assert.deepEqual(await stats.round([{ payload, record: { ...fresh, containers } }]), [])
  await clock.advance(1_000)
  const [task] = await stats.round([{ payload, record: { ...fresh, containers } }])
  assert.deepEqual(
    task?.containerMetrics.map(({ containerName, networkStatsSet }) => [containerName, networkStatsSet?.rxBytes?.sum]),
    [
      ['web', 500],
      ['side', 500],
    ],
  )
})
