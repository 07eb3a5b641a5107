// Many simulated worlds, each from its own seed, and some of them twice: the same seed must give the same world. One that
// fails says how to see it: `npm run simulate -- --seed <n> --trace`.
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, test } from 'node:test'
import { NO_FAULTS } from './faults.ts'
import { inShares } from './shares.ts'
import { simulate } from './simulate.ts'

/** As many as take a minute on two cores; `npm run simulate -- --seeds 10000` is for the night. */
const SEEDS = 200
const SHARE = 25
/** These are run twice more. */
const TWICE = [20, 40, 60, 80, 100]

/** The server is killed at every so manieth write of a small world, before and after; at every one by `npm run simulate -- --every-write`. */
const KILLED_EVERY = 20

describe('the simulation', () => {
  test('a world without faults settles', async () => {
    const { broken } = await simulate({ seed: 1, rates: NO_FAULTS })
    assert.deepEqual(broken, [])
  })

  test('a server that is killed at a write of its journal loses nothing', async () => {
    const calm = { seed: 1, rates: NO_FAULTS, lifeMs: 20_000 }
    const { writes } = await simulate(calm)
    for (let write = 1; write <= writes; write += KILLED_EVERY) {
      for (const when of ['before', 'after'] as const) {
        const { broken } = await simulate({ ...calm, killAt: { write, when } })
        assert.deepEqual(broken, [], `killed ${when} write ${write}`)
      }
    }
  })

  test(`${SEEDS} worlds keep their promises and settle when their faults stop`, async () => {
    const jobs = availableParallelism()
    const { worlds, failures } = await inShares({ from: 1, seeds: SEEDS, jobs, size: SHARE, nice: false })
    assert.deepEqual({ worlds, failures }, { worlds: SEEDS, failures: 0 }, 'what was printed above says which')
  })

  test('the same seed gives the same world', async () => {
    for (const seed of TWICE) {
      const [one, other] = [await simulate({ seed }), await simulate({ seed })]
      assert.equal(other.digest, one.digest, `npm run simulate -- --seed ${seed} --trace`)
    }
  })
})
