import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { AssertionError } from '../lib/assert.ts'
import { testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { StoreFailure } from '../store/store.ts'
import { LOOP_LIMITS, type LoopSpec, type RunResult, startLoop } from './loop.ts'
import { idle } from './testing/idle.ts'

const start = (spec: Partial<LoopSpec> = {}) => {
  const clock = testClock()
  const ran: string[] = []
  const bugs: unknown[] = []
  const loop = startLoop({
    name: 'test',
    clock,
    ids: seededIds(1),
    log: silentLog,
    limits: LOOP_LIMITS,
    keys: () => [],
    onBug: error => bugs.push(error),
    ...spec,
    run: async key => {
      ran.push(key)
      return (await spec.run?.(key)) ?? {}
    },
  })
  return { clock, loop, ran, bugs }
}

/** A run that ends when it is told to. */
const gate = () => {
  let open: (result: RunResult) => void = () => {}
  const opened = new Promise<RunResult>(resolve => {
    open = resolve
  })
  return { open, opened }
}

describe('the loop', () => {
  test('looks at every key at start and each period', async () => {
    const { clock, loop, ran } = start({ keys: () => ['a', 'b'] })
    await idle(loop)
    assert.deepEqual(ran, ['a', 'b'])
    await clock.advance(LOOP_LIMITS.periodMs)
    await idle(loop)
    assert.deepEqual(ran, ['a', 'b', 'a', 'b'])
    await loop.stop()
  })

  test('collapses triggers, and runs a key again that was triggered during its run', async () => {
    const first = gate()
    const { loop, ran } = start({ run: () => (ran.length === 1 ? first.opened : Promise.resolve({})) })
    for (let times = 0; times < 5; times++) loop.trigger('a')
    while (ran.length === 0) await turn()
    for (let times = 0; times < 5; times++) loop.trigger('a')
    await turn()
    assert.deepEqual([ran, loop.status().backlog], [['a'], 2])
    first.open({})
    await idle(loop)
    assert.deepEqual(ran, ['a', 'a'])
    await loop.stop()
  })

  test('lets what can wait gather, unless something comes that can not', async () => {
    const { clock, loop, ran } = start()
    for (let times = 0; times < 5; times++) loop.triggerWithin('a', 1_000)
    await clock.advance(999)
    assert.deepEqual(ran, [])
    await clock.advance(1)
    await idle(loop)
    assert.deepEqual(ran, ['a'])
    loop.triggerWithin('a', 1_000)
    loop.trigger('a')
    await idle(loop)
    await clock.advance(5_000)
    await idle(loop)
    assert.deepEqual(ran, ['a', 'a'])
    await loop.stop()
  })

  test('runs no more keys at once than the limit', async () => {
    const all = gate()
    const { loop, ran } = start({ limits: { ...LOOP_LIMITS, concurrentRuns: 2 }, run: () => all.opened })
    for (const key of ['a', 'b', 'c']) loop.trigger(key)
    for (let turns = 0; turns < 10; turns++) await turn()
    assert.deepEqual(ran, ['a', 'b'])
    all.open({})
    await idle(loop)
    assert.deepEqual(ran, ['a', 'b', 'c'])
    await loop.stop()
  })

  test('wakes a key when it asked for it, at the earliest time asked for', async () => {
    const { clock, loop, ran } = start({
      run: async () => (ran.length === 1 ? { wakeAt: clock.now() + 5_000 } : {}),
    })
    loop.trigger('a')
    await idle(loop)
    await clock.advance(4_999)
    await idle(loop)
    assert.equal(ran.length, 1)
    await clock.advance(1)
    await idle(loop)
    assert.equal(ran.length, 2)
    await loop.stop()
  })

  test('signals that come while a key rests are answered together, at the end of its rest', async () => {
    const { clock, loop, ran } = start({ run: async () => ({ restMs: 200 }) })
    loop.trigger('a')
    await idle(loop)
    for (let signal = 0; signal < 3; signal++) loop.trigger('a')
    await clock.advance(199)
    await idle(loop)
    assert.equal(ran.length, 1)
    await clock.advance(1)
    await idle(loop)
    assert.equal(ran.length, 2)
    // Rested, and nothing happened: the next signal is answered at once.
    await clock.advance(1_000)
    loop.trigger('a')
    await idle(loop)
    assert.equal(ran.length, 3)
    await loop.stop()
  })

  test('a signal that comes during a run waits for the end of the rest', async () => {
    const first = gate()
    const { clock, loop, ran } = start({ run: () => first.opened })
    loop.trigger('a')
    for (let turns = 0; turns < 5; turns++) await turn()
    loop.trigger('a')
    first.open({ restMs: 200 })
    await idle(loop)
    assert.equal(ran.length, 1)
    await clock.advance(200)
    await idle(loop)
    assert.equal(ran.length, 2)
    await loop.stop()
  })

  test('runs again at once when asked to', async () => {
    const { loop, ran } = start({ run: async () => ({ again: ran.length < 3, did: `run ${ran.length}` }) })
    loop.trigger('a')
    await idle(loop)
    assert.deepEqual([ran.length, loop.status().lastResult], [3, 'run 3'])
    await loop.stop()
  })

  test('a run that fails waits longer each time, whatever signals come, and then works', async () => {
    const { clock, loop, ran } = start({
      run: async () => {
        if (ran.length < 4) throw Object.assign(new Error('disk full'), { code: 'DISK_FULL' })
        return { did: 'worked' }
      },
    })
    loop.trigger('a')
    await idle(loop)
    assert.equal(loop.status().lastResult, 'failed: disk full')
    loop.trigger('a')
    await idle(loop)
    assert.equal(ran.length, 1)
    for (const ms of [600, 1_200, 2_400]) {
      await clock.advance(ms)
      await idle(loop)
    }
    assert.deepEqual([ran.length, loop.status().lastResult], [4, 'worked'])
    loop.trigger('a')
    await idle(loop)
    assert.equal(ran.length, 5)
    await loop.stop()
  })

  test('one that fails because the store takes no writes is tried every two seconds', async () => {
    const run = async (): Promise<RunResult> => {
      throw new StoreFailure('DISK_FULL', 'there is no room')
    }
    const { clock, loop, ran } = start({ run })
    loop.trigger('a')
    await idle(loop)
    for (let seconds = 0; seconds < 120; seconds++) {
      await clock.advance(1_000)
      await idle(loop)
    }
    const before = ran.length
    await clock.advance(2_500)
    await idle(loop)
    assert.ok(ran.length > before)
    await loop.stop()
  })

  test('a bug leaves the loop', async () => {
    const bug = new AssertionError('broken')
    const { loop, bugs } = start({
      run: async () => {
        throw bug
      },
    })
    loop.trigger('a')
    await idle(loop)
    assert.deepEqual(bugs, [bug])
    await loop.stop()
  })

  test('stop waits for what runs and starts nothing more', async () => {
    const first = gate()
    const { clock, loop, ran } = start({ keys: () => ['a'], run: () => first.opened })
    while (ran.length === 0) await turn()
    loop.trigger('b')
    let stopped = false
    const stopping = loop.stop().then(() => {
      stopped = true
    })
    await turn()
    assert.equal(stopped, false)
    first.open({ again: true })
    await stopping
    loop.trigger('c')
    await clock.advance(LOOP_LIMITS.periodMs * 2)
    await idle(loop)
    assert.ok(!ran.includes('c'))
  })
})
