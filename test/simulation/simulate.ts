// One simulated world, from its seed to its end: it is built, lives through its faults, is left in peace, and must settle.
import { rankOf, TASK_LADDER } from '../../src/domain/task.ts'
import type { Reader } from '../../src/store/store.ts'
import { tasks } from '../../src/store/tables.ts'
import { chanceOf } from './chance.ts'
import { type RowChecks, rowChecks } from './check-rows.ts'
import { unsettled } from './check-settled.ts'
import { disasters } from './disasters.ts'
import { drawRates, type FaultRates, faultsOf } from './faults.ts'
import { type Host, simulatedHost } from './host.ts'
import { type Network, networkOf } from './network.ts'
import { operatorOf } from './operator.ts'
import { type KillAt, simulatedServer } from './server.ts'
import { traceOf } from './trace.ts'
import { clockOf, worldClock } from './world-clock.ts'

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

export type SimulationOptions = {
  readonly seed: number
  readonly tell?: (line: string) => void
  /** Instead of what the seed draws. */
  readonly rates?: FaultRates
  /** How long it lives before it is left in peace. */
  readonly lifeMs?: number
  readonly killAt?: KillAt
}

const LIFE_MS = 120_000
/** After the last fault: agents' links may be half open, their waits minutes long, a stopped task's containers are kept. */
const SETTLE_MS = 2 * 3_600_000
const LOOK_EVERY_MS = 5_000
/** What has settled must stay so. */
const PEACE_MS = 90_000

export const simulate = async (options: SimulationOptions): Promise<Outcome> => {
  // A bug that is thrown past everybody ends the process: then this says in which world.
  const said = (): void => void process.stderr.write(`while simulating seed ${options.seed}:\n`)
  process.once('uncaughtExceptionMonitor', said)
  try {
    return await lifeOf(options)
  } finally {
    process.removeListener('uncaughtExceptionMonitor', said)
  }
}

const lifeOf = async (options: SimulationOptions): Promise<Outcome> => {
  const { seed, tell, rates, lifeMs = LIFE_MS, killAt } = options
  const world = worldClock()
  const trace = traceOf(world, tell)
  const broken: string[] = []
  const isBroken = (what: string): void => {
    trace.add('BROKEN', what)
    broken.push(`${(world.now() / 1000).toFixed(3)} s: ${what}`)
  }
  const chance = (name: string) => chanceOf(seed, name)
  const shape = chance('shape')
  const faults = faultsOf(rates ?? drawRates(chance('rates')), chance('faults'), world, lifeMs)
  const checks = rowChecks(trace, isBroken)
  const shared = { clock: world, faults, trace, broken: isBroken }
  const server = simulatedServer({
    ...shared,
    chance: chance('server'),
    killAt,
    network: (): Network => network,
    loaded: checks.loaded,
    committed: checks.committed,
  })
  const network = networkOf({
    clock: world,
    chance: chance('network'),
    faults,
    listener: server.listener,
  })
  const hosts: Host[] = Array.from({ length: shape.between(2, 5) }, (_, at) =>
    simulatedHost(`host-${at}`, `us-east-1${'abc'[at % 3]}`, {
      ...shared,
      chance: chance(`host-${at}`),
      network,
      server,
      created: checks.created,
      reported: (arn, status) =>
        checks.acknowledged(`the report of ${arn} being ${status}`, reader => isReported(reader, checks, arn, status)),
    }),
  )
  const forever = clockOf(world, { alive: true }, () => 0)
  const people = {
    clock: forever,
    faults,
    trace,
    network,
    server,
    checks,
    hosts,
    services: Array.from({ length: shape.between(1, 3) }, (_, at) => `svc-${at}`),
  }
  const operator = operatorOf({ ...people, chance: chance('operator') })

  const life = async (): Promise<void> => {
    await operator.prepare()
    for (const name of people.services)
      await operator.create(name, {
        desiredCount: shape.between(1, 5),
        workload: 'plain',
      })
    const calm = shape.between(1, 8)
    while (faults.on()) {
      await forever.sleep(shape.between(1, 2_000 * calm))
      await operator.act()
    }
    for (const host of hosts) host.start()
    await operator.makeGood()
  }

  server.start()
  for (const host of hosts) host.start()
  const ends = Promise.all([life(), disasters({ ...people, chance: chance('disasters') })])
  let over = false
  ends.then(
    () => {
      over = true
    },
    error => isBroken(`the operator fails: ${error instanceof Error ? error.stack : String(error)}`),
  )
  const settle = async (): Promise<readonly string[]> => {
    let left: readonly string[] = ['the operator is not done']
    for (let at = lifeMs; at <= lifeMs + SETTLE_MS && broken.length === 0; at += LOOK_EVERY_MS) {
      await world.advanceTo(at)
      if (over) left = unsettled(server.reader(), hosts)
      if (left.length === 0) return left
    }
    return left
  }
  const left = await settle()
  const settledAfter = world.now() - lifeMs
  if (broken.length === 0) {
    for (const what of left) isBroken(`never settled: ${what}`)
    if (left.length === 0) {
      await world.advanceTo(world.now() + PEACE_MS)
      for (const what of unsettled(server.reader(), hosts)) isBroken(`settled, and then not: ${what}`)
    }
  }
  const reader = server.reader()
  if (reader && broken.length === 0) checks.loaded(reader)
  return {
    seed,
    broken,
    digest: trace.digest(),
    settledAfter,
    events: world.events(),
    writes: server.writes(),
  }
}

const isReported = (reader: Reader, checks: RowChecks, arn: string, status: string): boolean => {
  const row = reader.get(tasks, arn)
  if (!row) return checks.wasStopped(arn)
  return TASK_LADDER.some(step => step === status && rankOf(row.lastStatus) >= rankOf(step))
}
