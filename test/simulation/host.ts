// A host of a simulated world: a container engine (fake) and a disk that stay, and the real agent, which can be killed at any
// moment and finds both again. What the agent asks of its engine takes time, goes wrong, or happens without an answer.
import { type Agent, startAgentOn } from '../../src/agent/start.ts'
import type { Transport } from '../../src/agent/transport.ts'
import { AwsError } from '../../src/aws/error.ts'
import { CAPACITY_PROVIDER_ATTRIBUTE } from '../../src/domain/capacity-provider.ts'
import { type MemoryDisk, memoryRowJournal } from '../../src/lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../../src/lib/row-journal/row-journal.ts'
import { type FakeEngine, fakeDriver } from '../../src/runtime/fake/fake-driver.ts'
import { containerLocks, driverFor, type EngineParts } from './host-engine.ts'
import type { Network, Party } from './network.ts'
import { REQUEST, type SimulatedServer } from './server.ts'
import type { Trace } from './trace.ts'
import { clockOf, type Life } from './world-clock.ts'

export type Host = {
  readonly name: string
  readonly engine: FakeEngine
  /** Undefined until it is registered, and while the agent is down. */
  readonly containerInstanceArn: () => string | undefined
  readonly isUp: () => boolean
  readonly start: () => void
  /** The agent alone: its containers run on. It is started again soon, as by systemd. */
  readonly kill: (why: string) => void
  /** With everything that runs on it. Stays down until `start`. */
  readonly powerOff: () => void
  readonly cutOff: (ms: number) => void
  readonly isCutOff: () => boolean
  /** Its container engine does not answer for so long; what runs goes on. */
  readonly engineAway: (ms: number) => void
  /** Its disk takes no writes for so long. */
  readonly readOnly: (ms: number) => void
  wrongBy: number
}

export type HostParts = EngineParts & {
  readonly trace: Trace
  readonly network: Network
  readonly server: SimulatedServer
  /** The server has answered a task's report. */
  readonly reported: (taskArn: string, status: string) => void
}

/** Room for all that services may want at once, on two of them. */
const HOST_SIZE = { cpu: 8_192, memory: 16_384 }
const RESTART_MS: readonly [number, number] = [50, 3_000]
const CLEANUP_WAIT_MS = 60_000

export type HostIdentity = {
  readonly name: string
  readonly zone: string
  /** The capacity provider that it belongs to. */
  readonly provider: string | undefined
}

export const simulatedHost = ({ name, zone, provider }: HostIdentity, parts: HostParts): Host => {
  const { clock: world, chance, faults, trace, network } = parts
  const disk: MemoryDisk = new Map()
  const engine = fakeDriver({
    clock: clockOf(world, { alive: true }, () => host.wrongBy),
    ids: chance.ids,
    ...HOST_SIZE,
  })
  const locks = containerLocks()
  const party = { name, cutOffUntil: 0 }
  let life: Life | undefined
  let agent: Agent | undefined

  const start = (): void => {
    const own: Life = { alive: true }
    life = own
    world.after(chance.between(1, 50), () => {
      if (own.alive) live(own).catch(error => parts.broken(`${name}: ${String(error)}`))
    })
  }

  const live = async (own: Life): Promise<void> => {
    const clock = clockOf(world, own, () => host.wrongBy)
    try {
      const started = await startAgentOn(
        {
          driver: driverFor(own, engine, locks, name, parts),
          transport: transportFor(own, party, parts),
          endpoint: REQUEST.endpoint,
          region: REQUEST.region,
          credentials: { accessKeyId: 'A', secretAccessKey: 'S' },
          cluster: 'default',
          clock,
          ids: chance.ids,
          log: trace.log(name),
          settings: {
            availabilityZone: zone,
            attributes: provider === undefined ? [] : [{ name: CAPACITY_PROVIDER_ATTRIBUTE, value: provider }],
            fargateCapacity: true,
            taskCleanupWaitMs: CLEANUP_WAIT_MS,
            metrics: false,
          },
        },
        async onFailure => {
          if (world.now() < readOnlyUntil) throw READ_ONLY
          return memoryRowJournal({
            disk,
            onFailure,
            beforeWrite: async () => {
              if (own.alive) await clock.sleep(chance.between(0, faults.is('slowWrite') ? 2_000 : 3))
              if (faults.is('agentCrash')) kill('before a write was durable')
              if (!own.alive) await never()
              if (world.now() < readOnlyUntil) throw READ_ONLY
              if (faults.is('agentFailedWrite')) throw new RowJournalFailure('IO', 'the disk refuses to write')
            },
            afterWrite: async () => {
              if (faults.is('agentCrash')) kill('after a write was durable')
              if (!own.alive) await never()
            },
          })
        },
      )
      if (!own.alive) return
      trace.add(name, 'is registered')
      agent = started
    } catch (error) {
      if (!own.alive) return
      trace.add(name, `does not start: ${String(error)}`)
      kill('it was refused')
    }
  }

  const die = (why: string): void => {
    if (!life?.alive) return
    trace.add(name, `dies: ${why}`)
    life.alive = false
    network.died(life)
    life = undefined
    agent = undefined
  }

  const kill = (why: string): void => {
    if (!life?.alive) return
    die(why)
    world.after(chance.between(...RESTART_MS), () => {
      if (!life && !off) start()
    })
  }

  let off = false
  let readOnlyUntil = 0
  const host: Host = {
    name,
    engine,
    containerInstanceArn: () => agent?.containerInstanceArn,
    isUp: () => life !== undefined,
    start: () => {
      off = false
      if (!life) start()
    },
    kill,
    powerOff: () => {
      off = true
      die('the power is off')
      for (const { id } of engine.containers()) engine.kill(id)
    },
    isCutOff: () => party.cutOffUntil > world.now(),
    cutOff: ms => {
      party.cutOffUntil = world.now() + ms
    },
    engineAway: ms => {
      engine.setGone(true)
      world.after(ms, () => engine.setGone(false))
    },
    readOnly: ms => {
      readOnlyUntil = world.now() + ms
    },
    wrongBy: 0,
  }
  return host
}

const READ_ONLY = new RowJournalFailure('IO', 'the file system is mounted read-only')

const never = (): Promise<never> => new Promise(() => {})

const transportFor = (life: Life, party: Party, { network, server, reported }: HostParts): Transport => ({
  // Whoever calls is known here without a signature.
  signer: {
    sign: async ({ url, headers = {} }) => ({ ...headers, host: url.host }),
  },
  post: async (_url, headers, body, signal) => {
    if (!life.alive) return never()
    const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
    const input = decoded(JSON.parse(body))
    try {
      const output = await network.call(party, () => server.callByName(operation, input), { signal, mayDouble: true })
      if (!life.alive) return never()
      if (operation === 'SubmitTaskStateChange') reported(String(input['task']), String(input['status']))
      return { status: 200, text: JSON.stringify(output) }
    } catch (error) {
      if (!life.alive) return never()
      if (!(error instanceof AwsError)) throw error
      return {
        status: error.httpStatus ?? 400,
        text: JSON.stringify({ __type: error.code, message: error.message }),
      }
    }
  },
  connect: url => network.connect(party, life, url),
  localAddress: async () => '127.0.0.1',
  close: () => {},
})

// Times travel as seconds; the gateway makes Dates of them.
const decoded = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      name.endsWith('At') && typeof value === 'number' ? new Date(value * 1000) : value,
    ]),
  )
