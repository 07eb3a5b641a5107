import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type TestClock, testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { Link, type LinkEnd } from './link.ts'
import { ACS_BACKOFF } from './session.ts'
import { type TestPeer, testPeer } from './test-peer.ts'
import { networkTransport } from './transport.ts'

type Subject = {
  readonly link: Link
  readonly clock: TestClock
  readonly peer: TestPeer
  readonly ends: LinkEnd[]
  /** How many messages have come. */
  readonly heard: () => number
}

const linkTo = async (t: TestContext, change: { told?: number; port?: number } = {}): Promise<Subject> => {
  const peer = await testPeer()
  const clock = testClock()
  const ids = seededIds(7)
  const ends: LinkEnd[] = []
  let heard = 0
  const endpoint = change.port === undefined ? peer.endpoint : `http://127.0.0.1:${change.port}`
  const link = new Link({
    name: 'ACS',
    url: async () => new URL(`${endpoint}/acs/ws?a=b`),
    backoff: ACS_BACKOFF,
    recognised: new Set(['HeartbeatMessage']),
    onOpen: () => {},
    onMessage: () => {
      heard++
    },
    onEnd: async end => {
      ends.push(end)
      return change.told
    },
    transport: networkTransport({
      endpoint: new URL(endpoint),
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      clock,
    }),
    clock,
    ids,
    log: silentLog,
  })
  t.after(async () => {
    await link.stop()
    await peer.close()
  })
  return { link, clock, peer, ends, heard: () => heard }
}

const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await new Promise(resolve => setImmediate(resolve))
}

describe('a link', () => {
  test('ends a connection on which nothing recognised comes for two minutes, and connects again', async t => {
    const { link, clock, peer, ends } = await linkTo(t)
    await until(() => link.connected())
    await clock.advance(59_000)
    peer.send('acs', 'SomethingNew', {})
    await clock.advance(1_000)
    assert.equal(ends.length, 0)
    await clock.advance(61_000)
    await until(() => ends.length === 1)
    assert.deepEqual(ends, [{ type: 'silent' }])
    await until(() => {
      clock.advance(50)
      return peer.upgrades.length === 2
    })
  })

  test('heartbeats keep it open, until it is 35 minutes old; then it is back at once', async t => {
    const { link, clock, peer, ends, heard } = await linkTo(t)
    await until(() => link.connected())
    for (let minute = 0; minute < 36 && ends.length === 0; minute++) {
      const before = heard()
      peer.send('acs', 'HeartbeatMessage', { messageId: 'h', healthy: true })
      // A real socket takes its own time, which flies in the other clock.
      await until(() => heard() > before || ends.length > 0)
      await clock.advance(59_000)
    }
    await until(() => ends.length === 1)
    assert.equal(ends[0]?.type === 'closed' && ends[0].code, 1000)
    await until(() => peer.upgrades.length === 2)
  })

  test('backs off from a refusal, and says what the server said', async t => {
    const { clock, peer, ends } = await linkTo(t)
    peer.refuse = '{"InactiveInstanceException":"The container instance is inactive."}'
    await until(() => ends.length > 0 || peer.upgrades.length > 0)
    peer.drop()
    await until(() => {
      clock.advance(300)
      return ends.some(({ type }) => type === 'refused')
    })
    const refused = ends.find(({ type }) => type === 'refused')
    assert.equal(refused?.type === 'refused' && refused.exception, 'InactiveInstanceException')
  })

  test('one that is held ends, and comes back when it is released', async t => {
    const { link, clock, peer, ends } = await linkTo(t)
    await until(() => link.connected())
    link.hold('The container engine does not answer')
    await until(() => ends.length === 1)
    await clock.advance(10 * 60_000)
    assert.equal(peer.upgrades.length, 1)
    link.release()
    await until(() => peer.upgrades.length === 2)
  })

  test("a server that can't serve now is tried at least every 6 s, however long that lasts", async t => {
    const { link, clock, peer, ends } = await linkTo(t)
    peer.unwilling = true
    peer.drop()
    for (let tries = 0; tries < 25; tries++) {
      await until(() => ends.length > tries)
      if (tries > 0) assert.deepEqual(ends[tries], { type: 'closed', code: 1013, lastedMs: 0 })
      await clock.advance(6_000)
    }
    peer.unwilling = false
    await until(() => ends.length > 25 || link.connected())
    await clock.advance(6_000)
    await until(() => link.connected())
  })

  test('where nobody listens it tries at least every 6 s', async t => {
    const { clock, ends } = await linkTo(t, { port: 1 })
    await until(() => ends.length === 1)
    for (let tries = 1; tries < 25; tries++) {
      await clock.advance(6_000)
      await until(() => ends.length > tries)
    }
    assert.ok(ends.every(({ type }) => type === 'unreachable'))
  })
})
