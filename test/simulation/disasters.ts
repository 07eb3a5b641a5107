// What befalls a simulated world from outside, one thing after another while its faults last: hosts that vanish and return,
// networks that part, containers that die or are taken away, clocks that jump, servers that are killed or restarted.
import type { Clock } from '../../src/lib/clock.ts'
import { DriverError } from '../../src/runtime/driver.ts'
import type { Chance } from './chance.ts'
import type { RowChecks } from './check-rows.ts'
import type { Faults } from './faults.ts'
import type { Host } from './host.ts'
import type { SimulatedServer } from './server.ts'
import type { Trace } from './trace.ts'

export type DisasterParts = {
  readonly clock: Clock
  readonly chance: Chance
  readonly faults: Faults
  readonly trace: Trace
  readonly hosts: readonly Host[]
  readonly server: SimulatedServer
  readonly checks: RowChecks
}

export const disasters = async (parts: DisasterParts): Promise<void> => {
  const { clock, chance, faults } = parts
  if (faults.disasterSeconds === 0) return
  while (faults.on()) {
    await clock.sleep(chance.between(1, 2_000 * faults.disasterSeconds))
    if (faults.on()) happens(parts)
  }
}

const happens = ({ clock, chance, trace, hosts, server, checks }: DisasterParts): void => {
  const host = chance.pick(hosts)
  const container = host.engine.containers().length > 0 ? chance.pick(host.engine.containers()) : undefined
  const said = (what: string): void => trace.add(host.name, what)
  const draw = chance.between(1, 112)
  if (draw <= 15) server.kill('somebody kills it')
  else if (draw <= 22) server.restart()
  else if (draw <= 35) host.kill('somebody kills it')
  else if (draw <= 43) {
    host.powerOff()
    clock.after(chance.between(1_000, chance.happens(0.2) ? 240_000 : 60_000), () => host.start())
  } else if (draw <= 53) {
    const ms = chance.between(500, chance.happens(0.3) ? 240_000 : 20_000)
    said(`is cut off for ${ms} ms`)
    host.cutOff(ms)
  } else if (draw <= 75) {
    if (!container) return
    said(`loses the process of ${container.name}`)
    host.engine.kill(container.id)
  } else if (draw <= 80) {
    if (!container) return
    said(`loses the container ${container.name}`)
    checks.lost(container.name)
    host.engine.lose(container.id)
  } else if (draw <= 84) {
    if (!container) return
    said(`has ${container.name} started by somebody`)
    revive(host, container.id)
  } else if (draw <= 92) {
    const ms = jump(chance)
    if (ms < 0) checks.clockSetBack()
    trace.add('server', `its clock jumps by ${ms} ms`)
    server.wrongBy += ms
  } else if (draw <= 96) {
    const ms = chance.between(1_000, 30_000)
    said(`its disk is read-only for ${ms} ms`)
    host.readOnly(ms)
  } else if (draw <= 99) {
    const ms = chance.between(1_000, 30_000)
    trace.add('server', `its disk is read-only for ${ms} ms`)
    server.readOnly(ms)
  } else if (draw <= 105) {
    const ms = chance.between(500, chance.happens(0.3) ? 120_000 : 10_000)
    said(`its container engine is away for ${ms} ms`)
    host.engineAway(ms)
  } else {
    const ms = jump(chance)
    said(`its clock jumps by ${ms} ms`)
    host.wrongBy += ms
  }
}

const revive = (host: Host, container: string): void => {
  try {
    host.engine.revive(container)
  } catch (error) {
    // The network that it joined is gone: whoever tried is told so.
    if (!(error instanceof DriverError)) throw error
  }
}

// Mostly what a time service corrects; now and then what a suspended machine misses.
const jump = (chance: Chance): number =>
  chance.happens(0.2) ? chance.between(60_000, 3_600_000) : chance.between(-2_000, 2_000)
