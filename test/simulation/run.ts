// Simulates many worlds, or shows one:
//
//   npm run simulate -- --seeds 10000 [--from 1] [--jobs 1]
//   npm run simulate -- --seed 17 --trace
//   npm run simulate -- --seed 17 --every-write    a short life without other faults, the server killed at each of its writes
import { availableParallelism, setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { NO_FAULTS } from './faults.ts'
import { inShares, NO_WORLDS, sumOf, type Tally } from './shares.ts'
import { type SimulationOptions, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'every-write': { type: 'boolean', default: false },
    /** What --every-write says of a world that broke. */
    'kill-at': { type: 'string' },
    /** For the processes of shares.ts. */
    share: { type: 'boolean', default: false },
    nice: { type: 'boolean', default: false },
  },
})

const SHARE = 50
/** Of nice(1). */
const LEAST_PRIORITY = 19

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const tell = values.trace ? { tell: say } : {}

const show = async (options: SimulationOptions, flags: string): Promise<Tally> => {
  const { broken, settledAfter, events } = await simulate({ ...options, ...tell })
  const found = broken.slice(0, 5).map(what => `  ${what}\n`)
  if (broken.length > 0) say(`${flags}:\n${found.join('')}  replay: npm run simulate -- ${flags} --trace`)
  return { worlds: 1, failures: broken.length > 0 ? 1 : 0, events, slowestMs: settledAfter }
}

const calm = (seed: number) => ({ seed, rates: NO_FAULTS, lifeMs: 20_000 })

const killed = (seed: number, write: number, when: 'before' | 'after'): Promise<Tally> =>
  show({ ...calm(seed), killAt: { write, when } }, `--seed ${seed} --kill-at ${write}-${when}`)

const atEveryWrite = async (seed: number): Promise<Tally> => {
  const { writes } = await simulate(calm(seed))
  let tally = NO_WORLDS
  for (let at = 1; at <= writes; at++) {
    tally = sumOf(tally, await killed(seed, at, 'before'))
    tally = sumOf(tally, await killed(seed, at, 'after'))
  }
  return tally
}

const inTurn = async (first: number, count: number): Promise<Tally> => {
  let tally = NO_WORLDS
  for (let seed = first; seed < first + count; seed++) tally = sumOf(tally, await show({ seed }, `--seed ${seed}`))
  return tally
}

const shared = (from: number, seeds: number): Promise<Tally> =>
  inShares({
    from,
    seeds,
    jobs: Number(values.jobs),
    size: SHARE,
    nice: true,
    told: ({ worlds, failures }) => void process.stderr.write(`${worlds} of ${seeds} worlds, ${failures} broken\n`),
  })

const asked = (): Promise<Tally> => {
  const first = Number(values.seed ?? values.from)
  const [write, when] = values['kill-at']?.split('-') ?? []
  if (write !== undefined) return killed(first, Number(write), when === 'after' ? 'after' : 'before')
  if (values['every-write']) return atEveryWrite(first)
  if (values.seed !== undefined) return inTurn(first, 1)
  return values.share ? inTurn(first, Number(values.seeds)) : shared(first, Number(values.seeds))
}

const startedAt = performance.now()
if (values.nice) setPriority(LEAST_PRIORITY)
if (values.share) process.once('disconnect', () => process.exit())
const tally = await asked()
if (values.share) process.send?.(tally, () => process.disconnect?.())
else {
  const seconds = (performance.now() - startedAt) / 1000
  const { worlds, failures, events, slowestMs } = tally
  say(
    `${worlds} worlds in ${seconds.toFixed(1)} s (${Math.round(events / worlds)} events each), ${failures} broken; the longest took ${Math.round(slowestMs / 1000)} s of its time to settle`,
  )
  if (failures > 0) process.exitCode = 1
}
