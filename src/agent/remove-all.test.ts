import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../lib/clock.ts'
import { systemIds } from '../lib/ids.ts'
import { openRowJournal } from '../lib/row-journal/open-row-journal.ts'
import { fakeDriver } from '../runtime/fake/fake-driver.ts'
import { containerSpec } from './engine/container-spec.ts'
import { taskLabels } from './engine/labels.ts'
import { newRecord } from './engine/record.ts'
import { openAgentJournal } from './journal.ts'
import { removeAll } from './remove-all.ts'
import { container, task } from './test-host.ts'

test('removeAll removes what this agent made, and nothing else', async t => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-remove-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  const driver = fakeDriver({ clock: systemClock(), ids: systemIds(), cpu: 1024, memory: 512 })
  const file = join(dataDir, 'agent.db')
  const payload = task('a1', [container('web', 'fake/run')])
  const journal = await openAgentJournal(
    await openRowJournal({ file }),
    { agentId: 'agent-1', cluster: 'default' },
    systemClock(),
  )
  journal.putPayload(payload)
  journal.putRecord(newRecord(payload, 0))
  await journal.close()
  for (const [agentId, of] of [
    ['agent-1', payload],
    ['agent-2', { ...payload, arn: `${payload.arn}b` }],
  ] as const) {
    const [web] = of.containers
    assert.ok(web)
    await driver.start(await driver.create(containerSpec(agentId, of, web)))
    await driver.createVolume(`volume-of-${agentId}`, taskLabels(agentId, of))
  }
  assert.deepEqual(await removeAll({ driver, dataDir, clock: systemClock() }), { containers: 1, volumes: 1 })
  assert.deepEqual(await removeAll({ driver, dataDir, clock: systemClock() }), { containers: 0, volumes: 0 })
  assert.equal(driver.containers().length, 1)
  assert.deepEqual(driver.volumes(), ['volume-of-agent-2'])
  const after = await openAgentJournal(await openRowJournal({ file }), { agentId: '', cluster: '' }, systemClock())
  assert.deepEqual([after.found, after.identity().agentId], [[], 'agent-1'])
  await after.close()
})
