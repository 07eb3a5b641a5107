// Simulates many worlds, or shows one:
//
//   npm run simulate -- --seeds 10000 [--from 1] [--jobs 1]
//   npm run simulate -- --seed 17 --trace
//   npm run simulate -- --seed 17 --every-write    a short life without other faults, the server killed at each of its writes
//
// Many are shared out, some at a time, among as many processes as there are cores, which take what others leave of them. A
// process ends after its share: what a killed process of a world waited for is never given back.
import { fork } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { NO_FAULTS } from './faults.ts'
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
    /** For the processes that it starts. */
    share: { type: 'boolean', default: false },
  },
})

/** Takes some ten seconds, and some hundred megabytes. */
const SHARE = 50
/** Worlds between words of how far it is. */
const TELL_EVERY = 500

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const tell = values.trace ? { tell: say } : {}

/** Of many worlds together. */
type Tally = { worlds: number; failures: number; events: number; slowestMs: number }

const tally: Tally = { worlds: 0, failures: 0, events: 0, slowestMs: 0 }

const add = ({ worlds, failures, events, slowestMs }: Tally): void => {
  tally.worlds += worlds
  tally.failures += failures
  tally.events += events
  tally.slowestMs = Math.max(tally.slowestMs, slowestMs)
}

const show = async (options: SimulationOptions, flags: string): Promise<void> => {
  const { broken, settledAfter, events } = await simulate({ ...options, ...tell })
  add({ worlds: 1, failures: broken.length > 0 ? 1 : 0, events, slowestMs: settledAfter })
  if (broken.length === 0) return
  const found = broken.slice(0, 5).map(what => `  ${what}\n`)
  say(`${flags}:\n${found.join('')}  replay: npm run simulate -- ${flags} --trace`)
}

const calm = (seed: number) => ({ seed, rates: NO_FAULTS, lifeMs: 20_000 })

const killed = (seed: number, write: number, when: 'before' | 'after'): Promise<void> =>
  show({ ...calm(seed), killAt: { write, when } }, `--seed ${seed} --kill-at ${write}-${when}`)

const inTurn = async (first: number, count: number): Promise<void> => {
  for (let seed = first; seed < first + count; seed++) await show({ seed }, `--seed ${seed}`)
}

const inShares = async (first: number, count: number): Promise<void> => {
  const last = first + count
  let next = first
  const work = async (): Promise<void> => {
    while (next < last) {
      const from = next
      next = Math.min(last, next + SHARE)
      await share(from, next - from)
      if (from % TELL_EVERY < SHARE) process.stderr.write(`${tally.worlds} of ${count}, ${tally.failures} broken\n`)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
}

const share = (from: number, seeds: number): Promise<void> => {
  const child = fork(fileURLToPath(import.meta.url), ['--share', '--from', `${from}`, '--seeds', `${seeds}`])
  let told = false
  child.once('message', message => {
    told = true
    add(message as Tally)
  })
  return new Promise(resolve =>
    child.once('exit', code => {
      // A bug that is thrown past everybody ends it, and it has said in which world.
      if (!told) add({ worlds: 0, failures: 1, events: 0, slowestMs: 0 })
      if (!told) say(`the process for --from ${from} --seeds ${seeds} ended with ${code}`)
      resolve()
    }),
  )
}

const startedAt = performance.now()
const [write, when] = values['kill-at']?.split('-') ?? []
if (write !== undefined) await killed(Number(values.seed), Number(write), when === 'after' ? 'after' : 'before')
else if (values['every-write']) {
  const seed = Number(values.seed ?? values.from)
  const { writes } = await simulate(calm(seed))
  for (let at = 1; at <= writes; at++) {
    await killed(seed, at, 'before')
    await killed(seed, at, 'after')
  }
} else if (values.seed !== undefined) await inTurn(Number(values.seed), 1)
else if (values.share) {
  setPriority(19)
  process.once('disconnect', () => process.exit())
  await inTurn(Number(values.from), Number(values.seeds))
} else await inShares(Number(values.from), Number(values.seeds))

if (values.share) process.send?.(tally, () => process.disconnect?.())
else {
  const seconds = (performance.now() - startedAt) / 1000
  const { worlds, failures, events, slowestMs } = tally
  say(
    `${worlds} worlds in ${seconds.toFixed(1)} s (${Math.round(events / worlds)} events each), ${failures} broken; the longest took ${Math.round(slowestMs / 1000)} s of its time to settle`,
  )
  if (failures > 0) process.exitCode = 1
}
