// How many inputs a run tries, and what is asked of every one: that it ends in time. STOWAGE_INPUTS says how many in all, each
// property takes its share; `npm run test:inputs` asks for 100,000.
import assert from 'node:assert/strict'
import fc from 'fast-check'

const TOTAL = Number(process.env['STOWAGE_INPUTS'] ?? 2_000)

/** CPU time of one input, in ms: a hundred times what the slowest takes, and far less than anybody would call hanging. */
const MOST_MS = 500

/** `share` of the inputs of the run, each of which tries `each` of them. */
const runs = (share: number, each: number): number => Math.max(5, Math.ceil((TOTAL * share) / each))

/** What a failing run prints replays it: `seed` and `path` go into here. */
const options = (share: number, each: number) => ({ numRuns: runs(share, each), ...replay() })

const replay = (): { readonly seed?: number; readonly path?: string } => {
  const [seed, path] = (process.env['STOWAGE_INPUTS_REPLAY'] ?? '').split(',', 2)
  return seed ? { seed: Number(seed), ...(path ? { path } : {}) } : {}
}

export const inTime = <Value>(what: string, run: () => Value): Value => {
  const before = process.threadCpuUsage()
  const value = run()
  const { user, system } = process.threadCpuUsage(before)
  assert((user + system) / 1_000 < MOST_MS, `${what} took ${(user + system) / 1_000} ms`)
  return value
}

export const everyInput = <Input>(share: number, inputs: fc.Arbitrary<Input>, holds: (input: Input) => void): void =>
  fc.assert(
    fc.property(inputs, input => inTime('an input', () => holds(input))),
    options(share, 1),
  )

/** `each`: how many inputs one run tries in a row at most, on the same state; half of that on average. */
export const everySequence = <Input>(
  share: number,
  each: number,
  inputs: fc.Arbitrary<Input>,
  holds: (inputs: readonly Input[]) => Promise<void>,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: each, size: 'max' }), holds),
    options(share, (each + 1) / 2),
  )
