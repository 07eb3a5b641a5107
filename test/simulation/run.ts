// Simulates many worlds, or shows one:
//
//   npm run simulate -- --seeds 10000 [--from 1]
//   npm run simulate -- --seed 17 --trace
//   npm run simulate -- --seed 17 --every-write    a short life without other faults, the server killed at each of its writes
import { parseArgs } from 'node:util'
import { NO_FAULTS } from './faults.ts'
import { type Outcome, type SimulationOptions, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'every-write': { type: 'boolean', default: false },
    /** What --every-write says of a world that broke. */
    'kill-at': { type: 'string' },
  },
})

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const tell = values.trace ? { tell: say } : {}

const calm = (seed: number) => ({ seed, rates: NO_FAULTS, lifeMs: 20_000 })

type World = { readonly options: SimulationOptions; readonly flags: string }

const killedAt = (seed: number, write: number, when: 'before' | 'after'): World => ({
  options: { ...calm(seed), killAt: { write, when } },
  flags: `--seed ${seed} --kill-at ${write}-${when}`,
})

async function* worlds(): AsyncGenerator<World> {
  const first = Number(values.seed ?? values.from)
  const [write, when] = values['kill-at']?.split('-') ?? []
  if (write !== undefined) yield killedAt(first, Number(write), when === 'after' ? 'after' : 'before')
  else if (values['every-write']) {
    const { writes } = await simulate(calm(first))
    for (let at = 1; at <= writes; at++) yield* [killedAt(first, at, 'before'), killedAt(first, at, 'after')]
  } else {
    const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first
    for (let seed = first; seed <= last; seed++) yield { options: { seed }, flags: `--seed ${seed}` }
  }
}

const startedAt = performance.now()
const outcomes: Pick<Outcome, 'settledAfter' | 'events'>[] = []
let failures = 0
for await (const { options, flags } of worlds()) {
  const { broken, settledAfter, events } = await simulate({ ...options, ...tell })
  outcomes.push({ settledAfter, events })
  if (broken.length === 0) continue
  failures++
  say(`${flags}:`)
  for (const what of broken.slice(0, 5)) say(`  ${what}`)
  say(`  replay: npm run simulate -- ${flags} --trace`)
}
const seconds = (performance.now() - startedAt) / 1000
const events = outcomes.reduce((sum, outcome) => sum + outcome.events, 0)
const slowest = outcomes.reduce((most, { settledAfter }) => Math.max(most, settledAfter), 0)
say(
  `${outcomes.length} worlds in ${seconds.toFixed(1)} s (${Math.round(events / outcomes.length)} events each), ${failures} broken; the longest took ${Math.round(slowest / 1000)} s of its time to settle`,
)
if (failures > 0) process.exitCode = 1
