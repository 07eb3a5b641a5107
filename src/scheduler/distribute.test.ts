import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { nextProvider, providersFor, surplusProvider } from './distribute.ts'

type Counts = Record<string, number>

const strategies = fc
  .record({
    weights: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }),
    base: fc.integer({ min: 0, max: 30 }),
    baseOf: fc.nat(),
  })
  .filter(({ weights }) => weights.length === 1 || weights.some(weight => weight > 0))
  .map(({ weights, base, baseOf }): CapacityProviderStrategyItem[] =>
    weights.map((weight, at) => ({
      capacityProvider: `p${at}`,
      weight,
      base: at === baseOf % weights.length ? base : 0,
    })),
  )

const weightOf = (strategy: readonly CapacityProviderStrategyItem[], item: CapacityProviderStrategyItem): number =>
  strategy.length === 1 ? Math.max(1, item.weight ?? 0) : (item.weight ?? 0)

const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

const fill = (strategy: readonly CapacityProviderStrategyItem[], count: number, counts: Counts = {}): Counts => {
  const filled = { ...counts }
  for (let made = 0; made < count; made++) {
    const name = nextProvider(strategy, filled)
    filled[name] = (filled[name] ?? 0) + 1
  }
  return filled
}

const empty = (strategy: readonly CapacityProviderStrategyItem[], count: number, counts: Counts): Counts => {
  const left = { ...counts }
  for (let gone = 0; gone < count; gone++) {
    const name = surplusProvider(strategy, left)
    assert(name !== undefined)
    left[name] = (left[name] ?? 0) - 1
  }
  return left
}

/** The base is met first; beyond it nobody has more than its share rounded up. */
const assertShares = (strategy: readonly CapacityProviderStrategyItem[], counts: Counts): void => {
  const base = strategy.find(item => (item.base ?? 0) > 0)
  const baseTasks = Math.min(base?.base ?? 0, total(counts))
  if (base) assert((counts[base.capacityProvider ?? ''] ?? 0) >= baseTasks, 'base')
  const rest = total(counts) - baseTasks
  const weights = strategy.reduce((sum, item) => sum + weightOf(strategy, item), 0)
  for (const item of strategy) {
    const beyond = (counts[item.capacityProvider ?? ''] ?? 0) - (item === base ? baseTasks : 0)
    const share = (rest * weightOf(strategy, item)) / weights
    assert(beyond < share + 1, `${item.capacityProvider}: ${beyond} of ${share}`)
    if (rest % weights === 0) assert.equal(beyond, share)
  }
}

describe('nextProvider', () => {
  test('the example of AWS: weights 1 and 4', () => {
    const strategy = [
      { capacityProvider: 'A', weight: 1 },
      { capacityProvider: 'B', weight: 4 },
    ]
    assert.deepEqual(fill(strategy, 5), { A: 1, B: 4 })
    assert.deepEqual(fill(strategy, 50), { A: 10, B: 40 })
  })

  test('base first, even of a provider without weight; then only by weight', () => {
    const strategy = [
      { capacityProvider: 'A', weight: 0, base: 2 },
      { capacityProvider: 'B', weight: 1 },
    ]
    assert.deepEqual(fill(strategy, 1), { A: 1 })
    assert.deepEqual(fill(strategy, 5), { A: 2, B: 3 })
  })

  test('one provider alone needs no weight', () => {
    assert.deepEqual(fill([{ capacityProvider: 'A' }], 3), { A: 3 })
  })

  test('property: base, then shares, for any count', () => {
    fc.assert(
      fc.property(strategies, fc.integer({ min: 0, max: 200 }), (strategy, count) => {
        assertShares(strategy, fill(strategy, count))
      }),
    )
  })

  test('property: whatever was out of balance is evened out by what follows', () => {
    fc.assert(
      fc.property(strategies, fc.array(fc.nat(20), { maxLength: 20 }), (strategy, before) => {
        const counts: Counts = Object.fromEntries(before.map((count, at) => [`p${at}`, count]))
        const known = Object.fromEntries(
          strategy.map(({ capacityProvider = '' }) => [capacityProvider, counts[capacityProvider] ?? 0]),
        )
        const weights = strategy.reduce((sum, item) => sum + weightOf(strategy, item), 0)
        const filled = fill(strategy, 40, known)
        // Only who has less than its share gets more.
        for (const item of strategy) {
          const name = item.capacityProvider ?? ''
          const share = (weightOf(strategy, item) / weights) * total(filled)
          const grew = (filled[name] ?? 0) > (known[name] ?? 0)
          if (grew) assert((filled[name] ?? 0) < share + 1 + (item.base ?? 0), name)
        }
      }),
    )
  })
})

describe('surplusProvider', () => {
  test('scaling in keeps base and shares', () => {
    const strategy = [
      { capacityProvider: 'A', weight: 1, base: 2 },
      { capacityProvider: 'B', weight: 3 },
    ]
    const ten = fill(strategy, 10)
    assert.deepEqual(ten, { A: 4, B: 6 })
    assert.deepEqual(empty(strategy, 4, ten), { A: 3, B: 3 })
    assert.deepEqual(empty(strategy, 8, ten), { A: 2, B: 0 })
    assert.equal(surplusProvider(strategy, {}), undefined)
  })

  test('property: what scaling out and in leaves has its base; the last tasks are the base', () => {
    fc.assert(
      fc.property(
        strategies,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (strategy, out, back) => {
          const gone = Math.min(out, back)
          const left = empty(strategy, gone, fill(strategy, out))
          assert.equal(total(left), out - gone)
          const base = strategy.find(item => (item.base ?? 0) > 0)
          if (base) {
            const kept = left[base.capacityProvider ?? ''] ?? 0
            assert(kept >= Math.min(base.base ?? 0, out - gone))
          }
        },
      ),
    )
  })

  test('property: of two, taking one away and adding one gives the same counts again', () => {
    const two = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(two, fc.integer({ min: 1, max: 60 }), ([a, b], count) => {
        const strategy = [
          { capacityProvider: 'A', weight: a },
          { capacityProvider: 'B', weight: b },
        ]
        const full = fill(strategy, count)
        const shares = (counts: Counts) => Math.abs((counts['A'] ?? 0) * b - (counts['B'] ?? 0) * a)
        assert(shares(fill(strategy, 1, empty(strategy, 1, full))) <= Math.max(shares(full), a + b))
      }),
    )
  })
})

describe('providersFor', () => {
  test('property: as many as asked, base first, each share rounded up or down', () => {
    const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(strategies, fc.integer({ min: 0, max: 50 }), fractions, (strategy, count, fraction) => {
        const providers = providersFor(strategy, count, fraction)
        assert.equal(providers.length, count)
        const base = strategy.find(item => (item.base ?? 0) > 0)
        const baseTasks = Math.min(base?.base ?? 0, count)
        assert(providers.slice(0, baseTasks).every(name => name === base?.capacityProvider))
        const weights = strategy.reduce((sum, item) => sum + weightOf(strategy, item), 0)
        for (const item of strategy) {
          const got = providers.slice(baseTasks).filter(name => name === item.capacityProvider).length
          const share = ((count - baseTasks) * weightOf(strategy, item)) / weights
          assert(Math.abs(got - share) < 1 + 1e-9, `${item.capacityProvider}: ${got} of ${share}`)
        }
      }),
    )
  })

  test('single tasks share out by weight over many draws', () => {
    const strategy = [
      { capacityProvider: 'A', weight: 1 },
      { capacityProvider: 'B', weight: 3 },
    ]
    const draws = Array.from({ length: 100 }, (_, at) => providersFor(strategy, 1, at / 100)[0])
    assert.equal(draws.filter(name => name === 'A').length, 25)
  })
})
