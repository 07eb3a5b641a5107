import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PayloadContainer } from '../../agent-link/acs.ts'
import { container, type TestHost, task, taskArnOf, testHost } from '../test-host.ts'

const PERIOD = 60

const settle = async (host: TestHost): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await host.clock.advance(0)
}

const restarting = (change: Partial<PayloadContainer> = {}): PayloadContainer =>
  container('web', 'fake/run', { restartPolicy: { enabled: true, restartAttemptPeriod: PERIOD }, ...change })

const only = (host: TestHost) => {
  const [state] = host.runtime.containers()
  assert(state)
  return state
}

const killAfter = async (host: TestHost, seconds: number): Promise<void> => {
  await host.clock.advance(seconds * 1000)
  host.runtime.kill(only(host).id)
  await settle(host)
}

const starts = (host: TestHost): number => host.calls.filter(call => call.startsWith('start ')).length
const told = (host: TestHost): string[] =>
  host.reports.map(({ status, containers }) => `${status} ${containers?.map(each => each.exitCode ?? '').join()}`)

describe('a restart policy', () => {
  test('restarts a container in place that ran for the period, and tells nobody', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [restarting()]))
    await settle(host)
    const { id } = only(host)
    for (let round = 1; round <= 3; round++) {
      await killAfter(host, PERIOD)
      assert.deepEqual([only(host).id, only(host).status], [id, 'running'])
      assert.equal(agent.engine.known(taskArnOf('a1'))?.record.containers[0]?.restarts, round)
    }
    assert.deepEqual(told(host), ['RUNNING '])
  })

  test('lets one end that ran for less, counted from its last start', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [restarting()]))
    await settle(host)
    await killAfter(host, PERIOD)
    assert.equal(only(host).status, 'running')
    await killAfter(host, PERIOD - 1)
    assert.equal(only(host).status, 'stopped')
    assert.deepEqual(told(host), ['RUNNING ', 'STOPPED 137'])
  })

  test('heeds the exit codes that are to be ignored', async () => {
    const host = testHost()
    const agent = await host.start()
    const restartPolicy = { enabled: true, restartAttemptPeriod: PERIOD, ignoredExitCodes: [0, 137] }
    agent.accept(task('a1', [restarting({ restartPolicy })]))
    await settle(host)
    await killAfter(host, PERIOD)
    assert.deepEqual(told(host), ['RUNNING ', 'STOPPED 137'])
  })

  test('is over when its task is to stop', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [restarting()]))
    await settle(host)
    await host.clock.advance(PERIOD * 1000)
    agent.engine.stop(taskArnOf('a1'))
    await settle(host)
    assert.equal(starts(host), 1)
    assert.deepEqual(told(host), ['RUNNING ', 'STOPPED 143'])
  })

  test('tells host ports that a restart changed', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [restarting({ portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }] })]))
    await settle(host)
    await killAfter(host, PERIOD)
    const ports = host.reports.map(report => report.containers?.[0]?.networkBindings?.[0]?.hostPort)
    assert.equal(ports.length, 2)
    assert.equal(ports[1], only(host).ports[0]?.hostPort)
    assert.notEqual(ports[0], ports[1])
  })

  test('is kept over kill -9: before, while and after the container ends', async () => {
    const host = testHost()
    const first = await host.start()
    first.accept(task('a1', [restarting()]))
    await settle(host)
    const { id } = only(host)
    // It ends while no agent is there.
    await first.journal.durable()
    first.cut()
    await host.clock.advance(PERIOD * 1000)
    host.runtime.kill(id)
    const second = await host.start()
    await settle(host)
    assert.deepEqual([only(host).id, only(host).status], [id, 'running'])
    // Cut off the moment it is asked to start again.
    await host.clock.advance(PERIOD * 1000)
    host.runtime.kill(id)
    second.cut()
    await settle(host)
    const third = await host.start()
    await settle(host)
    assert.deepEqual([only(host).id, only(host).status], [id, 'running'])
    assert.equal(third.engine.known(taskArnOf('a1'))?.record.containers[0]?.restarts, 2)
    const before = starts(host)
    third.cut()
    await host.start()
    await settle(host)
    assert.equal(starts(host), before)
    assert.deepEqual(told(host), ['RUNNING '])
  })

  test('is no reason to restart twice for one end that is told twice', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [restarting()]))
    await settle(host)
    await host.clock.advance(PERIOD * 1000)
    const at = host.clock.now()
    host.runtime.kill(only(host).id)
    await host.clock.advance(1)
    await settle(host)
    const { id, labels } = only(host)
    agent.engine.event({ type: 'changed', id, labels, what: 'died', exitCode: 137, at: at - 1 })
    await settle(host)
    host.runtime.resync()
    await settle(host)
    assert.equal(only(host).status, 'running')
    assert.equal(starts(host), 2)
    assert.deepEqual(told(host), ['RUNNING '])
  })
})
