import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../lib/clock.ts'
import type { HttpRequest } from './http-request.ts'
import { patience } from './patience.ts'
import { ecsWith } from './test-gateway.ts'

const clock = systemClock()
const asking = (operation: string): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: new Map([['x-amz-target', `AmazonEC2ContainerServiceV20141113.${operation}`]]),
  body: Buffer.alloc(0),
})
const patient = () => patience({ services: [{ ...ecsWith({}), patient: ['SubmitTaskStateChange'] }], clock })

test('whoever somebody waits for goes at once', () => {
  assert.equal(patient()(asking('ListTasks')), undefined)
})

test('a thousand reports take turns, in their order, and all have one', async () => {
  const wait = patient()
  const done: number[] = []
  const all = Array.from({ length: 1_000 }, async (_, number) => {
    await wait(asking('SubmitTaskStateChange'))
    done.push(number)
  })
  await clock.turn()
  await clock.turn()
  assert.ok(done.length > 0 && done.length < 100, `${done.length} had their turn`)
  await Promise.all(all)
  assert.deepEqual(
    done,
    all.map((_, number) => number),
  )
  // And again, when all was quiet.
  await wait(asking('SubmitTaskStateChange'))
})

test('reports wait while the journal is behind', async () => {
  const behind = Promise.withResolvers<void>()
  const services = [{ ...ecsWith({}), patient: ['SubmitTaskStateChange'] }]
  let waits: Promise<void> | undefined = behind.promise
  const wait = patience({ services, clock, caughtUp: () => waits })
  let done = false
  const report = Promise.resolve(wait(asking('SubmitTaskStateChange'))).then(() => {
    done = true
  })
  for (let turn = 0; turn < 5; turn++) await clock.turn()
  assert.equal(done, false)
  waits = undefined
  behind.resolve()
  await report
})
