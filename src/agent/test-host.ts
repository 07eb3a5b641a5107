// For tests: a host that survives its agent. The container engine (fake) and the disk stay; the agent on them can be started, cut
// off in the middle of anything, and started again. Real parts throughout; only the network is left out.
import type { PayloadContainer, PayloadTask, TaskIdentifier } from '../agent-link/acs.ts'
import { type TestClock, testClock } from '../lib/clock.ts'
import { type Ids, seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { type MemoryDisk, memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import type { Driver, DriverEvent } from '../runtime/driver.ts'
import { type FakeEngine, fakeDriver } from '../runtime/fake/fake-driver.ts'
import { ApiError } from './api.ts'
import { Adoption } from './engine/adopt.ts'
import { type EngineSettings, TaskEngine } from './engine/engine.ts'
import { AGENT_LABEL } from './engine/labels.ts'
import type { Report } from './engine/report.ts'
import { type AgentJournal, openAgentJournal } from './journal.ts'
import { Reporter } from './reporter.ts'

export const CLUSTER = 'arn:aws:ecs:us-east-1:000000000000:cluster/default'
export const taskArnOf = (id: string): string => `arn:aws:ecs:us-east-1:000000000000:task/default/${id}`

export const container = (name: string, image: string, change: Partial<PayloadContainer> = {}): PayloadContainer => ({
  name,
  image,
  containerArn: `arn:aws:ecs:us-east-1:000000000000:container/default/${name}`,
  environment: {},
  cpu: 0,
  memory: 16,
  essential: true,
  overrides: '{}',
  portMappings: [],
  mountPoints: [],
  volumesFrom: [],
  dockerConfig: { version: '1.17', config: '{}', hostConfig: '{"NetworkMode":"bridge"}' },
  ...change,
})

export const healthChecked = (name: string, image: string, change: Partial<PayloadContainer> = {}): PayloadContainer =>
  container(name, image, {
    healthCheckType: 'docker',
    dockerConfig: { version: '1.24', config: '{"HealthCheck":{"Test":["CMD","true"]}}', hostConfig: '{}' },
    ...change,
  })

/** A task with an address of its own: its containers join its sandbox. */
export const awsvpcTask = (
  id: string,
  containers: readonly PayloadContainer[],
  change: Partial<PayloadTask> = {},
): PayloadTask => {
  const dockerConfig = { version: '1.18', config: '{}', hostConfig: '{"NetworkMode":"awsvpc"}' }
  const elasticNetworkInterfaces = [{ attachmentArn: `attachment/${id}`, ec2Id: `eni-${id}`, index: 0 }]
  return task(
    id,
    containers.map(each => ({ ...each, dockerConfig })),
    { networkMode: 'awsvpc', elasticNetworkInterfaces, ...change },
  )
}

export const task = (
  id: string,
  containers: readonly PayloadContainer[],
  change: Partial<PayloadTask> = {},
): PayloadTask => ({
  arn: taskArnOf(id),
  taskClusterArn: CLUSTER,
  family: 'web',
  version: '1',
  desiredStatus: 'RUNNING',
  overrides: '{}',
  launchType: 'EC2',
  networkMode: 'bridge',
  volumes: [],
  containers,
  ...change,
})

export type TestAgent = {
  readonly engine: TaskEngine
  readonly adoption: Adoption
  readonly journal: AgentJournal
  readonly accept: (...tasks: readonly PayloadTask[]) => void
  /** As the server's manifest: what it does not want and confirms is stopped. */
  readonly settle: (running: readonly string[]) => readonly TaskIdentifier[]
  /** As kill -9: what was asked of the engine goes on, nothing comes back, what is not on the disk is lost. */
  readonly cut: () => void
}

export type TestHost = {
  readonly clock: TestClock
  readonly runtime: FakeEngine
  /** Every verb asked of the runtime, in order: `start web`. */
  readonly calls: string[]
  /** Every report that the server answered. */
  readonly reports: Report[]
  /** While false every report fails as if no server were there. */
  server: boolean
  readonly start: () => Promise<TestAgent>
}

export const testHost = (
  settings: Partial<EngineSettings> = {},
  options: { readonly ids?: Ids; readonly beforeWrite?: () => Promise<void> } = {},
): TestHost => {
  const clock = testClock()
  const ids = options.ids ?? seededIds(1)
  const disk: MemoryDisk = new Map()
  const runtime = fakeDriver({ clock, ids, cpu: 4096, memory: 8192 })
  const host: TestHost = {
    clock,
    runtime,
    calls: [],
    reports: [],
    server: true,
    start: async () => {
      const line = { cut: false }
      const { beforeWrite } = options
      const rows = memoryRowJournal({
        disk,
        beforeWrite: async () => {
          await beforeWrite?.()
          if (line.cut) await new Promise(() => {})
        },
      })
      const journal = await openAgentJournal(rows, { agentId: ids.hex32(), cluster: 'default' }, clock)
      await journal.durable()
      const { agentId } = journal.identity()
      const driver = cuttable(runtime, host.calls, line)
      const engine: TaskEngine = new TaskEngine({
        shop: { driver, agentId, pullPolicy: 'prefer-cached', log: silentLog },
        journal,
        clock,
        ids,
        log: silentLog,
        settings: { launches: 4, taskCleanupWaitMs: 60_000, keptStoppedTasks: 64, ...settings },
        onChange: arn => reporter.look(arn),
        onHealth: () => {},
      })
      const reporter = new Reporter({
        submit: async report => {
          if (line.cut) return new Promise(() => {})
          if (!host.server) throw new ApiError('Unreachable', 'no server', 0)
          host.reports.push(report)
        },
        owed: arn => engine.owed(arn),
        acknowledged: (arn, owed) => engine.acknowledged(arn, owed),
        durable: journal.durable,
        payloadDurable: journal.payloadDurable,
        clock,
        ids,
        log: silentLog,
      })
      const adoption = new Adoption(driver, engine, journal, silentLog)
      driver.subscribe(AGENT_LABEL, agentId, event => {
        if (event.type === 'resync') adoption.compare()
        else engine.event(event)
      })
      await adoption.adopt()
      return {
        engine,
        adoption,
        journal,
        accept: (...tasks) => {
          for (const each of tasks) adoption.accept(each)
          // As the session does for its ack.
          void journal.durable()
        },
        settle: running => {
          const candidates = adoption.stopCandidates(new Set(running))
          for (const { taskArn } of candidates) adoption.stop(taskArn)
          return candidates
        },
        cut: () => {
          line.cut = true
          engine.close()
          reporter.end()
        },
      }
    },
  }
  return host
}

const cuttable = (driver: Driver, calls: string[], line: { cut: boolean }): Driver => {
  const through = async <T>(verb: string, subject: string, call: () => Promise<T>): Promise<T> => {
    const never = new Promise<T>(() => {})
    if (line.cut) return never
    calls.push(`${verb} ${subject}`)
    const outcome = call()
    const done = await outcome.then(
      value => () => value,
      error => () => {
        throw error
      },
    )
    return line.cut ? never : done()
  }
  return {
    ...driver,
    pull: (image, policy, signal) => through('pull', image, () => driver.pull(image, policy, signal)),
    create: spec => through('create', spec.name, () => driver.create(spec)),
    start: id => through('start', id, () => driver.start(id)),
    stop: (id, timeout) => through('stop', id, () => driver.stop(id, timeout)),
    remove: id => through('remove', id, () => driver.remove(id)),
    inspect: id => through('inspect', id, () => driver.inspect(id)),
    list: (label, value) => through('list', label, () => driver.list(label, value)),
    hasVolume: name => through('hasVolume', name, () => driver.hasVolume(name)),
    createVolume: (name, labels, how) => through('createVolume', name, () => driver.createVolume(name, labels, how)),
    removeVolume: name => through('removeVolume', name, () => driver.removeVolume(name)),
    listVolumes: (label, value) => through('listVolumes', label, () => driver.listVolumes(label, value)),
    makeTaskGroup: (name, limits) => through('makeTaskGroup', name, () => driver.makeTaskGroup(name, limits)),
    removeTaskGroup: name => through('removeTaskGroup', name, () => driver.removeTaskGroup(name)),
    subscribe: (label, value, listener) =>
      driver.subscribe(label, value, (event: DriverEvent) => {
        if (!line.cut) listener(event)
      }),
  }
}
