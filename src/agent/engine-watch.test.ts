import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { fakeDriver } from '../runtime/fake/fake-driver.ts'
import { watchEngine } from './engine-watch.ts'

const watched = () => {
  const clock = testClock()
  const driver = fakeDriver({ clock, ids: seededIds(1), cpu: 1024, memory: 1024 })
  const said: string[] = []
  const end = new AbortController()
  const onSilent = () => said.push('silent')
  const onBack = () => said.push('back')
  const ended = watchEngine({ driver, onSilent, onBack, clock, log: silentLog }, end.signal)
  const stop = (): Promise<void> => {
    end.abort()
    return ended
  }
  return { clock, driver, said, end: stop }
}

test('an engine that is restarted within ten seconds was never away', async () => {
  const { clock, driver, said, end } = watched()
  for (let restart = 0; restart < 3; restart++) {
    driver.setGone(true)
    await clock.advance(9_000)
    driver.setGone(false)
    await clock.advance(9_000)
  }
  assert.deepEqual(said, [])
  await end()
})

test('one that stays away is told of once, and so is its return', async () => {
  const { clock, driver, said, end } = watched()
  driver.setGone(true)
  await clock.advance(14_000)
  assert.deepEqual(said, [])
  await clock.advance(1_000)
  assert.deepEqual(said, ['silent'])
  await clock.advance(60_000)
  driver.setGone(false)
  await clock.advance(5_000)
  assert.deepEqual(said, ['silent', 'back'])
  await end()
})
