import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tasks } from '../store/tables.ts'
import { INSTANCE, type TestAgent, testDispatcher, testTask } from './test-dispatcher.ts'

const LIMIT = { timeout: 120_000 }
const METADATA = { cluster: 'default', containerInstance: INSTANCE, messageId: 'm', fin: true }
const HEADERS = 'Host: localhost\r\nX-Amz-Date: 20260101T000000Z\r\n\r\n'
const STATS = { min: 1, max: 3, sum: 4, sampleCount: 2 }
const METRIC = {
  containerName: 'app',
  cpuStatsSet: STATS,
  memoryStatsSet: STATS,
  storageStatsSet: { readSizeBytes: STATS, writeSizeBytes: STATS },
}

const identityOf = (n: number) => ({
  taskArn: testTask(n).arn,
  taskDefinitionFamily: 'web',
  taskDefinitionVersion: '3',
})

/** Sends a frame as the ECS agent does, headers first. */
const publish = (agent: TestAgent, type: string, message: object): void =>
  agent.ws.send(
    HEADERS + JSON.stringify({ type, message: { metadata: METADATA, timestamp: 1_760_000_000.5, ...message } }),
  )

const publishHealth = (agent: TestAgent, n: number, healthStatus: string, containerName = 'app'): void =>
  publish(agent, 'PublishHealthRequest', {
    tasks: [{ ...identityOf(n), containers: [{ containerName, healthStatus, statusSince: 1_760_000_000 }] }],
  })

const publishMetrics = (agent: TestAgent, n: number, containerMetrics: readonly unknown[]): void =>
  publish(agent, 'PublishMetricsRequest', { taskMetrics: [{ ...identityOf(n), containerMetrics }] })

describe('TCS session', LIMIT, () => {
  test('health goes into the task, and only when it changed', async t => {
    const { store, putTask, connectTelemetry } = await testDispatcher(t)
    await putTask(testTask(1, { lastStatus: 'RUNNING' }))
    const agent = await connectTelemetry()
    const health = () => {
      const task = store.get(tasks, testTask(1).arn)
      return [task?.healthStatus, task?.containers[0]?.healthStatus, task?.version]
    }
    assert.deepEqual(health(), ['UNKNOWN', 'UNKNOWN', 1])
    for (const [status, version] of [
      ['HEALTHY', 2],
      ['HEALTHY', 2],
      ['UNHEALTHY', 3],
    ] as const) {
      publishHealth(agent, 1, status)
      await agent.next('AckPublishHealth')
      assert.deepEqual(health(), [status, status, version])
    }
  })

  test('no agent speaks for what is not its own', async t => {
    const { store, dispatcher, putTask, connectTelemetry } = await testDispatcher(t)
    const others = testTask(1, { lastStatus: 'RUNNING', containerInstanceArn: `${INSTANCE}0` })
    const unchecked = testTask(2, {
      containers: testTask(2).containers.map(container => ({ ...container, hasHealthCheck: false })),
    })
    const ended = testTask(3, { lastStatus: 'STOPPED' })
    for (const task of [others, unchecked, ended]) await putTask(task)
    const agent = await connectTelemetry()
    for (const n of [1, 2, 3, 4]) {
      publishHealth(agent, n, 'UNHEALTHY')
      publishMetrics(agent, n, [METRIC])
      await agent.next('AckPublishMetric')
      await agent.next('AckPublishHealth')
    }
    for (const task of [others, unchecked, ended]) assert.deepEqual(store.get(tasks, task.arn), task)
    assert.equal(dispatcher.stats(others.arn), undefined)
    assert.equal(dispatcher.stats(ended.arn), undefined)
    publishHealth(agent, 2, 'SPLENDID')
    publishHealth(agent, 2, 'HEALTHY', 'other')
    await agent.next('AckPublishHealth')
    await agent.next('AckPublishHealth')
    assert.deepEqual(store.get(tasks, unchecked.arn), unchecked)
  })

  test('the latest metrics are kept until the task stops', async t => {
    const { dispatcher, putTask, connectTelemetry } = await testDispatcher(t)
    const task = testTask(1, { lastStatus: 'RUNNING' })
    await putTask(task)
    const agent = await connectTelemetry()
    publishMetrics(agent, 1, [METRIC, { ...METRIC, containerName: 'other' }, { containerName: 'app' }, 7])
    await agent.next('AckPublishMetric')
    assert.deepEqual(dispatcher.stats(task.arn), { at: 1_760_000_000_500, containers: [METRIC] })
    await putTask({ ...task, lastStatus: 'STOPPED' })
    assert.equal(dispatcher.stats(task.arn), undefined)
  })

  test('the metrics of no more tasks are kept than set', async t => {
    const { dispatcher, putTask, connectTelemetry } = await testDispatcher(t, { settings: { tasksWithStats: 1 } })
    for (const n of [1, 2]) await putTask(testTask(n))
    const agent = await connectTelemetry()
    for (const n of [1, 2, 1]) {
      publishMetrics(agent, n, [METRIC])
      await agent.next('AckPublishMetric')
    }
    assert.ok(dispatcher.stats(testTask(1).arn))
    assert.equal(dispatcher.stats(testTask(2).arn), undefined)
  })

  test('a bare frame is taken, an instance status acknowledged, nonsense ignored', async t => {
    const { connectTelemetry } = await testDispatcher(t)
    const agent = await connectTelemetry()
    const bad = [
      '',
      HEADERS,
      'Host: x',
      '{"type":"PublishMetricsRequest"}',
      '{"type":"PublishMetricsRequest","message":[]}',
    ]
    for (const frame of bad) agent.ws.send(frame)
    const statuses = [{ type: 'ContainerRuntime', status: 'OK', lastUpdated: 1, lastStatusChange: 1 }]
    publish(agent, 'PublishInstanceStatusRequest', { metadata: { ...METADATA, requestId: 'r' }, statuses })
    await agent.next('AckPublishInstanceStatus')
    agent.send({ type: 'PublishMetricsRequest', message: { metadata: { ...METADATA, idle: true }, timestamp: 1 } })
    await agent.next('AckPublishMetric')
    assert.deepEqual(await agent.settled(), [])
  })

  test('heartbeats keep a silent agent, which only pongs', async t => {
    const { connectTelemetry, clock } = await testDispatcher(t)
    const agent = await connectTelemetry()
    for (let n = 0; n < 6; n++) {
      await clock.advance(30_000)
      await agent.next('HeartbeatMessage')
      await agent.settled()
    }
  })

  test('a newer telemetry link takes the place of an older one', async t => {
    const { connectTelemetry } = await testDispatcher(t)
    const older = await connectTelemetry()
    await connectTelemetry()
    assert.equal(await older.closed, 1012)
  })
})
