import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { systemClock } from './clock.ts'

test('a wait that is longer than Node.js can wait at a time does not end at once', async () => {
  const clock = systemClock()
  const warned: string[] = []
  const listen = (warning: Error): void => void warned.push(warning.name)
  process.on('warning', listen)
  const far = clock.after(2 ** 40, () => warned.push('fired'))
  // Warnings come in order: this one is heard after Node.js' own, if there is one.
  process.emitWarning('behind it', 'Behind')
  while (!warned.includes('Behind')) await once(process, 'warning')
  process.off('warning', listen)
  far.cancel()
  assert.deepEqual(warned, ['Behind'])
})

test('long waits add up, and can be cancelled on their way', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const clock = systemClock()
  const day = 24 * 60 * 60 * 1000
  const fired: string[] = []
  clock.after(60 * day, () => fired.push('kept'))
  const cancelled = clock.after(60 * day, () => fired.push('cancelled'))
  for (let passed = 0; passed < 59; passed++) t.mock.timers.tick(day)
  cancelled.cancel()
  assert.deepEqual(fired, [])
  // Mocked time goes by in steps, and a timer that is set within one begins at its end.
  for (let passed = 0; passed < 4; passed++) t.mock.timers.tick(day)
  assert.deepEqual(fired, ['kept'])
})
