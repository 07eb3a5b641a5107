import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, type TestHost, task, taskArnOf, testHost } from '../test-host.ts'

const settle = async (host: TestHost, ms = 0): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await host.clock.advance(ms / 20)
}

const RUN = [container('web', 'fake/run')]

describe('adoption', () => {
  test('after a crash what runs goes on untouched, and is not reported again', async () => {
    const host = testHost()
    const first = await host.start()
    first.accept(task('a1', RUN), task('a2', RUN))
    // Until the server's answers are on disk too; one that is lost is asked for again.
    await settle(host, 1_000)
    first.cut()
    const before = host.runtime.containers()
    host.calls.length = 0
    await host.start()
    await settle(host)
    assert.deepEqual(
      host.calls.map(call => call.split(' ')[0]),
      ['list', 'listVolumes'],
    )
    assert.deepEqual(host.runtime.containers(), before)
    assert.equal(host.reports.length, 2)
  })

  test('what died meanwhile is reported with its exit code, what vanished as vanished', async () => {
    const host = testHost()
    const first = await host.start()
    first.accept(task('a1', RUN), task('a2', RUN))
    await settle(host, 1_000)
    first.cut()
    const [one, two] = host.runtime.containers()
    host.runtime.kill(one?.id ?? '')
    host.runtime.lose(two?.id ?? '')
    await host.start()
    await settle(host)
    const ends = host.reports
      .slice(2)
      .map(({ task: arn, status, containers }) => [arn, status, containers?.[0]?.exitCode ?? containers?.[0]?.reason])
    assert.deepEqual(ends.sort(), [
      [taskArnOf('a1'), 'STOPPED', 137],
      [taskArnOf('a2'), 'STOPPED', 'ContainerVanishedError: No container matching saved ID found'],
    ])
  })

  test('a cgroup is made for a task that is on the disk: it does not say whose it is, and nobody else would remove it', async () => {
    let release = (): void => {}
    let slow = false
    const wait = () => (slow ? new Promise<void>(resolve => (release = resolve)) : Promise.resolve())
    const host = testHost({}, { beforeWrite: wait })
    const agent = await host.start()
    slow = true
    agent.accept(task('a1', RUN, { cpu: 1 }))
    await settle(host)
    assert.deepEqual(host.runtime.taskGroups(), [])
    slow = false
    release()
    await settle(host)
    assert.deepEqual(host.runtime.taskGroups(), ['a1'])
  })

  test('a task that is not on the disk yet is not reported to run: the server would not repeat its payload', async () => {
    let disk = true
    const host = testHost({}, { beforeWrite: () => (disk ? Promise.resolve() : new Promise(() => {})) })
    const first = await host.start()
    disk = false
    first.accept(task('a1', RUN))
    await settle(host)
    assert.equal(host.runtime.containers()[0]?.status, 'running')
    assert.deepEqual(host.reports, [])
    first.cut()
    disk = true
    const second = await host.start()
    second.accept(task('a1', RUN))
    await settle(host)
    assert.equal(host.runtime.containers().length, 1)
    assert.deepEqual(
      host.reports.map(({ status }) => status),
      ['RUNNING'],
    )
  })

  test('a crash in the middle of a launch: the same container is started, once', async () => {
    const host = testHost()
    const first = await host.start()
    first.accept(task('a1', [container('web', 'fake/slow-start-100')]))
    await settle(host)
    first.cut()
    const second = await host.start()
    await settle(host, 1_000)
    assert.equal(host.runtime.containers().length, 1)
    assert.equal(host.runtime.containers()[0]?.status, 'running')
    assert.equal(host.reports.at(-1)?.status, 'RUNNING')
    assert.deepEqual(second.settle([taskArnOf('a1')]), [])
  })

  test('containers that the journal does not know wait for the server: adopted when it repeats the payload', async () => {
    let disk = true
    const host = testHost({}, { beforeWrite: () => (disk ? Promise.resolve() : new Promise(() => {})) })
    const first = await host.start()
    disk = false
    first.accept(task('a1', RUN))
    await settle(host)
    first.cut()
    disk = true
    const [running] = host.runtime.containers()
    const second = await host.start()
    await settle(host)
    assert.equal(second.engine.known(taskArnOf('a1')), undefined)
    host.calls.length = 0
    second.accept(task('a1', RUN))
    await settle(host)
    assert.deepEqual(
      host.calls.map(call => call.split(' ')[0]),
      ['inspect'],
    )
    assert.deepEqual(host.runtime.containers(), [running])
    assert.equal(host.reports.at(-1)?.containers?.[0]?.runtimeId, running?.id)
  })

  test('... and removed when it confirms that there is no such task', async () => {
    let disk = true
    const host = testHost({}, { beforeWrite: () => (disk ? Promise.resolve() : new Promise(() => {})) })
    const first = await host.start()
    disk = false
    const volumes = [{ name: 'scratch', type: 'host', host: {} }] as const
    first.accept(task('a1', RUN, { volumes }))
    await settle(host)
    first.cut()
    disk = true
    const second = await host.start()
    await settle(host)
    assert.equal(host.runtime.containers().length, 1)
    assert.equal(host.runtime.volumes().length, 1)
    assert.deepEqual(
      second.settle([]).map(candidate => candidate.taskArn),
      [taskArnOf('a1')],
    )
    await settle(host)
    assert.deepEqual([host.runtime.containers(), host.runtime.volumes()], [[], []])
  })

  test('a report that was not answered before the crash is sent after it', async () => {
    const host = testHost()
    const first = await host.start()
    host.server = false
    first.accept(task('a1', [container('job', 'fake/no-pull')]), task('a2', RUN))
    await settle(host)
    first.cut()
    host.server = true
    await host.start()
    await settle(host)
    assert.deepEqual(host.reports.map(({ task: arn, status }) => `${arn.slice(-2)} ${status}`).sort(), [
      'a1 STOPPED',
      'a2 RUNNING',
    ])
    assert.equal(host.runtime.containers().length, 1)
  })

  test('tasks that the server no longer wants are stopped when it confirms', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', RUN), task('a2', RUN))
    await settle(host)
    agent.settle([taskArnOf('a2')])
    await settle(host)
    assert.deepEqual(
      host.runtime
        .containers()
        .map(each => each.status)
        .sort(),
      ['running', 'stopped'],
    )
  })

  test('another agent on the same engine is left alone', async () => {
    const host = testHost()
    const agent = await host.start()
    await host.runtime.create({
      name: 'other',
      image: 'fake/run',
      environment: {},
      labels: { 'stowage.agent': 'another', 'com.amazonaws.ecs.task-arn': taskArnOf('b1') },
      cpuShares: 2,
      networkMode: 'bridge',
      portMappings: [],
      mounts: [],
      engineConfig: {},
      engineHostConfig: {},
    })
    host.runtime.resync()
    await settle(host)
    assert.deepEqual(agent.settle([]), [])
    assert.equal(host.runtime.containers().length, 1)
  })
})
