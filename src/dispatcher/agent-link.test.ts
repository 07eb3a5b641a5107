import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LinkEvents, LinkSocket } from '../agent-link/socket.ts'
import { testClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { AgentLink } from './agent-link.ts'
import { DEFAULT_SETTINGS } from './settings.ts'

/** A link whose other side is played by the test. */
const linkOf = () => {
  const clock = testClock()
  const start = clock.now()
  let listener: LinkEvents | undefined
  let pings = 0
  let terminated = false
  const socket: LinkSocket = {
    isOpen: () => !terminated,
    listen: given => {
      listener = given
    },
    send: () => {},
    ping: () => {
      pings++
    },
    close: () => {},
    terminate: () => {
      terminated = true
      listener?.close(1006)
    },
  }
  const link = new AgentLink(socket, {
    clock,
    log: silentLog,
    settings: DEFAULT_SETTINGS,
    receive: () => true,
    closed: () => {},
  })
  const probe = async () => {
    await clock.advance(DEFAULT_SETTINGS.probeMs)
    link.probe()
  }
  return {
    link,
    probe,
    advance: clock.advance,
    heardAfter: () => link.heardAt() - start,
    pings: () => pings,
    terminated: () => terminated,
    pong: () => listener?.pong?.(),
    says: () => listener?.message('x'),
    closes: () => listener?.close(1006),
  }
}

describe('a link', () => {
  test('is cut when three probes had no answer, and was last heard before them', async () => {
    const { probe, pings, terminated, heardAfter, pong } = linkOf()
    await probe()
    pong()
    const heard = heardAfter()
    for (let unanswered = 0; unanswered < 3; unanswered++) await probe()
    assert.deepEqual([pings(), terminated()], [4, false])
    await probe()
    assert.deepEqual([pings(), terminated(), heardAfter()], [4, true, heard])
  })

  test('lives on whatever answers: a pong or a message', async () => {
    const { probe, terminated, pong, says } = linkOf()
    for (let times = 0; times < 20; times++) {
      await probe()
      if (times % 3 === 0) pong()
      if (times % 3 === 1) says()
    }
    assert.equal(terminated(), false)
  })

  test('that the other side ends was heard when it ended', async () => {
    const { advance, closes, heardAfter } = linkOf()
    await advance(7_000)
    closes()
    assert.equal(heardAfter(), 7_000)
  })
})
