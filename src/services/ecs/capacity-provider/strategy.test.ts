import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AwsError } from '../../../aws/error.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { nextProvider, providersFor, surplusProvider } from '../../../scheduler/distribute.ts'
import { capacityFor, checkStrategy } from './strategy.ts'

const NAMES = ['FARGATE', 'FARGATE_SPOT', 'gpu', 'disk', 'none', '']
const numbers = fc.option(fc.oneof(fc.integer({ min: -2, max: 5 }), fc.integer()), { nil: undefined })
const item = fc.record({ capacityProvider: fc.constantFrom(...NAMES), weight: numbers, base: numbers })
// Long ones are nearly always refused.
const items = fc.oneof(
  { weight: 9, arbitrary: fc.array(item, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.array(item, { maxLength: 25 }) },
)
const cluster = (defaultCapacityProviderStrategy: Cluster['defaultCapacityProviderStrategy']): Cluster => ({
  arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
  name: 'default',
  status: 'ACTIVE',
  settings: [],
  capacityProviders: NAMES.slice(0, 4),
  defaultCapacityProviderStrategy,
  tags: [],
  createdAt: 0,
})

const orRefused = <T>(attempt: () => T): T | undefined => {
  try {
    return attempt()
  } catch (error) {
    assert(error instanceof AwsError && error.code === 'InvalidParameterException', String(error))
    return undefined
  }
}

test('property: what passes can be shared out, whatever was asked; the rest is refused, never a crash', () => {
  let shared = 0
  const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(items, items, fc.nat(10), fractions, (asked, usual, count, fraction) => {
      const byDefault = orRefused(() => checkStrategy(usual, NAMES.slice(0, 4))) ?? []
      const capacity = orRefused(() => capacityFor(cluster(byDefault), { capacityProviderStrategy: asked }))
      const strategy = capacity?.capacityProviderStrategy
      if (!strategy) return
      shared++
      const fargate = strategy.every(item => item.capacityProvider?.startsWith('FARGATE'))
      assert.equal(capacity.launchType, fargate ? 'FARGATE' : 'EC2')
      assert.equal(providersFor(strategy, count, fraction).length, count)
      const next = nextProvider(strategy, {})
      assert(strategy.some(item => item.capacityProvider === next))
      assert.equal(surplusProvider(strategy, { [next]: 1 }), next)
    }),
    { numRuns: 2_000 },
  )
  assert(shared > 100, `only ${shared} passed`)
})
