import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { changeTask, type Task } from '../domain/task.ts'
import type { MemoryDisk } from '../lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import type { Store } from '../store/store.ts'
import { containerInstances, tasks } from '../store/tables.ts'
import { testStore } from '../store/test-store.ts'
import { INSTANCE, Refused, testDispatcher, testInstance, testTask } from './test-dispatcher.ts'

const LIMIT = { timeout: 120_000 }

/** Resolves when `is` holds for the task's durable row. */
const taskIs = (store: Store, arn: string, is: (task: Task) => boolean): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      const task = store.get(tasks, arn)
      if (!task || !is(task)) return
      end()
      resolve()
    }
    const end = store.watch(look)
    look()
  })

const connectedIs = (store: Store, wanted: boolean): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      if (store.get(containerInstances, INSTANCE)?.agentConnected !== wanted) return
      end()
      resolve()
    }
    const end = store.watch(look)
    look()
  })

const stopped = (task: Task): Task =>
  changeTask(task, { desiredStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' })

describe('ACS session', LIMIT, () => {
  test('a connecting agent is told what it is owed, then its tasks', async t => {
    const { putTask, connect, instance } = await testDispatcher(t)
    await putTask(testTask(1))
    await putTask(testTask(2, { lastStatus: 'RUNNING' }))
    await putTask(stopped(testTask(3, { lastStatus: 'RUNNING' })))
    await putTask(testTask(4, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }))
    const agent = await connect({ dockerVersion: 'DockerVersion: 20.10.24' })
    const payload = await agent.next('PayloadMessage')
    assert.deepEqual(
      payload.tasks.map(task => [task.arn, task.desiredStatus]),
      [
        [testTask(1).arn, 'RUNNING'],
        [testTask(3).arn, 'STOPPED'],
      ],
    )
    assert.equal(payload.containerInstanceArn, INSTANCE)
    const manifest = await agent.next('TaskManifestMessage')
    assert.deepEqual(
      manifest.tasks.map(task => [task.taskArn, task.desiredStatus]),
      [
        [testTask(1).arn, 'RUNNING'],
        [testTask(2).arn, 'RUNNING'],
        [testTask(3).arn, 'STOPPED'],
      ],
    )
    assert.ok(manifest.timeline > payload.seqNum)
    assert.equal(instance()?.agentConnected, true)
    assert.deepEqual(instance()?.versionInfo, { agentVersion: '1.105.1', dockerVersion: 'DockerVersion: 20.10.24' })
    assert.ok((instance()?.linkSequence ?? 0) >= manifest.timeline)
  })

  test('a new task goes out once, and again only when it is to stop', async t => {
    const { store, putTask, connect } = await testDispatcher(t)
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await putTask(testTask(1))
    const first = await agent.next('PayloadMessage')
    agent.ack(first)
    await putTask(changeTask(testTask(1), { pullStartedAt: 5 }))
    await putTask(changeTask(testTask(1), { lastStatus: 'RUNNING' }))
    assert.deepEqual(await agent.settled(), [])
    await putTask(stopped(testTask(1, { lastStatus: 'RUNNING' })))
    const second = await agent.next('PayloadMessage')
    assert.equal(second.tasks[0]?.desiredStatus, 'STOPPED')
    assert.equal(second.tasks[0]?.containers.length, 1)
    assert.ok(second.seqNum > first.seqNum)
    assert.equal(store.get(tasks, testTask(1).arn)?.lastStatus, 'RUNNING')
    agent.ack(second)
    await taskIs(store, testTask(1).arn, task => task.lastStatus === 'STOPPING')
    assert.deepEqual(await agent.settled(), [])
  })

  test('a task that load balancers are not done with runs on, for an agent that connects meanwhile too', async t => {
    const { putTask, connect } = await testDispatcher(t)
    const leaving = stopped(testTask(1, { lastStatus: 'DEACTIVATING' }))
    await putTask(testTask(1, { lastStatus: 'RUNNING' }))
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await putTask(leaving)
    assert.deepEqual(await agent.settled(), [])
    const again = await connect()
    const manifest = await again.next('TaskManifestMessage')
    assert.deepEqual(
      manifest.tasks.map(({ desiredStatus }) => desiredStatus),
      ['RUNNING'],
    )
    await putTask(changeTask(leaving, { lastStatus: 'STOPPING' }))
    const payload = await again.next('PayloadMessage')
    assert.equal(payload.tasks[0]?.desiredStatus, 'STOPPED')
  })

  test('the tasks of one commit share payloads, as far as the limits let them', async t => {
    const { store, connect } = await testDispatcher(t, { settings: { tasksPerPayload: 2, payloadsInFlight: 2 } })
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await store.write(tx => {
      for (let n = 1; n <= 5; n++) tx.put(tasks, testTask(n))
    })
    const first = await agent.next('PayloadMessage')
    const second = await agent.next('PayloadMessage')
    assert.deepEqual([first.tasks.length, second.tasks.length], [2, 2])
    assert.deepEqual(await agent.settled(), [])
    agent.ack(second)
    assert.deepEqual(
      (await agent.next('PayloadMessage')).tasks.map(task => task.arn),
      [testTask(5).arn],
    )
  })

  test('what was not acknowledged when the link broke is told to the next one', async t => {
    const { store, putTask, connect } = await testDispatcher(t)
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await putTask(testTask(1))
    const lost = await agent.next('PayloadMessage')
    agent.kill()
    await connectedIs(store, false)
    const again = await connect()
    const payload = await again.next('PayloadMessage')
    assert.deepEqual(payload.tasks, lost.tasks)
    assert.ok(payload.seqNum > lost.seqNum)
  })

  test('sequence numbers rise over a restart of the server', async t => {
    const disk: MemoryDisk = new Map()
    const before = await testDispatcher(t, { store: await testStore({ disk }) })
    const timeline = (await (await before.connect()).next('TaskManifestMessage')).timeline
    await before.store.close()
    const after = await testDispatcher(t, { store: await testStore({ disk }) })
    assert.ok((await (await after.connect()).next('TaskManifestMessage')).timeline > timeline)
  })

  test('after a restart an agent counts as connected until it had time to come back', async t => {
    const disk: MemoryDisk = new Map()
    const before = await testDispatcher(t, { store: await testStore({ disk }) })
    await (await before.connect()).next('TaskManifestMessage')
    await before.store.close()
    const after = await testDispatcher(t, { store: await testStore({ disk }), settings: { reconnectGraceMs: 1_000 } })
    assert.equal(after.instance()?.agentConnected, true)
    await after.clock.advance(1_000)
    await connectedIs(after.store, false)
  })

  test('where that cannot be written, it is as soon as it can', async t => {
    const disk: MemoryDisk = new Map()
    const before = await testDispatcher(t, { store: await testStore({ disk }) })
    await (await before.connect()).next('TaskManifestMessage')
    await before.store.close()
    let full = true
    const beforeWritable = (): void => {
      if (full) throw new RowJournalFailure('DISK_FULL', 'no room.')
    }
    const store = await testStore({ disk, beforeWritable })
    const after = await testDispatcher(t, { store, settings: { reconnectGraceMs: 1_000 } })
    await after.clock.advance(60_000)
    assert.equal(after.instance()?.agentConnected, true)
    full = false
    while (after.instance()?.agentConnected) await after.clock.advance(1_000)
    // No agent could connect while there was no room.
    assert.ok((after.instance()?.silentSince ?? 0) > 60_000)
  })

  test('numbers rise, within what the row has reserved, and never run out', async t => {
    const { putTask, connect, instance } = await testDispatcher(t)
    const agent = await connect()
    let last = (await agent.next('TaskManifestMessage')).timeline
    for (let n = 1; n <= 2_100; n++) {
      await putTask(testTask(1, n % 2 ? {} : { lastStatus: 'RUNNING' }))
      if (n % 2 === 0) continue
      const payload = await agent.next('PayloadMessage')
      agent.ack(payload)
      assert.ok(payload.seqNum > last)
      assert.ok(payload.seqNum <= (instance()?.linkSequence ?? 0))
      last = payload.seqNum
    }
  })

  test('an unacknowledged payload goes out again on the same link, unless a report settled it', async t => {
    const { putTask, connect, clock } = await testDispatcher(t)
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await putTask(testTask(1))
    await putTask(testTask(2))
    const first = await agent.next('PayloadMessage')
    await agent.next('PayloadMessage')
    await putTask(testTask(2, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }))
    await clock.advance(30_000)
    await agent.next('HeartbeatMessage')
    assert.deepEqual(await agent.settled(), [])
    await clock.advance(60_000)
    await agent.next('HeartbeatMessage')
    await agent.next('HeartbeatMessage')
    const again = await agent.next('PayloadMessage')
    assert.ok(again.generatedAt >= first.generatedAt + 60_000)
    assert.deepEqual({ ...again, generatedAt: 0 }, { ...first, generatedAt: 0 })
    assert.deepEqual(await agent.settled(), [])
  })

  test('only what the store does not want is confirmed as a stop', async t => {
    const { putTask, connect } = await testDispatcher(t)
    await putTask(testTask(1, { lastStatus: 'RUNNING' }))
    const agent = await connect()
    const manifest = await agent.next('TaskManifestMessage')
    await putTask(testTask(2, { lastStatus: 'RUNNING' }))
    await putTask(testTask(3, { lastStatus: 'RUNNING', containerInstanceArn: `${INSTANCE}0` }))
    const stopCandidates = [1, 2, 3, 4].map(n => ({
      taskArn: testTask(n).arn,
      taskClusterArn: testTask(n).clusterArn,
      desiredStatus: 'STOPPED',
    }))
    const verification = {
      type: 'TaskStopVerificationMessage',
      message: { messageId: manifest.messageId, stopCandidates },
    }
    agent.send({ ...verification, message: { ...verification.message, messageId: 'another' } })
    agent.send(verification)
    agent.send(verification)
    const ack = await agent.next('TaskStopVerificationAck')
    assert.equal(ack.messageId, manifest.messageId)
    assert.deepEqual(ack.stopTasks, stopCandidates.slice(2))
    assert.deepEqual(await agent.settled(), [])
  })

  test('a newer connection takes the place of an older one', async t => {
    const { store, putTask, connect, instance } = await testDispatcher(t)
    const older = await connect()
    await older.next('TaskManifestMessage')
    const newer = await connect()
    assert.equal(await older.closed, 1012)
    await newer.next('TaskManifestMessage')
    await putTask(testTask(1))
    await newer.next('PayloadMessage')
    assert.equal(instance()?.agentConnected, true)
    newer.kill()
    await connectedIs(store, false)
  })

  test('a silent agent is cut off after three heartbeats without an answer', async t => {
    const { store, connect, clock } = await testDispatcher(t)
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    await clock.advance(30_000)
    agent.send({ type: 'HeartbeatAckRequest', message: await agent.next('HeartbeatMessage') })
    await agent.settled()
    await clock.advance(90_000)
    assert.deepEqual(await agent.settled(), ['HeartbeatMessage', 'HeartbeatMessage', 'HeartbeatMessage'])
    await clock.advance(30_000)
    await agent.closed
    await connectedIs(store, false)
  })

  test('frames that make no sense are ignored', async t => {
    const { putTask, connect } = await testDispatcher(t)
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    const frames = ['', '{', 'null', '[]', '{"type":1}', '{"type":"AckRequest"}', '{"type":"AckRequest","message":{}}']
    for (const frame of [...frames, '{"type":"New","message":{"messageId":"m"}}']) agent.ws.send(frame)
    agent.ws.send(Buffer.from([0, 255, 1]))
    await putTask(testTask(1))
    await agent.next('PayloadMessage')
  })

  test('a frame over the limit ends the link', async t => {
    const { connect } = await testDispatcher(t, { settings: { frameBytes: 1_000 } })
    const agent = await connect()
    agent.ws.send('x'.repeat(1_001))
    assert.equal(await agent.closed, 1009)
  })

  test('an instance that is unknown, deregistered or elsewhere is refused in the handshake', async t => {
    const { store, connect, connectTelemetry } = await testDispatcher(t)
    const refusal = (type: string) => (error: unknown) =>
      error instanceof Refused && Object.keys(error.body as object)[0] === type
    await assert.rejects(connect({ containerInstanceArn: 'none' }), refusal('InvalidInstanceException'))
    await assert.rejects(connect({ clusterArn: 'other' }), refusal('InvalidClusterException'))
    const agent = await connect()
    const telemetry = await connectTelemetry()
    await store.write(tx => tx.put(containerInstances, testInstance({ status: 'INACTIVE', agentConnected: true })))
    assert.equal(await agent.closed, 1008)
    assert.equal(await telemetry.closed, 1008)
    await connectedIs(store, false)
    await assert.rejects(connect(), refusal('InactiveInstanceException'))
    await assert.rejects(connectTelemetry(), refusal('InactiveInstanceException'))
  })

  test('a task leaves for its agent only when it is durable, in the turn in which it is', async t => {
    let release = () => {}
    let held: Promise<void> | undefined
    const { store, putTask, connect } = await testDispatcher(t, { store: await testStore({ beforeWrite: () => held }) })
    const agent = await connect()
    await agent.next('TaskManifestMessage')
    held = new Promise(resolve => {
      release = resolve
    })
    const written = putTask(testTask(1))
    assert.ok(store.get(tasks, testTask(1).arn))
    assert.deepEqual(await agent.settled(), [])
    release()
    await written
    await agent.next('PayloadMessage')
  })

  test('changes from before and during a connection are told once it is durable, the newest last', async t => {
    let release = () => {}
    let held: Promise<void> | undefined
    const { putTask, connect } = await testDispatcher(t, { store: await testStore({ beforeWrite: () => held }) })
    held = new Promise(resolve => {
      release = resolve
    })
    const writes = [putTask(testTask(1)), putTask(testTask(2))]
    const agent = await connect()
    writes.push(putTask(stopped(testTask(1))), putTask(testTask(3)))
    writes.push(putTask(testTask(2, { lastStatus: 'RUNNING' })))
    assert.deepEqual(await agent.settled(), [])
    release()
    await Promise.all(writes)
    const last = new Map<string, string>()
    while ((await agent.settled()).length > 0) {
      const types = await agent.settled()
      if (types[0] === 'TaskManifestMessage') await agent.next('TaskManifestMessage')
      else for (const task of (await agent.next('PayloadMessage')).tasks) last.set(task.arn, task.desiredStatus)
    }
    assert.equal(last.get(testTask(1).arn), 'STOPPED')
    assert.equal(last.get(testTask(3).arn), 'RUNNING')
  })
})
