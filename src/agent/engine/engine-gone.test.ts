// The container engine is away for a while: it restarts, or it died.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DriverError, GOING_DOWN } from '../../runtime/driver.ts'
import { container, type TestHost, task, testHost } from '../test-host.ts'

const settle = async (host: TestHost, ms = 0): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await host.clock.advance(ms / 20)
}

const statuses = (host: TestHost): string[] => host.reports.map(({ status }) => status)

describe('while the container engine is away', () => {
  test('a task waits for it, and starts as soon as it is back', async () => {
    const host = testHost()
    const agent = await host.start()
    host.runtime.setGone(true)
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host, 10 * 60_000)
    assert.deepEqual(statuses(host), [])
    host.runtime.setGone(false)
    host.runtime.resync()
    await settle(host)
    assert.deepEqual(statuses(host), ['RUNNING'])
  })

  test('what it started without answering is not started again after its end', async () => {
    const host = testHost()
    const { start, subscribe } = host.runtime
    let lost = false
    let starts = 0
    const hear: typeof subscribe = (label, value, listener) => subscribe(label, value, event => lost || listener(event))
    Object.assign(host.runtime, { subscribe: hear })
    const agent = await host.start()
    const startAndDie = async (id: string): Promise<never> => {
      starts++
      lost = true
      await start(id)
      host.runtime.setGone(true)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    }
    Object.assign(host.runtime, { start: startAndDie })
    agent.accept(task('a1', [container('web', 'fake/exit-3')]))
    await settle(host, 10_000)
    host.runtime.setGone(false)
    lost = false
    host.runtime.resync()
    await settle(host)
    assert.equal(starts, 1)
    assert.equal(statuses(host).at(-1), 'STOPPED')
    assert.equal(host.reports.at(-1)?.containers?.[0]?.exitCode, 3)
  })

  test('what it refuses because it goes down is tried again, but not for ever', async () => {
    const host = testHost()
    const agent = await host.start()
    const { start } = host.runtime
    const text = 'transport is closing: unavailable'
    let refusals = 0
    const refuse = async (): Promise<never> => {
      refusals++
      throw new DriverError('CannotStartContainerError', text, Object.assign(new Error(text), { code: GOING_DOWN }))
    }
    Object.assign(host.runtime, { start: refuse })
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host, 5_000)
    assert.deepEqual(statuses(host), [])
    Object.assign(host.runtime, { start })
    host.runtime.resync()
    await settle(host)
    assert.deepEqual(statuses(host), ['RUNNING'])
    Object.assign(host.runtime, { start: refuse })
    refusals = 0
    agent.accept(task('a2', [container('web', 'fake/run')]))
    await settle(host, 10 * 60_000)
    assert.deepEqual([refusals, ...statuses(host)], [7, 'RUNNING', 'STOPPED'])
    assert.match(host.reports[1]?.containers?.[0]?.reason ?? '', /^CannotStartContainerError: transport is closing/)
  })

  test('a stop that it did not hear is said again as soon as it is back', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(task('a1', [container('web', 'fake/run')]))
    await settle(host)
    host.runtime.setGone(true)
    agent.accept(task('a1', [container('web', 'fake/run')], { desiredStatus: 'STOPPED' }))
    await settle(host, 10 * 60_000)
    assert.deepEqual(statuses(host), ['RUNNING'])
    host.runtime.setGone(false)
    host.runtime.resync()
    await settle(host)
    assert.deepEqual(statuses(host), ['RUNNING', 'STOPPED'])
  })
})
