// One simulated world, from its seed to its end: it is built, lives through its faults, is left in peace, and must settle.
import { unsettled } from './check-settled.ts'
import { type World, type WorldOptions, worldOf } from './world.ts'

export type Outcome = {
  readonly seed: number
  /** What was wrong, empty when all went well. */
  readonly broken: readonly string[]
  /** The same for the same seed, always. */
  readonly digest: string
  /** How long it took to settle after the faults, in ms of its own time. */
  readonly settledAfter: number
  readonly events: number
  /** Of the server's journal. */
  readonly writes: number
}

export type SimulationOptions = Omit<WorldOptions, 'lifeMs'> & Partial<Pick<WorldOptions, 'lifeMs'>>

const LIFE_MS = 90_000
/**
 * Links that are half open are noticed within 200 s, lost news by a look every five minutes, a stopped task's containers go
 * after one. What needs longer has been forgotten and is found again by accident.
 */
const SETTLE_MS = 15 * 60_000
const LOOK_EVERY_MS = 5_000
/** Between two looks; the busiest worlds have a tenth of it. */
const MOST_EVENTS = 10_000
/** What has settled must stay so. */
const PEACE_MS = 90_000

export const simulate = async (options: SimulationOptions): Promise<Outcome> => {
  // A bug that is thrown past everybody ends the process: then this says in which world.
  const said = (): void => void process.stderr.write(`while simulating seed ${options.seed}:\n`)
  process.once('uncaughtExceptionMonitor', said)
  try {
    return await lifeOf({ lifeMs: LIFE_MS, ...options })
  } finally {
    process.removeListener('uncaughtExceptionMonitor', said)
  }
}

const lifeOf = async (options: WorldOptions): Promise<Outcome> => {
  const world = worldOf(options)
  const { clock, server, hosts, broken, isBroken } = world
  const left = await settle(world, options.lifeMs)
  const settledAfter = clock.now() - options.lifeMs
  if (broken.length === 0) {
    for (const what of left) isBroken(`never settled: ${what}`)
    if (left.length === 0) {
      await clock.advanceTo(clock.now() + PEACE_MS)
      for (const what of unsettled(server.reader(), hosts)) isBroken(`settled, and then not: ${what}`)
    }
  }
  const reader = server.reader()
  if (reader && broken.length === 0) world.checks.loaded(reader)
  return {
    seed: options.seed,
    broken,
    digest: world.trace.digest(),
    settledAfter,
    events: clock.events(),
    writes: server.writes(),
  }
}

/** What is left to be done when the time is over. */
const settle = async (
  { clock, server, network, hosts, broken, isBroken, live }: World,
  lifeMs: number,
): Promise<readonly string[]> => {
  let over = false
  live().then(
    () => {
      over = true
    },
    error => isBroken(`the operator fails: ${error instanceof Error ? error.stack : String(error)}`),
  )
  let left: readonly string[] = ['the operator is not done']
  for (let at = 0; at <= lifeMs + SETTLE_MS && broken.length === 0; at += LOOK_EVERY_MS) {
    const before = clock.events()
    await clock.advanceTo(at)
    if (clock.events() - before > MOST_EVENTS)
      isBroken(`it spins: ${clock.events() - before} events in ${LOOK_EVERY_MS} ms`)
    if (at < lifeMs || !over) continue
    left = [
      ...unsettled(server.reader(), hosts),
      ...(network.isCalm() ? [] : ['a link stands still']),
      // Which the server may not have noticed yet.
      ...hosts.filter(host => host.isCutOff()).map(({ name }) => `${name} is cut off`),
    ]
    if (left.length === 0) return left
  }
  return left
}
