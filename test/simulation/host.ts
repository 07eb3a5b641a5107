// A host of a simulated world: a container engine (fake) and a disk that stay, and the real agent, which can be killed at any
// moment and finds both again. What the agent asks of its engine takes time, goes wrong, or happens without an answer.
import { TASK_ARN_LABEL } from '../../src/agent/engine/labels.ts'
import { type Agent, startAgentOn } from '../../src/agent/start.ts'
import type { Transport } from '../../src/agent/transport.ts'
import { AwsError } from '../../src/aws/error.ts'
import { CAPACITY_PROVIDER_ATTRIBUTE } from '../../src/domain/capacity-provider.ts'
import { type MemoryDisk, memoryRowJournal } from '../../src/lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../../src/lib/row-journal/row-journal.ts'
import { type ContainerSpec, type Driver, DriverError } from '../../src/runtime/driver.ts'
import { type FakeEngine, fakeDriver } from '../../src/runtime/fake/fake-driver.ts'
import type { Chance } from './chance.ts'
import type { Made } from './check-rows.ts'
import type { Faults } from './faults.ts'
import type { Network, Party } from './network.ts'
import { REQUEST, type SimulatedServer } from './server.ts'
import type { Trace } from './trace.ts'
import { clockOf, type Life, type WorldClock } from './world-clock.ts'

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
  /** Its disk takes no writes for so long. */
  readonly readOnly: (ms: number) => void
  wrongBy: number
}

export type HostParts = {
  readonly clock: WorldClock
  readonly chance: Chance
  readonly faults: Faults
  readonly trace: Trace
  readonly network: Network
  readonly server: SimulatedServer
  readonly created: (made: Made) => void
  /** The server has answered a task's report. */
  readonly reported: (taskArn: string, status: string) => void
  readonly broken: (what: string) => void
}

/** Room for all that services may want at once, on two of them. */
const HOST_SIZE = { cpu: 8_192, memory: 16_384 }
const RESTART_MS: readonly [number, number] = [50, 3_000]
const CLEANUP_WAIT_MS = 60_000
const SLOW_PULL_MS = 60_000

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
    cutOff: ms => {
      party.cutOffUntil = world.now() + ms
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

/** The engine does one thing with a container at a time, in the order in which it was asked, whoever asked. */
type Locks = { readonly lock: (container: string) => Promise<() => void> }

const containerLocks = (): Locks => {
  const last = new Map<string, Promise<void>>()
  return {
    lock: async container => {
      const before = last.get(container)
      const { promise, resolve } = Promise.withResolvers<void>()
      last.set(container, promise)
      await before
      return resolve
    },
  }
}

const idOf = (engine: FakeEngine, idOrName: string): string =>
  engine.containers().find(({ name }) => name === idOrName)?.id ?? idOrName

const driverFor = (life: Life, engine: FakeEngine, locks: Locks, name: string, parts: HostParts): Driver => {
  const { clock: world, chance, faults, created } = parts
  // What an engine was asked for it does, whether its asker still lives or not.
  const clock = clockOf(world, { alive: true }, () => 0)
  const takeTime = (most: number): Promise<void> =>
    clock.sleep(chance.between(1, faults.is('engineSlow') ? most * 50 : most))
  const ask = async <T>(
    code: DriverError['code'],
    most: number,
    work: () => Promise<T>,
    container?: string,
  ): Promise<T> => {
    if (!life.alive) return never()
    const unlock = container === undefined ? () => {} : await locks.lock(idOf(engine, container))
    await takeTime(most)
    const outOfSorts = faults.is('engineError')
    const outcome = outOfSorts ? { error: new DriverError(code, 'the engine is out of sorts') } : await settled(work)
    unlock()
    if (!life.alive) return never()
    if (outOfSorts && 'error' in outcome) throw outcome.error
    await takeTime(most)
    if (!life.alive) return never()
    // It was done, and the answer got lost.
    if (faults.is('engineError')) throw new DriverError('DockerTimeoutError', 'no answer from the engine')
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
  const pull: Driver['pull'] = async (image, policy, signal) => {
    const slow = faults.is('slowPull') ? clock.sleep(chance.between(1_000, SLOW_PULL_MS), signal) : undefined
    // Whoever gives a pull up is told so, and nothing else.
    await slow?.catch(() => {
      throw new DriverError('CannotPullContainerError', 'the pull was given up')
    })
    if (faults.is('failedPull')) throw new DriverError('CannotPullContainerError', 'the registry does not answer')
    return engine.pull(image, policy, signal)
  }
  const create = (spec: ContainerSpec) => {
    const isNew = !engine.containers().some(container => container.name === spec.name)
    // Of what a process asked for that died meanwhile nobody knows whether its task still is to be.
    if (isNew)
      created({ host: name, taskArn: spec.labels[TASK_ARN_LABEL] ?? '', container: spec.name, orphaned: !life.alive })
    return engine.create(spec)
  }
  // Nothing of these worlds is to be restarted: what has ended has had its one run.
  const start = (id: string) => {
    const found = engine.containers().find(container => container.id === idOf(engine, id))
    if (found?.status === 'stopped') parts.broken(`${name} starts ${found.name} again, which has ended`)
    return engine.start(id)
  }
  return {
    ...engine,
    pull: (image, policy, signal) => ask('CannotPullContainerError', 200, () => pull(image, policy, signal)),
    create: spec => ask('CannotCreateContainerError', 40, () => create(spec), `create ${spec.name}`),
    start: id => ask('CannotStartContainerError', 80, () => start(id), id),
    stop: (id, timeout) => ask('CannotStopContainerError', 100, () => engine.stop(id, timeout), id),
    remove: id => ask('CannotInspectContainerError', 40, () => engine.remove(id), id),
    inspect: id => ask('CannotInspectContainerError', 10, () => engine.inspect(id), id),
    createVolume: (...asked) => ask('CannotCreateVolumeError', 20, () => engine.createVolume(...asked)),
    removeVolume: volume => ask('CannotCreateVolumeError', 20, () => engine.removeVolume(volume)),
    makeTaskGroup: (...asked) => ask('CannotCreateContainerError', 20, () => engine.makeTaskGroup(...asked)),
    removeTaskGroup: group => ask('CannotCreateContainerError', 20, () => engine.removeTaskGroup(group)),
    // Asked at the agent's start, which fails with it: systemd starts it again.
    list: (label, value) => ask('CannotInspectContainerError', 20, () => engine.list(label, value)),
    subscribe: (label, value, listener) =>
      engine.subscribe(label, value, event => {
        if (!life.alive) return
        if (!faults.is('lostEvent')) listener(event)
        // The driver notices a broken stream of events, and says so.
        else clock.after(chance.between(1, 2_000), () => life.alive && listener({ type: 'resync' }))
      }),
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

const settled = async <T>(work: () => Promise<T>): Promise<Outcome<T>> => {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}
