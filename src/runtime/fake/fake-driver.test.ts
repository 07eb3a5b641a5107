import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testClock } from '../../lib/clock.ts'
import { seededIds } from '../../lib/ids.ts'
import type { ContainerSpec, DriverEvent } from '../driver.ts'
import { fakeDriver } from './fake-driver.ts'

const spec = (image: string, change: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'one',
  image,
  environment: {},
  labels: { mine: 'yes' },
  cpuShares: 2,
  networkMode: 'bridge',
  portMappings: [],
  mounts: [],
  engineConfig: {},
  engineHostConfig: {},
  ...change,
})

const setUp = () => {
  const clock = testClock()
  const driver = fakeDriver({ clock, ids: seededIds(1), cpu: 1024, memory: 512 })
  const events: string[] = []
  driver.subscribe('mine', 'yes', (event: DriverEvent) => {
    events.push(event.type === 'resync' ? 'resync' : `${event.what} ${event.exitCode ?? event.health ?? ''}`.trim())
  })
  return { clock, driver, events }
}

describe('the fake runtime', () => {
  test('runs until stopped', async () => {
    const { driver, events } = setUp()
    const id = await driver.create(spec('fake/run'))
    assert.equal((await driver.start(id)).status, 'running')
    await driver.stop(id, 30)
    assert.deepEqual([(await driver.inspect('one'))?.exitCode, events], [143, ['started', 'died 143']])
  })

  test('ends at once, pulls nothing, starts slowly', async () => {
    const { clock, driver, events } = setUp()
    const state = await driver.start(await driver.create(spec('fake/exit-42')))
    assert.deepEqual([state.status, state.exitCode, events], ['stopped', 42, ['started', 'died 42']])
    await assert.rejects(driver.pull('fake/no-pull', 'default', new AbortController().signal), {
      code: 'CannotPullContainerError',
    })
    let started = false
    driver.start(await driver.create(spec('fake/slow-start-250', { name: 'two' }))).then(() => {
      started = true
    })
    await clock.advance(249)
    assert.equal(started, false)
    await clock.advance(1)
    assert.equal(started, true)
  })

  test('health follows the image when there is a check', async () => {
    const { clock, driver, events } = setUp()
    const engineConfig = { HealthCheck: { Test: ['CMD', 'true'] } }
    await driver.start(await driver.create(spec('fake/unhealthy', { engineConfig })))
    await driver.start(await driver.create(spec('other', { engineConfig, name: 'two' })))
    await driver.start(await driver.create(spec('fake/run', { name: 'three' })))
    await clock.advance(1_000)
    assert.deepEqual(events.slice(3), ['health UNHEALTHY', 'health HEALTHY'])
  })

  test('a create that is repeated makes nothing new; what is gone can be stopped and removed', async () => {
    const { driver } = setUp()
    const id = await driver.create(spec('fake/run'))
    assert.equal(await driver.create(spec('fake/run')), id)
    await driver.remove(id)
    await driver.remove(id)
    await driver.stop(id, 1)
    assert.equal(await driver.inspect(id), undefined)
  })

  test('gives each running container an address of its own, and that of one that ended to the next', async () => {
    const { driver } = setUp()
    const start = async (name: string) => driver.start(await driver.create(spec('fake/run', { name })))
    const [one, two] = [await start('one'), await start('two')]
    assert.notEqual(one.address?.ipv4, two.address?.ipv4)
    await driver.stop('one', 1)
    assert.equal((await driver.inspect('one'))?.address, undefined)
    assert.deepEqual((await start('three')).address, one.address)
  })

  test('gives ports of its own where none is asked for', async () => {
    const { driver } = setUp()
    const mapping = { containerPort: 80, protocol: 'tcp' as const }
    const portMappings = [
      { ...mapping, hostPort: 0 },
      { ...mapping, containerPort: 81, hostPort: 8081 },
    ]
    const { ports } = await driver.start(await driver.create(spec('fake/run', { portMappings })))
    assert.ok((ports[0]?.hostPort ?? 0) > 32_767)
    assert.equal(ports[1]?.hostPort, 8081)
  })
})
