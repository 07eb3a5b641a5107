// What a server says to an agent: whatever it is, the agent goes on, and the next task that it is given in order runs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Link } from '../../src/agent/link.ts'
import { ACS_BACKOFF, ACS_MESSAGES, Session } from '../../src/agent/session.ts'
import { CLUSTER, container, task, taskArnOf, testHost } from '../../src/agent/test-host.ts'
import { seededIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { everySequence, inTime } from './budget.ts'
import { frameOf, list, numbers, record } from './frames.ts'
import { texts } from './shapes.ts'
import { mouth } from './socket.ts'

const TASKS = ['a', 'b'].map(taskArnOf)
const GOOD = taskArnOf('good')
const always = (value: unknown) => fc.constant(value)
const arns = fc.constantFrom(...TASKS, ...TASKS, ...TASKS, CLUSTER, '__proto__', 'x')
const names = fc.constantFrom('web', 'log', 'job', '~internal~ecs~pause')
const jsonTexts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('{}', '{"NetworkMode":"bridge"}', '{"NetworkMode":"awsvpc"}', '') },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{', 'null', '[]', '{"command":[1]}', '{"HealthCheck":{"Test":7}}', '{"Memory":"x"}'),
  },
)

const payloadContainer = record({
  name: names,
  image: fc.constantFrom('fake/run', 'fake/exit-0', 'fake/no-pull', ''),
  containerArn: texts,
  command: list(texts),
  entryPoint: list(texts),
  links: list(fc.oneof(names, always('web:alias'))),
  environment: fc.dictionary(texts, texts, { maxKeys: 2 }),
  cpu: numbers,
  memory: numbers,
  essential: fc.boolean(),
  overrides: jsonTexts,
  portMappings: list(
    record({ containerPort: numbers, hostPort: numbers, protocol: fc.constantFrom('tcp', 'udp', 'x') }),
  ),
  mountPoints: list(
    record({ sourceVolume: fc.constantFrom('data', 'x'), containerPath: always('/data'), readOnly: fc.boolean() }),
    1,
  ),
  volumesFrom: list(record({ sourceContainer: names, readOnly: fc.boolean() }), 1),
  dependsOn: list(
    record({ containerName: names, condition: fc.constantFrom('START', 'COMPLETE', 'SUCCESS', 'HEALTHY', 'x') }),
    1,
  ),
  startTimeout: numbers,
  stopTimeout: numbers,
  healthCheckType: fc.constantFrom('docker', 'x', null),
  restartPolicy: record({ enabled: fc.boolean(), ignoredExitCodes: list(numbers), restartAttemptPeriod: numbers }),
  dockerConfig: record({ version: always('1.18'), config: jsonTexts, hostConfig: jsonTexts }),
})

const payloadTask = record({
  arn: arns,
  taskClusterArn: always(CLUSTER),
  family: always('web'),
  version: always('1'),
  desiredStatus: fc.constantFrom('RUNNING', 'RUNNING', 'STOPPED', 'x'),
  overrides: jsonTexts,
  launchType: always('EC2'),
  networkMode: fc.constantFrom('bridge', 'host', 'none', 'awsvpc', ''),
  pidMode: fc.constantFrom(null, 'host', 'task', 'x'),
  ipcMode: fc.constantFrom(null, 'task', 'x'),
  cpu: numbers,
  memory: numbers,
  elasticNetworkInterfaces: list(record({ attachmentArn: texts, ec2Id: texts, index: numbers }), 1),
  volumes: list(
    record({
      name: always('data'),
      type: fc.constantFrom('host', 'docker', 'efs'),
      host: record({ sourcePath: fc.constantFrom('', '/tmp') }),
      dockerVolumeConfiguration: record({ scope: fc.constantFrom('task', 'shared'), autoprovision: fc.boolean() }),
    }),
    1,
  ),
  associations: list(
    record({
      name: texts,
      type: fc.constantFrom('gpu', 'x'),
      content: record({ value: texts, encoding: always('base64') }),
      containers: list(names),
    }),
    1,
  ),
  containers: fc.oneof(
    list(payloadContainer, 3),
    always([container('web', 'fake/run'), container('job', 'fake/exit-0', { essential: false })]),
  ),
})

const sequences = fc.oneof({ weight: 9, arbitrary: fc.nat(1_000) }, { weight: 1, arbitrary: numbers })
const addressed = {
  messageId: fc.constantFrom('m1', 'm2'),
  clusterArn: always(CLUSTER),
  containerInstanceArn: always('i'),
}
const identifiers = list(
  record({ taskArn: arns, taskClusterArn: always(CLUSTER), desiredStatus: fc.constantFrom('RUNNING', 'STOPPED') }),
)
const frames = frameOf({
  PayloadMessage: record({ ...addressed, seqNum: sequences, generatedAt: numbers, tasks: list(payloadTask) }),
  TaskManifestMessage: record({ ...addressed, timeline: sequences, generatedAt: numbers, tasks: identifiers }),
  TaskStopVerificationAck: record({ messageId: fc.constantFrom('m1', 'm2'), stopTasks: identifiers }),
  HeartbeatMessage: record({ messageId: texts, healthy: fc.boolean() }),
  ErrorMessage: record({ message: texts }),
  CloseMessage: record({ message: texts }),
})

const agent = async () => {
  const host = testHost()
  const { adoption, journal, cut } = await host.start()
  const end = mouth()
  const session = new Session({
    adoption,
    journal,
    log: silentLog,
    send: frame => link.send(frame),
    onHeartbeat: () => {},
    registerAgain: async () => {},
  })
  const link = new Link({
    name: 'ACS',
    url: async () => new URL('http://server'),
    backoff: ACS_BACKOFF,
    recognised: ACS_MESSAGES,
    onOpen: () => {},
    onMessage: (type, message) => session.receive(type, message),
    onEnd: gone => session.ended(gone),
    transport: { signer: { sign: async () => ({}), signFrame: async () => '' } as never, connect: () => end.socket },
    clock: host.clock,
    ids: seededIds(3),
    log: silentLog,
  })
  await host.clock.turn()
  end.open()
  const stop = async (): Promise<void> => {
    await link.stop()
    cut()
  }
  return { host, journal, say: end.say, stop }
}

const holds = async (said: readonly string[]): Promise<void> => {
  const { host, journal, say, stop } = await agent()
  for (const frame of said) {
    inTime('a frame', () => say(frame))
    await host.clock.advance(50)
  }
  await host.clock.advance(5_000)
  const payload = task('good', [container('web', 'fake/run')])
  const message = { messageId: 'last', clusterArn: CLUSTER, containerInstanceArn: 'i', seqNum: 1e6, tasks: [payload] }
  say(JSON.stringify({ type: 'PayloadMessage', message }))
  for (let waited = 0; waited < 60 && !isRunning(host.reports); waited++) await host.clock.advance(1_000)
  assert(isRunning(host.reports), 'the next task does not run')
  assert(Number.isSafeInteger(journal.identity().sequence), `the sequence is ${journal.identity().sequence}`)
  await stop()
}

const isRunning = (reports: readonly { readonly task: string; readonly status: string }[]): boolean =>
  reports.some(report => report.task === GOOD && report.status === 'RUNNING')

test('servers: frames over ACS', () => everySequence(0.1, 10, frames, holds))
