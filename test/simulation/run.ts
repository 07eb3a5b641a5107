// Simulates many worlds, or shows one: `npm run simulate -- --seeds 10000`, `npm run simulate -- --seed 17 --trace`.
import { parseArgs } from 'node:util'
import { type Outcome, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const one = async (seed: number): Promise<Outcome> => {
  const failed = (error: Error): void => {
    say(`seed ${seed}: ${error.stack}`)
    say(replayOf(seed))
  }
  process.once('uncaughtExceptionMonitor', failed)
  const outcome = await simulate({
    seed,
    ...(values.trace ? { tell: say } : {}),
  })
  process.removeListener('uncaughtExceptionMonitor', failed)
  return outcome
}

const replayOf = (seed: number): string => `  replay: npm run simulate -- --seed ${seed} --trace`

const first = Number(values.seed ?? values.from)
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first
const startedAt = performance.now()
let failures = 0
let slowest = 0
let events = 0
for (let seed = first; seed <= last; seed++) {
  const outcome = await one(seed)
  slowest = Math.max(slowest, outcome.settledAfter)
  events += outcome.events
  if (outcome.broken.length === 0) continue
  failures++
  say(`seed ${seed}:`)
  for (const what of outcome.broken.slice(0, 5)) say(`  ${what}`)
  say(replayOf(seed))
}
const seconds = (performance.now() - startedAt) / 1000
say(
  `${last - first + 1} worlds in ${seconds.toFixed(1)} s (${Math.round(events / (last - first + 1))} events each), ${failures} broken; the longest took ${Math.round(slowest / 1000)} s of its time to settle`,
)
if (failures > 0) process.exitCode = 1
