// Whatever comes over a link, reading it neither throws nor lets through what has not the shape that it claims.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readAgentMessage } from './acs-frame.ts'
import { readTelemetryMessage } from './tcs-frame.ts'
import { INSTANCE, testDispatcher, testTask } from './test-dispatcher.ts'

const TYPES = [
  'AckRequest',
  'NackRequest',
  'HeartbeatAckRequest',
  'TaskStopVerificationMessage',
  'PublishMetricsRequest',
  'PublishHealthRequest',
  'PublishInstanceStatusRequest',
]

const NAMES = [
  ...['messageId', 'stopCandidates', 'taskArn', 'metadata', 'tasks', 'taskMetrics', 'containers', 'containerMetrics'],
  ...['containerName', 'healthStatus', 'cpuStatsSet', 'memoryStatsSet', 'networkStatsSet', 'storageStatsSet'],
  ...['statuses', 'status', 'type', 'min', 'max', 'sum', 'sampleCount', 'rxBytes', 'timestamp', '__proto__'],
]

/** JSON whose member names are those that the readers look for, with values of any type. */
const value: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(testTask(1).arn, 'app', 'HEALTHY', 'ContainerRuntime', 'OK', ...TYPES),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }),
  ),
})).value

const frame = fc.oneof(
  fc.string(),
  fc.json(),
  fc.record({ type: fc.constantFrom(...TYPES), message: value }).map(message => JSON.stringify(message)),
  fc
    .record({ type: fc.constantFrom(...TYPES), message: value })
    .map(message => `A: b\r\n\r\n${JSON.stringify(message)}`),
)

describe('frames', () => {
  test('reading never throws', () => {
    fc.assert(
      fc.property(frame, text => {
        const acs = readAgentMessage(text)
        if (acs) assert.equal(typeof acs.message.messageId, 'string')
        const tcs = readTelemetryMessage(text)
        if (tcs) assert.equal(typeof tcs.message.timestamp, 'number')
        if (tcs?.type === 'PublishMetricsRequest') {
          for (const { containerMetrics } of tcs.message.taskMetrics)
            for (const metric of containerMetrics) assert.ok(Number.isFinite(metric.cpuStatsSet.sum))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('links outlive whatever comes over them', { timeout: 120_000 }, async t => {
    const { putTask, connect, connectTelemetry, instance } = await testDispatcher(t)
    await putTask(testTask(1, { lastStatus: 'RUNNING' }))
    const acs = await connect()
    const tcs = await connectTelemetry()
    for (const text of fc.sample(frame, 500)) {
      acs.ws.send(text)
      tcs.ws.send(text)
    }
    await acs.settled()
    await tcs.settled()
    assert.equal(acs.ws.readyState, acs.ws.OPEN)
    assert.equal(tcs.ws.readyState, tcs.ws.OPEN)
    assert.equal(instance()?.arn, INSTANCE)
    assert.equal(instance()?.agentConnected, true)
  })
})
