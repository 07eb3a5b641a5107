// What a simulated world is made of, wired as the roles wire it, from one seed.
import { rankOf, TASK_LADDER } from '../../src/domain/task.ts'
import type { Reader } from '../../src/store/store.ts'
import { tasks } from '../../src/store/tables.ts'
import { chanceOf } from './chance.ts'
import { type RowChecks, rowChecks } from './check-rows.ts'
import { disasters } from './disasters.ts'
import { drawRates, type FaultRates, faultsOf } from './faults.ts'
import { type Host, simulatedHost } from './host.ts'
import { type Network, networkOf } from './network.ts'
import { operatorOf } from './operator.ts'
import { type KillAt, type SimulatedServer, simulatedServer } from './server.ts'
import { OWN_PROVIDERS } from './service-kinds.ts'
import { type Trace, traceOf } from './trace.ts'
import { clockOf, type WorldClock, worldClock } from './world-clock.ts'

export type WorldOptions = {
  readonly seed: number
  readonly tell?: (line: string) => void
  /** Instead of what the seed draws. */
  readonly rates?: FaultRates
  /** How long it lives before it is left in peace. */
  readonly lifeMs: number
  readonly killAt?: KillAt
}

export type World = {
  readonly clock: WorldClock
  readonly trace: Trace
  readonly server: SimulatedServer
  readonly network: Network
  readonly hosts: readonly Host[]
  readonly checks: RowChecks
  readonly broken: readonly string[]
  readonly isBroken: (what: string) => void
  /** Resolves when the operator has done all and the faults are over. */
  readonly live: () => Promise<void>
}

export const worldOf = (options: WorldOptions): World => {
  const { seed, tell, rates, lifeMs, killAt } = options
  const clock = worldClock()
  const trace = traceOf(clock, tell)
  const broken: string[] = []
  const isBroken = (what: string): void => {
    trace.add('BROKEN', what)
    broken.push(`${(clock.now() / 1000).toFixed(3)} s: ${what}`)
  }
  const chance = (name: string) => chanceOf(seed, name)
  const shape = chance('shape')
  const faults = faultsOf(rates ?? drawRates(chance('rates')), chance('faults'), clock, lifeMs)
  const checks = rowChecks(trace, isBroken)
  const shared = { clock, faults, trace, broken: isBroken }
  const { loaded, committed, created } = checks
  const lazily = (): Network => network
  const chances = { chance: chance('server'), balancing: chance('balancing') }
  const server = simulatedServer({ ...shared, ...chances, killAt, network: lazily, loaded, committed })
  const network = networkOf({ clock, chance: chance('network'), faults, listener: server.listener })
  const reported = (arn: string, status: string): void =>
    checks.acknowledged(`the report of ${arn} being ${status}`, reader => isReported(reader, checks, arn, status))
  const hosts = Array.from({ length: shape.between(2, 5) }, (_, at) => {
    const name = `host-${at}`
    const provider = at < OWN_PROVIDERS.length ? OWN_PROVIDERS[at] : shape.pick(['', ...OWN_PROVIDERS]) || undefined
    const parts = { ...shared, chance: chance(name), network, server, created, reported }
    return simulatedHost({ name, zone: `us-east-1${'abc'[at % 3]}`, provider }, parts)
  })
  const services = Array.from({ length: shape.between(1, 3) }, (_, at) => `svc-${at}`)
  const forever = clockOf(clock, { alive: true }, () => 0)
  const people = { clock: forever, faults, trace, network, server, checks, hosts, services }
  const operator = operatorOf({ ...people, chance: chance('operator') })

  const operate = async (): Promise<void> => {
    await operator.prepare()
    for (const name of services) await operator.create(name)
    const calm = shape.between(1, 6)
    while (faults.on()) {
      await forever.sleep(shape.between(1, 2_000 * calm))
      await operator.act()
    }
    for (const host of hosts) host.start()
    await operator.makeGood()
  }

  const live = async (): Promise<void> => {
    server.start()
    for (const host of hosts) host.start()
    await Promise.all([operate(), disasters({ ...people, chance: chance('disasters') })])
  }
  return { clock, trace, server, network, hosts, checks, broken, isBroken, live }
}

const isReported = (reader: Reader, checks: RowChecks, arn: string, status: string): boolean => {
  const row = reader.get(tasks, arn)
  if (!row) return checks.wasStopped(arn)
  return TASK_LADDER.some(step => step === status && rankOf(row.lastStatus) >= rankOf(step))
}
