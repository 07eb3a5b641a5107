import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, healthChecked, type TestHost, task, taskArnOf, testHost } from '../test-host.ts'

const settle = async (host: TestHost, ms = 0): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await host.clock.advance(ms / 20)
}

const statuses = (host: TestHost): string[] =>
  host.reports.map(({ status, containers }) =>
    [status, ...(containers ?? []).map(each => `${each.containerName}=${each.status}${each.exitCode ?? ''}`)].join(' '),
  )

const verbs = (host: TestHost): string[] => host.calls.map(call => call.split(' ')[0] ?? '')

describe('the task engine', () => {
  test('a simple task costs one create and one start, and is reported RUNNING once', async () => {
    const host = testHost()
    const agent = await host.start()
    host.calls.length = 0
    agent.accept(
      task('a1', [
        container('web', 'fake/run', { portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }] }),
      ]),
    )
    await settle(host)
    assert.deepEqual(verbs(host), ['pull', 'create', 'start'])
    assert.deepEqual(statuses(host), ['RUNNING web=RUNNING'])
    const [web] = host.reports[0]?.containers ?? []
    assert.equal(web?.runtimeId, host.runtime.containers()[0]?.id)
    assert.equal(web?.networkBindings?.[0]?.containerPort, 80)
    assert.ok((web?.networkBindings?.[0]?.hostPort ?? 0) >= 32_768)
    assert.match(host.runtime.containers()[0]?.name ?? '', /^ecs-web-1-web-[0-9a-f]{20}$/)
  })

  test('a task that starts is written with its ack, and its progress later with whatever comes', async () => {
    let writes = 0
    const host = testHost({}, { beforeWrite: async () => void writes++ })
    const agent = await host.start()
    writes = 0
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host)
    assert.deepEqual(statuses(host), ['RUNNING web=RUNNING'])
    assert.equal(writes, 1)
    await settle(host, 2_000)
    assert.equal(writes, 2)
  })

  test('the ports of a range are told as one binding', async () => {
    const host = testHost()
    const agent = await host.start()
    const portMappings = [
      { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
      { containerPortRange: '9000-9004', hostPort: 0, protocol: 'udp' },
    ] as const
    agent.accept(task('a1', [container('web', 'fake/run', { portMappings })]))
    await settle(host)
    assert.deepEqual(host.reports[0]?.containers?.[0]?.networkBindings, [
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' },
      { bindIP: '0.0.0.0', protocol: 'udp', containerPortRange: '9000-9004', hostPortRange: '32769-32773' },
    ])
  })

  test('the same payload again changes nothing', async () => {
    const host = testHost()
    const agent = await host.start()
    const payload = task('a1', [container('web', 'fake/run')])
    agent.accept(payload)
    await settle(host)
    const before = [...host.calls]
    agent.accept(payload)
    await settle(host)
    assert.deepEqual(host.calls, before)
    assert.equal(host.reports.length, 1)
  })

  test('a payload that comes late does not run a task again that is over and cleaned up', async () => {
    const host = testHost()
    const agent = await host.start()
    const payload = task('a1', [container('job', 'fake/exit-3')])
    agent.accept(payload)
    await settle(host, 4 * 3_600_000)
    assert.equal(agent.engine.known(payload.arn), undefined)
    const before = [...host.calls]
    agent.accept(payload)
    await settle(host)
    assert.deepEqual(host.calls, before)
    agent.engine.linked()
    agent.accept(payload)
    assert.notEqual(agent.engine.known(payload.arn), undefined)
  })

  test('a task whose process ends at once is reported RUNNING and then STOPPED with its exit code', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('job', 'fake/exit-3')]))
    await settle(host)
    assert.deepEqual(statuses(host), ['RUNNING job=RUNNING', 'STOPPED job=STOPPED3'])
    assert.ok(host.reports[1]?.executionStoppedAt)
  })

  test('a killed container is reported without waiting', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host)
    host.runtime.kill(host.runtime.containers()[0]?.id ?? '')
    await settle(host)
    assert.deepEqual(statuses(host).at(-1), 'STOPPED web=STOPPED137')
  })

  test('an image that cannot be pulled stops the task, and says why', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/no-pull'), container('side', 'fake/run', { essential: false })]))
    await settle(host)
    const last = host.reports.at(-1)
    assert.equal(last?.status, 'STOPPED')
    assert.match(last?.containers?.[0]?.reason ?? '', /^CannotPullContainerError: pull access denied/)
    assert.ok(host.reports.every(report => report.status !== 'RUNNING'))
  })

  test('an essential container that ends is told at once, before the others have stopped', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run'), container('side', 'fake/run', { essential: false })]))
    await settle(host)
    const web = host.runtime.containers().find(each => each.name.includes('-web-1-web'))
    host.runtime.kill(web?.id ?? '')
    await settle(host)
    assert.equal(statuses(host).at(-1), 'STOPPED web=STOPPED137 side=STOPPED143')
    assert.ok(
      statuses(host)
        .slice(0, -1)
        .some(line => line.startsWith('RUNNING')),
    )
  })

  test('containers stop in the reverse order of what they depend on', async () => {
    const host = testHost()
    const agent = await host.start()
    const payload = task('a1', [
      container('db', 'fake/run'),
      container('app', 'fake/run', { dependsOn: [{ containerName: 'db', condition: 'START' }] }),
    ])
    agent.accept(payload)
    await settle(host)
    host.calls.length = 0
    agent.accept({ ...payload, desiredStatus: 'STOPPED' })
    await settle(host)
    const names = new Map(host.runtime.containers().map(({ id, name }) => [id, name.split('-')[3]]))
    const stopped = host.calls.filter(call => call.startsWith('stop ')).map(call => names.get(call.slice(5)))
    assert.deepEqual(stopped, ['app', 'db'])
    assert.equal(host.reports.at(-1)?.status, 'STOPPED')
  })

  test('SUCCESS waits for exit 0, HEALTHY for the check', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(
      task('a1', [
        container('init', 'fake/exit-0', { essential: false }),
        healthChecked('db', 'fake/healthy', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
        container('app', 'fake/run', { dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }),
      ]),
    )
    await settle(host)
    assert.equal(host.runtime.containers().length, 2)
    await settle(host, 200)
    assert.equal(statuses(host).at(-1), 'RUNNING init=STOPPED0 db=RUNNING app=RUNNING')
  })

  test('a dependency that fails keeps its dependant from starting', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(
      task('a1', [
        container('init', 'fake/exit-1', { essential: false }),
        container('app', 'fake/run', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      ]),
    )
    await settle(host)
    assert.equal(host.runtime.containers().length, 1)
    const last = host.reports.at(-1)
    assert.equal(last?.status, 'STOPPED')
    assert.match(last?.containers?.[1]?.reason ?? '', /^CannotStartContainerError: dependency graph: .*\[init\]/)
  })

  test('START waits for a start: one that has ended had it, one that never ran did not', async () => {
    const started = async (image: string) => {
      const host = testHost()
      const agent = await host.start()
      const dependsOn = [{ containerName: 'side', condition: 'START' as const }]
      agent.accept(
        task('a1', [container('side', image, { essential: false }), container('app', 'fake/run', { dependsOn })]),
      )
      await settle(host)
      return { status: statuses(host).at(-1), reason: host.reports.at(-1)?.containers?.[1]?.reason ?? '' }
    }
    assert.equal((await started('fake/exit-3')).status, 'RUNNING side=STOPPED3 app=RUNNING')
    const never = await started('fake/no-pull')
    assert.equal(never.status, 'STOPPED side=STOPPED app=STOPPED')
    assert.match(never.reason, /\[side\].*did not reach START$/)
  })

  test('startTimeout ends the wait for a dependency', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(
      task('a1', [
        healthChecked('db', 'fake/unhealthy', { startTimeout: 5, essential: false }),
        container('app', 'fake/run', { dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }),
      ]),
    )
    await settle(host, 4_000)
    assert.equal(host.reports.length, 0)
    await settle(host, 2_000)
    assert.equal(statuses(host).at(-1), 'STOPPED db=STOPPED143 app=STOPPED')
  })

  test('no more than the given number of launches at a time, and what is created is started first', async () => {
    const host = testHost({ launches: 2 })
    const agent = await host.start()
    host.calls.length = 0
    agent.accept(
      ...Array.from({ length: 6 }, (_, index) => task(`a${index}`, [container('web', 'fake/slow-start-100')])),
    )
    await settle(host)
    assert.equal(verbs(host).filter(verb => verb === 'start').length, 2)
    await settle(host, 1_000)
    assert.equal(statuses(host).filter(line => line.startsWith('RUNNING')).length, 6)
  })

  test('a stop is not queued behind launches', async () => {
    const host = testHost({ launches: 1 })
    const agent = await host.start()
    const payloads = Array.from({ length: 4 }, (_, index) =>
      task(`a${index}`, [container('web', 'fake/slow-start-1000')]),
    )
    agent.accept(...payloads)
    await settle(host)
    agent.accept({ ...task('a3', payloads[3]?.containers ?? []), desiredStatus: 'STOPPED' })
    await settle(host)
    assert.deepEqual(
      host.reports.map(({ task: arn, status }) => [arn, status]),
      [[taskArnOf('a3'), 'STOPPED']],
    )
    assert.equal(host.runtime.containers().length, 1)
  })

  test('a stopped task is kept for a while, then nothing of it is left', async () => {
    const host = testHost({ taskCleanupWaitMs: 10_000 })
    const agent = await host.start()
    const payload = task(
      'a1',
      [
        container('web', 'fake/run', {
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/s', readOnly: false }],
        }),
      ],
      { volumes: [{ name: 'scratch', type: 'host', host: {} }], cpu: 0.25, memory: 64 },
    )
    agent.accept(payload)
    await settle(host)
    assert.equal(host.runtime.volumes().length, 1)
    assert.deepEqual(host.runtime.taskGroups(), ['a1'])
    assert.equal(agent.engine.known(payload.arn)?.record.cgroupParent, '/ecs/a1')
    agent.accept({ ...payload, desiredStatus: 'STOPPED' })
    await settle(host, 5_000)
    assert.equal(host.runtime.containers().length, 1)
    await settle(host, 6_000)
    assert.deepEqual(
      [host.runtime.containers(), host.runtime.volumes(), host.runtime.taskGroups(), agent.engine.known(payload.arn)],
      [[], [], [], undefined],
    )
  })

  test('no more than so many stopped tasks are kept', async () => {
    const host = testHost({ keptStoppedTasks: 3 })
    const agent = await host.start()
    agent.accept(...Array.from({ length: 8 }, (_, index) => task(`a${index}`, [container('job', 'fake/exit-1')])))
    await settle(host)
    assert.equal(host.runtime.containers().length, 3)
  })

  test('a task that cannot be run is refused with the reason, and forgotten', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run', { overrides: '{"memory":1}' })]))
    await settle(host)
    assert.deepEqual(
      host.reports.map(({ status, reason, containers }) => [status, reason, containers]),
      [['STOPPED', 'UnrecogniedTaskError: Error loading task - unknown override memory', undefined]],
    )
    assert.equal(agent.engine.known(taskArnOf('a1')), undefined)
  })

  test('a stop for a task that is not known is answered with STOPPED', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run')], { desiredStatus: 'STOPPED' }))
    await settle(host)
    assert.deepEqual(statuses(host), ['STOPPED web=STOPPED'])
    assert.equal(host.runtime.containers().length, 0)
  })

  test('without a server everything runs on, and what is owed is sent in order when one is back', async () => {
    const host = testHost()
    const agent = await host.start()
    host.server = false
    agent.accept(task('a1', [container('job', 'fake/exit-7')]), task('a2', [container('web', 'fake/run')]))
    await settle(host, 5_000)
    assert.equal(host.reports.length, 0)
    host.server = true
    await settle(host, 31_000)
    assert.deepEqual(
      host.reports.filter(report => report.task === taskArnOf('a1')).map(report => report.status),
      ['RUNNING', 'STOPPED'],
    )
    assert.equal(host.reports.find(report => report.task === taskArnOf('a2'))?.status, 'RUNNING')
  })

  test('a container that vanished, and one whose end was missed, are found after lost events', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host)
    host.runtime.lose(host.runtime.containers()[0]?.id ?? '')
    await settle(host)
    assert.equal(host.reports.at(-1)?.status, 'STOPPED')
    host.runtime.resync()
    await settle(host)
    assert.equal(host.reports.filter(report => report.status === 'STOPPED').length, 1)
  })

  test('what somebody starts again after its end is stopped again', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host)
    const id = host.runtime.containers()[0]?.id ?? ''
    host.runtime.kill(id)
    await settle(host)
    host.runtime.revive(id)
    await settle(host)
    assert.equal(host.runtime.containers()[0]?.status, 'stopped')
  })
})
