import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { isEngineGoingDown, isEngineGone } from '../driver.ts'
import { dockerDriver } from './docker-driver.ts'
import { EngineError } from './engine.ts'

const driverAt = async (t: TestContext) => {
  const dir = await mkdtemp(join(tmpdir(), 'stowage-engine-'))
  const socketPath = join(dir, 'engine.sock')
  const driver = dockerDriver({ socketPath, clock: systemClock(), log: silentLog })
  t.after(async () => {
    await driver.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { driver, socketPath }
}

const spec = { name: 'a', image: 'b', environment: {}, labels: {}, cpuShares: 2, networkMode: 'none' }
const whole = { ...spec, portMappings: [], mounts: [], engineConfig: {}, engineHostConfig: {} }

describe('an engine that is away', () => {
  test('is told from one that says no, whatever was asked', async t => {
    const { driver } = await driverAt(t)
    const never = new AbortController().signal
    await assert.rejects(driver.ping(), isEngineGone)
    await assert.rejects(driver.pull('b', 'prefer-cached', never), isEngineGone)
    await assert.rejects(driver.pull('b', 'always', never), isEngineGone)
    await assert.rejects(driver.create(whole), isEngineGone)
    await assert.rejects(driver.start('a'), isEngineGone)
    await assert.rejects(driver.stop('a', 1), isEngineGone)
    await assert.rejects(driver.makeNetwork('10.9.8.0/24', '10.9.8.1/24'), isEngineGone)
    assert.equal(isEngineGone(new EngineError('Error response from daemon: no such image', { status: 404 })), false)
    // A file that is missing is none of the engine's.
    assert.equal(isEngineGone(Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' })), false)
  })

  test('also where it ends in the middle of a call', async t => {
    const { driver, socketPath } = await driverAt(t)
    const server = createServer(socket => socket.once('data', () => socket.destroy()))
    t.after(() => server.close())
    await new Promise<void>(resolve => server.listen(socketPath, resolve))
    await assert.rejects(driver.create(whole), isEngineGone)
    await assert.rejects(driver.stop('a', 1), isEngineGone)
  })

  test('is announced by what Docker Engine 20.10 says while it goes down', () => {
    const said = (text: string) =>
      isEngineGoingDown(new EngineError(`Error response from daemon: ${text}`, { status: 500 }))
    assert.ok(said('transport is closing: unavailable'))
    assert.ok(said('failed to update store for object type *libnetwork.endpoint: open : no such file or directory'))
    assert.equal(said('failed to update store for object type *libnetwork.endpoint: no space left on device'), false)
    assert.equal(said('Conflict. The container name is already in use'), false)
  })
})
