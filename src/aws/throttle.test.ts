import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { testClock } from '../lib/clock.ts'
import { ecsWith, startTestGateway, TEST_KEYS } from './test-gateway.ts'
import { type ThrottledRequest, throttler } from './throttle.ts'

const service = {
  ...ecsWith({}),
  throttling: [
    { burst: 3, refillPerSecond: 2, operations: ['RunTask', 'StopTask'] },
    { burst: 1, refillPerSecond: 1, operations: ['ListTasks'] },
  ],
}
const request = { service, operation: 'RunTask', accountId: '000000000000', region: 'us-east-1' }

const setUp = () => {
  const clock = testClock()
  const throttle = throttler({ clock })
  const passes = (more: Partial<ThrottledRequest> = {}): boolean => {
    try {
      throttle({ ...request, ...more })
      return true
    } catch (error) {
      assert.equal(error instanceof Error && error.message, 'Rate exceeded')
      return false
    }
  }
  const passing = (count: number, more: Partial<ThrottledRequest> = {}): number =>
    Array.from({ length: count }, () => passes(more)).filter(Boolean).length
  return { clock, passes, passing }
}

describe('throttling', () => {
  test('a burst passes, then what flows back', async () => {
    const { clock, passing } = setUp()
    assert.equal(passing(10), 3)
    await clock.advance(499)
    assert.equal(passing(1), 0)
    await clock.advance(1)
    assert.equal(passing(2), 1)
    await clock.advance(3_600_000)
    assert.equal(passing(10), 3)
  })

  test('operations of a kind share a bucket; kinds, accounts and regions have their own; what is not listed is free', () => {
    const { passes, passing } = setUp()
    assert.equal(passing(2) + passing(2, { operation: 'StopTask' }), 3)
    assert(passes({ operation: 'ListTasks' }))
    assert(passes({ region: 'eu-west-1' }))
    assert(passes({ accountId: '111111111111' }))
    assert.equal(passing(100, { operation: 'DiscoverPollEndpoint' }), 100)
  })

  test('made-up regions do not pile up, nor free those that are empty', async () => {
    const { clock, passing } = setUp()
    assert.equal(passing(3, { region: 'drained' }), 3)
    for (let at = 0; at < 12_000; at++) assert.equal(passing(1, { region: `r${at}` }), 1)
    assert.equal(passing(1, { region: 'drained' }), 0)
    await clock.advance(2_000)
    assert.equal(passing(1, { region: 'one-more' }), 1)
    assert.equal(passing(4, { region: 'drained' }), 3)
  })

  test('property: never more than the burst and what flowed back meanwhile', async () => {
    const steps = fc.array(fc.record({ wait: fc.nat(3_000), requests: fc.nat(8) }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(steps, async all => {
        const { clock, passing } = setUp()
        let [passed, waited] = [0, 0]
        for (const { wait, requests } of all) {
          await clock.advance(wait)
          waited += wait
          const now = passing(requests)
          passed += now
          assert(passed <= 3 + (waited / 1000) * 2 + 1e-6)
          assert(now <= 3)
        }
      }),
      { numRuns: 50 },
    )
  })
})

test('the gateway answers ThrottlingException when told to throttle, and never otherwise', async () => {
  const clustered = ecsWith({ ListClusters: () => ({ clusterArns: [] }) })
  const throttling = [{ burst: 2, refillPerSecond: 0.001, operations: ['ListClusters'] }]
  for (const throttle of [true, false]) {
    const { endpoint, stop } = await startTestGateway({ services: [{ ...clustered, throttling }], throttle })
    const client = new ECSClient({ endpoint, region: 'us-east-1', credentials: TEST_KEYS, maxAttempts: 1 })
    try {
      for (let at = 0; at < 2; at++) await client.send(new ListClustersCommand({}))
      const third = client.send(new ListClustersCommand({}))
      if (throttle)
        await assert.rejects(third, (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
          assert.equal(error.name, 'ThrottlingException')
          assert.equal(error.message, 'Rate exceeded')
          assert.equal(error.$metadata?.httpStatusCode, 400)
          return true
        })
      else await third
    } finally {
      client.destroy()
      await stop()
    }
  }
})
