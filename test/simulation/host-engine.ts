// What an agent of a simulated world has for a container engine: the host's fake one, with what engines do to their callers. It
// takes time, goes wrong, does what it was asked without an answer, and goes on with what a dead process has asked for.
import { TASK_ARN_LABEL } from '../../src/agent/engine/labels.ts'
import { type ContainerSpec, type Driver, DriverError } from '../../src/runtime/driver.ts'
import type { FakeEngine } from '../../src/runtime/fake/fake-driver.ts'
import type { Chance } from './chance.ts'
import type { Made } from './check-rows.ts'
import type { Faults } from './faults.ts'
import { clockOf, type Life, type WorldClock } from './world-clock.ts'

export type EngineParts = {
  readonly clock: WorldClock
  readonly chance: Chance
  readonly faults: Faults
  readonly created: (made: Made) => void
  readonly broken: (what: string) => void
}

const SLOW_PULL_MS = 60_000

const never = (): Promise<never> => new Promise(() => {})

/** The engine does one thing with a container at a time, in the order in which it was asked, whoever asked. */
export type Locks = { readonly lock: (container: string) => Promise<() => void> }

export const containerLocks = (): Locks => {
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

export const driverFor = (life: Life, engine: FakeEngine, locks: Locks, name: string, parts: EngineParts): Driver => {
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
  const create = async (spec: ContainerSpec) => {
    const isNew = !engine.containers().some(container => container.name === spec.name)
    const id = await engine.create(spec)
    // Of what a process asked for that died meanwhile nobody knows whether its task still is to be.
    if (isNew)
      created({ host: name, taskArn: spec.labels[TASK_ARN_LABEL] ?? '', container: spec.name, orphaned: !life.alive })
    return id
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
