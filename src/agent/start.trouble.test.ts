// The agent when its server, its instance or its journal is not as it was.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { silentLog } from '../lib/log.ts'
import { type MemoryDisk, memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import { startAgent, startAgentOn } from './start.ts'
import {
  agentOf,
  clock,
  connected,
  inputFor,
  messages,
  peerFor,
  runtime,
  send,
  submitted,
  temporary,
} from './test-agent.ts'
import { container, task } from './test-host.ts'
import { INSTANCE, type TestPeer, testPeer } from './test-peer.ts'

describe('an agent in trouble', () => {
  test('registers anew when the server does not take its instance any more', async t => {
    const dataDir = await temporary(t)
    const first = await peerFor(t)
    await (await agentOf(t, first, runtime(), dataDir)).stop()
    const second = await peerFor(t)
    const anew = INSTANCE.replace(/0123/, 'ffff')
    second.answers.set('RegisterContainerInstance', ({ containerInstanceArn }) =>
      containerInstanceArn
        ? {
            status: 400,
            body: {
              __type: 'InvalidParameterException',
              message: 'The referenced container instance was deregistered.',
            },
          }
        : { status: 200, body: { containerInstance: { containerInstanceArn: anew } } },
    )
    const agent = await agentOf(t, second, runtime(), dataDir)
    await connected(second)
    assert.equal(agent.containerInstanceArn, anew)
  })

  test('a server that says no to the first registration ends the start', async t => {
    const peer = await peerFor(t)
    peer.answers.set('RegisterContainerInstance', () => ({
      status: 403,
      body: {
        __type: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      },
    }))
    await assert.rejects(agentOf(t, peer, runtime()), { code: 'UnrecognizedClientException' })
  })

  test('a cluster that the server does not know can be put right at the next start', async t => {
    const dataDir = await temporary(t)
    const wrong = await peerFor(t)
    wrong.answers.set('RegisterContainerInstance', () => ({
      status: 400,
      body: { __type: 'ClusterNotFoundException', message: 'Cluster not found.' },
    }))
    const as = (peer: TestPeer, cluster: string) =>
      startAgent({ ...inputFor(peer, runtime()), cluster, dataDir, log: silentLog })
    await assert.rejects(as(wrong, 'prd'), { code: 'ClusterNotFoundException' })
    const peer = await peerFor(t)
    const agent = await as(peer, 'prod')
    await agent.stop()
    assert.equal(peer.calls[0]?.input['cluster'], 'prod')
    await assert.rejects(as(peer, 'prd'), /journal is of cluster prod, not prd/)
  })

  test('comes back by itself when the server was gone, and sends what it owes', async t => {
    const driver = runtime()
    const first = await testPeer()
    await agentOf(t, first, driver)
    await connected(first)
    send(first, 1, task('a1', [container('web', 'fake/run')]))
    await first.until(() => submitted(first)[0])
    const port = Number(new URL(first.endpoint).port)
    await first.close()
    driver.kill(driver.containers()[0]?.id ?? '')
    const second = await peerFor(t, port)
    const end = await second.until(() => submitted(second)[0])
    assert.equal(end['status'], 'STOPPED')
    await connected(second)
    const acs = second.upgrades.find(({ url }) => url.startsWith('/acs/'))
    assert.match(acs?.url ?? '', /sendCredentials=false/)
  })

  test('a journal that fails: no ack, tasks go on, and a new journal takes over', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    const disk: MemoryDisk = new Map()
    let full = false
    const failures: string[] = []
    // The agent waits 5 s before it opens the journal again.
    const hasty = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.min(ms, 10), signal) }
    const agent = await startAgentOn({ ...inputFor(peer, driver), clock: hasty }, async onFailure =>
      memoryRowJournal({
        disk,
        onFailure: failure => {
          failures.push(failure.code)
          if (failures.length === 2) full = false
          onFailure(failure)
        },
        beforeWrite: () => {
          if (full) throw new RowJournalFailure('DISK_FULL', 'no room')
        },
      }),
    )
    t.after(() => agent.stop())
    await connected(peer)
    send(peer, 1, task('a1', [container('web', 'fake/run')]))
    await peer.until(() => messages(peer, 'AckRequest')[0])
    full = true
    send(peer, 2, task('a2', [container('web', 'fake/run')]))
    // Once again it cannot be written, then it can.
    await connected(peer, 4)
    assert.deepEqual(failures, ['DISK_FULL', 'DISK_FULL'])
    assert.deepEqual(
      messages(peer, 'AckRequest').map(ack => ack.messageId),
      ['p1'],
    )
    send(peer, 3, task('a2', [container('web', 'fake/run')]), task('a3', [container('web', 'fake/run')]))
    await peer.until(() => messages(peer, 'AckRequest')[1])
    await peer.until(() => (new Set(submitted(peer).map(report => report['task'])).size === 3 ? true : undefined))
    assert.deepEqual(
      driver.containers().map(({ status }) => status),
      ['running', 'running', 'running'],
    )
  })

  test('a journal that failed for want of room: the agent stays away until there is room', async t => {
    const peer = await peerFor(t)
    let full = false
    let looks = 0
    const hasty = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.min(ms, 10), signal) }
    const disk: MemoryDisk = new Map()
    const refuse = (): void => {
      if (full) throw new RowJournalFailure('DISK_FULL', 'no room')
    }
    const beforeWritable = (): void => {
      if (++looks === 3) full = false
      else assert.equal(peer.upgrades.length, 2)
      refuse()
    }
    const agent = await startAgentOn({ ...inputFor(peer, runtime()), clock: hasty }, async onFailure =>
      memoryRowJournal({ disk, onFailure, beforeWritable, beforeWrite: refuse }),
    )
    t.after(() => agent.stop())
    await connected(peer)
    full = true
    send(peer, 1, task('a1', [container('web', 'fake/run')]))
    await connected(peer, 4)
    assert.equal(looks, 3)
  })

  for (const __type of ['InvalidParameterException', 'ClusterNotFoundException'])
    test(`reports nothing twice when an ${__type} refuses it`, async t => {
      const peer = await peerFor(t)
      peer.answers.set('SubmitTaskStateChange', () => ({ status: 400, body: { __type } }))
      const driver = runtime()
      await agentOf(t, peer, driver)
      await connected(peer)
      send(peer, 1, task('a1', [container('job', 'fake/exit-1')]))
      await peer.until(() => (submitted(peer).length >= 2 ? true : undefined))
      assert.deepEqual(
        submitted(peer).map(({ status }) => status),
        ['RUNNING', 'STOPPED'],
      )
    })
})
