// What agents say over their links, ACS and TCS: whatever it is, the server goes on, keeps only what the agent may say of tasks on
// its own instance, and a task's status only climbs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { connectAgent } from '../../src/dispatcher/connection.ts'
import { AcsSession } from '../../src/dispatcher/session.ts'
import { DEFAULT_SETTINGS } from '../../src/dispatcher/settings.ts'
import { taskStatsMap } from '../../src/dispatcher/task-stats.ts'
import { TcsSession } from '../../src/dispatcher/telemetry.ts'
import { INSTANCE, testDefinition, testInstance, testTask } from '../../src/dispatcher/test-dispatcher.ts'
import { climbs } from '../../src/domain/task.ts'
import { testClock } from '../../src/lib/clock.ts'
import { seededIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { containerInstances, taskDefinitions, tasks } from '../../src/store/tables.ts'
import { testStore } from '../../src/store/test-store.ts'
import { everySequence, inTime } from './budget.ts'
import { frameOf, list, numbers, record } from './frames.ts'
import { rowsOf } from './plane.ts'
import { mouth } from './socket.ts'

const ELSEWHERE = INSTANCE.replace(/1$/, '2')
const OURS = [testTask(1), testTask(2, { desiredStatus: 'STOPPED' })]
const THEIRS = testTask(3, { containerInstanceArn: ELSEWHERE })
const arns = fc.constantFrom(
  ...[...OURS, THEIRS].map(({ arn }) => arn),
  'arn:aws:ecs:us-east-1:0:task/x/1',
  '__proto__',
  '',
)
const words = fc.constantFrom('HEALTHY', 'UNHEALTHY', 'UNKNOWN', 'OK', 'IMPAIRED', 'ContainerRuntime', 'dancing')
// The ids that the server gives its messages come in an order that is known, so that some are answered.
const messageIds = fc.constantFrom(...known(), 'made up')
const statsSet = record({ min: numbers, max: numbers, sum: numbers, sampleCount: numbers })
const metadata = record({
  cluster: arns,
  containerInstance: arns,
  messageId: messageIds,
  fin: fc.boolean(),
  idle: fc.boolean(),
})

function known(): string[] {
  const ids = seededIds(1)
  return Array.from({ length: 8 }, () => ids.uuid())
}

const acs = frameOf({
  AckRequest: record({ cluster: arns, containerInstance: arns, messageId: messageIds }),
  NackRequest: record({ messageId: messageIds, reason: words }),
  HeartbeatAckRequest: record({ messageId: messageIds }),
  TaskStopVerificationMessage: record({
    messageId: messageIds,
    stopCandidates: list(record({ taskArn: arns, taskClusterArn: arns, desiredStatus: words }), 5),
  }),
})

const containers = list(
  record({ containerName: fc.constantFrom('app', 'x'), healthStatus: words, statusSince: numbers }),
)
const metrics = record({
  containerName: fc.constantFrom('app', 'x'),
  cpuStatsSet: statsSet,
  memoryStatsSet: statsSet,
  networkStatsSet: record({ rxBytes: statsSet, txBytes: statsSet }),
  storageStatsSet: record({ readSizeBytes: statsSet, writeSizeBytes: statsSet }),
})
const tcs = frameOf({
  PublishHealthRequest: record({ metadata, tasks: list(record({ taskArn: arns, containers })), timestamp: numbers }),
  PublishMetricsRequest: record({
    metadata,
    taskMetrics: list(record({ taskArn: arns, containerMetrics: list(metrics) })),
    timestamp: numbers,
  }),
  PublishInstanceStatusRequest: record({
    metadata,
    statuses: list(record({ type: words, status: words, lastUpdated: numbers })),
    timestamp: numbers,
  }),
})

const links = async () => {
  const store = await testStore()
  const [clock, ids] = [testClock(), seededIds(1)]
  const connected = await store.write(tx => {
    tx.put(containerInstances, testInstance())
    tx.put(taskDefinitions, testDefinition())
    for (const task of [...OURS, THEIRS]) tx.put(tasks, task)
    return connectAgent(tx, INSTANCE, {}, clock.now()) ?? assert.fail()
  })
  const parts = { store, clock, ids, log: silentLog, settings: DEFAULT_SETTINGS, stats: taskStatsMap(10) }
  const [acsEnd, tcsEnd] = [mouth(), mouth()]
  const session = new AcsSession(acsEnd.socket, testInstance(), parts, () => {})
  const telemetry = new TcsSession(tcsEnd.socket, INSTANCE, parts, () => {})
  session.begin(connected)
  return { store, session, telemetry, say: { acs: acsEnd.say, tcs: tcsEnd.say } }
}

type Said = { readonly link: 'acs' | 'tcs'; readonly frame: string }

const holds = async (said: readonly Said[]): Promise<void> => {
  const { store, session, telemetry, say } = await links()
  const before = rowsOf(store)
  for (const { link, frame } of said) {
    const was = OURS.map(({ arn }) => store.get(tasks, arn)?.lastStatus ?? assert.fail())
    inTime('a frame', () => say[link](frame))
    await store.durable()
    OURS.forEach(({ arn }, at) => {
      const now = store.get(tasks, arn)?.lastStatus ?? assert.fail()
      const then = was[at] ?? assert.fail()
      assert(now === then || climbs(then, now), `a task went from ${then} to ${now}`)
    })
  }
  session.beat()
  telemetry.beat()
  assert.equal(store.get(tasks, THEIRS.arn), THEIRS)
  assert.equal(rowsOf(store).length, before.length)
  await store.close()
}

test('agents: frames over ACS and TCS', () =>
  everySequence(
    0.15,
    20,
    fc.oneof(
      acs.map((frame): Said => ({ link: 'acs', frame })),
      tcs.map((frame): Said => ({ link: 'tcs', frame })),
    ),
    holds,
  ))
