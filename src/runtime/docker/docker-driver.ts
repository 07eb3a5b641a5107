// The driver of the real engine: each of Driver's verbs as the calls it takes. On the hot path that is create and start,
// and an inspection only where the engine chose a host port. Every call may be repeated. Before: agent/. After: the other
// files of docker/, the Docker Engine's API (1.41 and newer: Engine 20.10).
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { type ContainerSpec, type ContainerState, type Driver, DriverError } from '../driver.ts'
import { containerSample, type EngineStats } from './container-sample.ts'
import { containerState } from './container-state.ts'
import { createOptions, hasDynamicPort } from './create-options.ts'
import { type Engine, EngineError, openEngine, statusOf } from './engine.ts'
import { followEvents } from './event-stream.ts'
import { hostGpus } from './gpus.ts'
import { ephemeralPorts, type HostPorts, openHostPorts, socketPorts } from './host-ports.ts'
import { openImages, type PullSettings } from './images.ts'
import { networks } from './networks.ts'
import type { EngineGroups } from './task-group-plan.ts'
import { taskGroups } from './task-groups.ts'

/** The ECS agent's own limits: create 4 min, start 3 min, inspect and the rest 30 s. */
const CREATE_LIMIT_MS = 4 * 60_000
const START_LIMIT_MS = 3 * 60_000
const READ_LIMIT_MS = 30_000
const PING_LIMIT_MS = 10_000
/** Beyond the container's own stop timeout: the engine kills after it, and takes the container down. */
const STOP_MARGIN_MS = 2 * 60_000
const REMOVE_LIMIT_MS = 2 * 60_000
/** Inspections at once when a host's containers are listed: the engine locks each container for it. */
const LIST_CONCURRENCY = 8

/** What start needs to know of a container that this process created. Gone once it is started or removed. */
type Created = Pick<ContainerSpec, 'name' | 'labels' | 'networkMode' | 'portMappings' | 'portRanges'>

export const dockerDriver = (options: {
  /** Default /var/run/docker.sock. */
  readonly socketPath?: string
  readonly clock: Clock
  readonly log: Log
  readonly pull?: PullSettings
}): Driver => {
  const { clock, log } = options
  const engine = openEngine({ socketPath: options.socketPath ?? '/var/run/docker.sock', clock })
  const images = openImages({ engine, clock, log, settings: options.pull ?? {} })
  const subnets = networks(engine, log)
  const created = new Map<string, Created>()
  const ports = openHostPorts(async () => [...(await publishedPorts(engine)), ...(await socketPorts())], ephemeralPorts)
  const forget = (id: string): void => {
    const spec = created.get(id)
    if (spec) {
      ports.release(spec.name)
      subnets.arrived(spec)
    }
    created.delete(id)
  }
  const subscriptions = new Set<() => void>()

  return {
    kind: 'docker',
    info: () => info(engine),
    ping: async () => {
      await engine.call(PING_LIMIT_MS, docker => docker.ping())
    },
    pull: images.pull,
    create: async spec => {
      try {
        const id = await create(engine, await withHostPorts(ports, spec), images.forget)
        created.set(id, spec)
        subnets.awaits(spec)
        return id
      } catch (error) {
        ports.release(spec.name)
        throw error
      }
    },
    start: async id => {
      const spec = created.get(id)
      await start(engine, id).finally(() => spec && subnets.arrived(spec))
      forget(id)
      if (spec && !hasDynamicPort(spec)) return runningState(id, spec, clock.now())
      const state = await inspect(engine, id)
      if (!state) throw new DriverError('CannotStartContainerError', `No such container: ${id}`)
      return state
    },
    stop: (id, timeoutSeconds) => stop(engine, id, timeoutSeconds),
    removeMadeImages: images.removeMade,
    remove: async id => {
      forget(id)
      // It takes a name for the id.
      ports.release(id)
      await remove(engine, id)
    },
    inspect: id => inspect(engine, id),
    list: (label, value) => list(engine, `${label}=${value}`),
    ...volumes(engine),
    makeNetwork: subnets.makeNetwork,
    removeNetwork: subnets.removeNetwork,
    ...taskGroups(() => engineGroups(engine), log),
    sample: async id => {
      const stats = await engine.call(READ_LIMIT_MS, docker =>
        absentAs(undefined, docker.getContainer(id).stats({ stream: false, 'one-shot': true })),
      )
      return stats && containerSample(stats satisfies EngineStats, clock.now())
    },
    subscribe: (label, value, listener) => {
      const end = followEvents({ engine, clock, log }, { key: label, value }, listener)
      subscriptions.add(end)
      return () => {
        subscriptions.delete(end)
        end()
      }
    },
    close: async () => {
      for (const end of subscriptions) end()
      subscriptions.clear()
      engine.close()
    },
  }
}

/** An engine that does not say its cgroups' version has the first one. */
const engineGroups = async (engine: Engine): Promise<EngineGroups> => {
  const { CgroupDriver, CgroupVersion = '1' } = await engine.call(READ_LIMIT_MS, docker => docker.info())
  return { driver: CgroupDriver, version: CgroupVersion }
}

const info = async (engine: Engine): ReturnType<Driver['info']> => {
  const answer = await engine.call(READ_LIMIT_MS, docker => docker.info())
  return {
    cpu: answer.NCPU * 1024,
    memory: Math.floor(answer.MemTotal / (1024 * 1024)),
    version: answer.ServerVersion,
    architecture: answer.Architecture === 'aarch64' || answer.Architecture === 'arm64' ? 'arm64' : 'x86_64',
    volumeDrivers: answer.Plugins.Volume ?? [],
    gpus: await hostGpus(Object.keys(answer.Runtimes ?? {})),
  }
}

const create = async (engine: Engine, spec: ContainerSpec, forgetImage: (image: string) => void): Promise<string> => {
  const body = createOptions(spec)
  try {
    const answer = await engine.post(CREATE_LIMIT_MS, `/containers/create?name=${encodeURIComponent(spec.name)}`, body)
    return idIn(answer)
  } catch (error) {
    const adopted = statusOf(error) === 409 ? await adopt(engine, spec) : undefined
    if (adopted) return adopted
    if (statusOf(error) === 404) forgetImage(spec.image)
    throw driverError('CannotCreateContainerError', 'created', error)
  }
}

const idIn = (answer: unknown): string => {
  if (typeof answer === 'object' && answer !== null && 'Id' in answer && typeof answer.Id === 'string') return answer.Id
  throw new EngineError(`an answer without an id: ${JSON.stringify(answer)}`, {})
}

const withHostPorts = async (ports: HostPorts, spec: ContainerSpec): Promise<ContainerSpec> => {
  const { portRanges = [], ...rest } = spec
  if (portRanges.length === 0 || spec.networkMode !== 'bridge') return rest
  return { ...rest, portMappings: [...spec.portMappings, ...(await ports.choose(spec.name, portRanges))] }
}

/** Of all containers that run, whoever made them: an engine without its proxy has no socket for them. */
const publishedPorts = async (engine: Engine): Promise<readonly number[]> => {
  const running = await engine.call(READ_LIMIT_MS, docker => docker.listContainers())
  return running.flatMap(({ Ports }) => Ports.flatMap(({ PublicPort }) => PublicPort ?? []))
}

/** The container of that name, when it carries what ours carries: an earlier create whose answer was lost. */
const adopt = async (engine: Engine, spec: ContainerSpec): Promise<string | undefined> => {
  const there = await inspect(engine, spec.name)
  const ours = there && Object.entries(spec.labels).every(([label, value]) => there.labels[label] === value)
  return ours ? there.id : undefined
}

const start = async (engine: Engine, id: string): Promise<void> => {
  try {
    await engine.post(START_LIMIT_MS, `/containers/${encodeURIComponent(id)}/start`)
  } catch (error) {
    if (statusOf(error) !== 304) throw driverError('CannotStartContainerError', 'started', error)
  }
}

/** As the engine has just said it is; what only it can know is asked for where it matters. */
const runningState = (id: string, spec: Created, startedAt: number): ContainerState => ({
  id,
  name: spec.name,
  labels: spec.labels,
  status: 'running',
  oomKilled: false,
  startedAt,
  health: 'UNKNOWN',
  ports: spec.networkMode === 'bridge' ? spec.portMappings.map(mapping => ({ bindIP: '0.0.0.0', ...mapping })) : [],
})

const stop = async (engine: Engine, id: string, timeoutSeconds: number): Promise<void> => {
  try {
    await engine.call(timeoutSeconds * 1000 + STOP_MARGIN_MS, async (docker, abortSignal) => {
      await docker.getContainer(id).stop({ t: timeoutSeconds, abortSignal })
    })
  } catch (error) {
    const status = statusOf(error)
    if (status !== 304 && status !== 404) throw driverError('CannotStopContainerError', 'stopped', error)
  }
}

const remove = async (engine: Engine, id: string): Promise<void> => {
  try {
    // `v`: with the anonymous volumes that its image made.
    await engine.call(REMOVE_LIMIT_MS, docker => docker.getContainer(id).remove({ force: true, v: true }))
  } catch (error) {
    const status = statusOf(error)
    const alreadyGoing = status === 409 && messageOf(error).includes('already in progress')
    if (status !== 404 && !alreadyGoing) throw driverError('CannotStopContainerError', 'removed', error)
  }
}

const inspect = async (engine: Engine, id: string): Promise<ContainerState | undefined> => {
  try {
    const answer = await engine.call(READ_LIMIT_MS, (docker, abortSignal) =>
      absentAs(undefined, docker.getContainer(id).inspect({ abortSignal })),
    )
    return answer && containerState(answer)
  } catch (error) {
    throw driverError('CannotInspectContainerError', 'inspecting', error)
  }
}

/** The engine's list lacks exit codes and times, so each is inspected too; this is for starts and resyncs, not the hot path. */
const list = async (engine: Engine, label: string): Promise<readonly ContainerState[]> => {
  const filters = JSON.stringify({ label: [label] })
  const found = await engine
    .call(READ_LIMIT_MS, docker => docker.listContainers({ all: true, filters }))
    .catch(error => {
      throw driverError('CannotInspectContainerError', 'inspecting', error)
    })
  const states: ContainerState[] = []
  const waiting = found.map(container => container.Id)
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const state = await inspect(engine, id)
      if (state) states.push(state)
    }
  }
  await Promise.all(Array.from({ length: LIST_CONCURRENCY }, work))
  return states
}

const volumes = (engine: Engine): Pick<Driver, 'createVolume' | 'hasVolume' | 'removeVolume' | 'listVolumes'> => ({
  createVolume: async (name, labels, { driver, driverOpts } = {}) => {
    const how = { ...(driver && { Driver: driver }), ...(driverOpts && { DriverOpts: { ...driverOpts } }) }
    const request = { Name: name, Labels: { ...labels }, ...how }
    try {
      await engine.call(READ_LIMIT_MS, docker => docker.createVolume(request))
    } catch (error) {
      throw driverError('CannotCreateVolumeError', 'created', error)
    }
  },
  hasVolume: async name => {
    const found = await engine.call(READ_LIMIT_MS, docker => absentAs(undefined, docker.getVolume(name).inspect()))
    return found !== undefined
  },
  removeVolume: async name => {
    await engine.call(READ_LIMIT_MS, docker => absentAs(undefined, docker.getVolume(name).remove()))
  },
  listVolumes: async (label, value) => {
    const filters = JSON.stringify({ label: [`${label}=${value}`] })
    const answer = await engine.call(READ_LIMIT_MS, docker => docker.listVolumes({ filters }))
    return (answer.Volumes ?? []).map(volume => volume.Name)
  },
})

const absentAs = async <T, Absent>(absent: Absent, answer: Promise<T>): Promise<T | Absent> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return absent
    throw error
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `state`: what the container was on its way to, in the ECS agent's words. */
const driverError = (code: DriverError['code'], state: string, error: unknown): DriverError => {
  if (error instanceof DriverError) return error
  if (error instanceof EngineError && error.timedOut) {
    return new DriverError('DockerTimeoutError', `Could not transition to ${state}; ${error.message}`, error)
  }
  return new DriverError(code, messageOf(error), error)
}
