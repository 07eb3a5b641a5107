// Whatever happens in whatever order, with the agent cut off at any point: a container is never started twice, the server hears of
// every end, and nothing is left over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PayloadTask } from '../../agent-link/acs.ts'
import {
  awsvpcTask,
  CLUSTER,
  container,
  healthChecked,
  type TestAgent,
  type TestHost,
  task,
  taskArnOf,
  testHost,
} from '../test-host.ts'

const SHAPES: readonly ((id: string) => PayloadTask)[] = [
  id => task(id, [container('web', 'fake/run')]),
  id => task(id, [container('job', 'fake/exit-3')]),
  id => task(id, [container('slow', 'fake/slow-start-50'), container('side', 'fake/run', { essential: false })]),
  id => task(id, [container('web', 'fake/no-pull'), container('side', 'fake/run')]),
  id =>
    task(
      id,
      [
        container('init', 'fake/exit-0', { essential: false }),
        healthChecked('db', 'fake/healthy', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
        container('app', 'fake/run', { dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }),
      ],
      { volumes: [{ name: 'scratch', type: 'host', host: {} }], cpu: 0.5, memory: 64 },
    ),
  id =>
    awsvpcTask(id, [
      container('web', 'fake/run'),
      container('side', 'fake/slow-start-50', { dependsOn: [{ containerName: 'web', condition: 'START' }] }),
    ]),
]
const TASKS = 4

type Command =
  | { readonly type: 'run' | 'stop'; readonly task: number; readonly shape: number }
  | { readonly type: 'kill' | 'lose'; readonly at: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'micro'; readonly turns: number }
  | { readonly type: 'crash'; readonly redeliver: boolean }
  | { readonly type: 'server' | 'disk'; readonly up: boolean }
  | { readonly type: 'resync' | 'manifest' }

const command = (lose: boolean): fc.Arbitrary<Command> => {
  const taskAndShape = { task: fc.nat(TASKS - 1), shape: fc.nat(SHAPES.length - 1) }
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('run' as const), ...taskAndShape }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('stop' as const), ...taskAndShape }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: lose ? fc.constantFrom('kill' as const, 'lose' as const) : fc.constant('kill' as const),
        at: fc.nat(9),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 20, 60, 200, 5_000) }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('micro' as const), turns: fc.nat(12) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const), redeliver: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constantFrom('server' as const, 'disk' as const), up: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('resync' as const, 'manifest' as const) }) },
  )
}

class World {
  readonly host: TestHost
  /** What the server wants, by task ARN. */
  readonly wanted = new Map<string, PayloadTask>()
  readonly starts = new Map<string, number>()
  readonly #disk: { up: boolean; release: () => void }
  #agent: TestAgent | undefined

  constructor() {
    const disk = { up: true, release: () => {} }
    this.#disk = disk
    this.host = testHost(
      { launches: 2, taskCleanupWaitMs: 2_000 },
      {
        beforeWrite: async () =>
          void (
            disk.up ||
            (await new Promise<void>(resolve => {
              disk.release = resolve
            }))
          ),
      },
    )
    this.host.runtime.subscribe('com.amazonaws.ecs.cluster', CLUSTER, event => {
      if (event.type !== 'changed' || event.what !== 'started') return
      this.starts.set(event.id, (this.starts.get(event.id) ?? 0) + 1)
      const name = `${event.labels['com.amazonaws.ecs.task-arn']} ${event.labels['com.amazonaws.ecs.container-name']}`
      this.starts.set(name, (this.starts.get(name) ?? 0) + 1)
    })
  }

  disk(up: boolean): void {
    this.#disk.up = up
    if (up) this.#disk.release()
  }

  async crash(redeliver: boolean): Promise<void> {
    this.#agent?.cut()
    // A new process opens the disk anew.
    this.disk(true)
    this.#agent = await this.host.start()
    if (redeliver) this.redeliver()
  }

  /** As a server does when an agent connects: what is not over yet, and the manifest. */
  redeliver(): void {
    for (const payload of this.#open()) this.#agent?.accept(payload)
    this.manifest()
  }

  manifest(): void {
    const running = this.#open().filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
    this.#agent?.settle(running.map(({ arn }) => arn))
  }

  #open(): readonly PayloadTask[] {
    const over = new Set(this.host.reports.filter(({ status }) => status === 'STOPPED').map(report => report.task))
    return [...this.wanted.values()].filter(({ arn }) => !over.has(arn))
  }

  want(id: string, shape: number, desiredStatus: 'RUNNING' | 'STOPPED'): void {
    const arn = taskArnOf(id)
    const before = this.wanted.get(arn)
    const payload = before ?? SHAPES[shape]?.(id)
    if (!payload || (!before && desiredStatus === 'STOPPED')) return
    if (before?.desiredStatus === 'STOPPED') return
    this.wanted.set(arn, { ...payload, desiredStatus })
    if (this.#open().some(each => each.arn === arn)) this.#agent?.accept({ ...payload, desiredStatus })
  }

  async do(step: Command): Promise<void> {
    const { runtime, clock } = this.host
    const some = 'at' in step ? runtime.containers()[step.at % Math.max(1, runtime.containers().length)]?.id : undefined
    switch (step.type) {
      case 'run':
      case 'stop':
        return this.want(`t${step.task}`, step.shape, step.type === 'run' ? 'RUNNING' : 'STOPPED')
      case 'kill':
        return some === undefined ? undefined : runtime.kill(some)
      case 'lose':
        return some === undefined ? undefined : runtime.lose(some)
      case 'wait':
        return clock.advance(step.ms)
      case 'micro':
        for (let turn = 0; turn < step.turns; turn++) await Promise.resolve()
        return
      case 'crash':
        return this.crash(step.redeliver)
      case 'server':
        this.host.server = step.up
        return
      case 'disk':
        return this.disk(step.up)
      case 'resync':
        return runtime.resync()
      case 'manifest':
        return this.manifest()
    }
  }

  async end(): Promise<void> {
    this.host.server = true
    this.disk(true)
    await this.host.clock.advance(1)
    this.redeliver()
    await this.host.clock.advance(40_000)
    for (const [arn, payload] of this.wanted) this.wanted.set(arn, { ...payload, desiredStatus: 'STOPPED' })
    this.redeliver()
    // Reports that failed wait up to 36 s for their next try, and a container is kept 2 s.
    for (let minute = 0; minute < 4; minute++) await this.host.clock.advance(60_000)
  }
}

const run = async (commands: readonly Command[], byName: boolean): Promise<void> => {
  const world = new World()
  await world.crash(false)
  for (const step of commands) await world.do(step)
  await world.end()
  const { host, starts, wanted } = world
  for (const [subject, count] of starts) {
    if (byName || !subject.startsWith('arn:')) assert.equal(count, 1, `${subject} was started ${count} times`)
  }
  assert.deepEqual(
    host.runtime.containers().map(({ name, status }) => `${name} ${status}`),
    [],
  )
  assert.deepEqual([host.runtime.volumes(), host.runtime.taskGroups()], [[], []])
  for (const arn of wanted.keys()) {
    const reported = host.reports.filter(report => report.task === arn).map(report => report.status)
    assert.ok(reported.includes('STOPPED'), `${arn} was never reported STOPPED: ${reported}`)
  }
}

test('no container is started twice, every end is told, nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command(false), { maxLength: 40 }), commands => run(commands, true)),
    { numRuns: 300 },
  )
})

test('the same while containers are removed behind the agent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command(true), { maxLength: 40 }), commands => run(commands, false)),
    { numRuns: 300 },
  )
})
