// Many simulated worlds, each from its own seed, and some of them twice: the same seed must give the same world. One that
// fails says how to see it: `npm run simulate -- --seed <n> --trace`.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NO_FAULTS } from './faults.ts'
import { simulate } from './simulate.ts'

/** As many as take a minute on one core; `npm run simulate -- --seeds 10000` is for the night. */
const SEEDS = 200
/** Every so manieth is run twice. */
const TWICE_EVERY = 20

/** The server is killed at every so manieth write of a small world, before and after; at every one by `npm run simulate -- --every-write`. */
const KILLED_EVERY = 20

const replayOf = (seed: number): string => `replay it: npm run simulate -- --seed ${seed} --trace`

describe('the simulation', () => {
  const digests = new Map<number, string>()

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
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate({ seed })
      assert.deepEqual(outcome.broken, [], replayOf(seed))
      if (seed % TWICE_EVERY === 0) digests.set(seed, outcome.digest)
    }
  })

  test('the same seed gives the same world', async () => {
    for (const [seed, digest] of digests) assert.equal((await simulate({ seed })).digest, digest, replayOf(seed))
  })
})
