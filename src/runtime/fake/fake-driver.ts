// A container runtime without containers: what happens to one is written in its image's name. For the simulation, load tests with
// thousands of instances, and tests. State lives in memory; two agents may share a driver, or a test may start an agent anew
// on one. Before: main.ts. After: agent/engine/ sees no difference from docker/.
//
//   fake/run            runs until stopped                fake/no-pull      cannot be pulled
//   fake/exit-N         ends with N as soon as it ran      fake/unhealthy    its health check fails
//   fake/slow-start-MS  takes MS to start                  any other         as fake/run
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import {
  type ContainerAddress,
  type ContainerHealth,
  type ContainerSpec,
  type ContainerState,
  type Driver,
  DriverError,
  type DriverEvent,
  type PortBinding,
} from '../driver.ts'
import { scriptOf } from './script.ts'

/** A health check's first verdict comes this long after the start. */
const FIRST_HEALTH_MS = 100
/** Docker's range for ports that nobody asked for. */
const DYNAMIC_PORTS = { first: 32_768, last: 60_999 }
/** What SIGTERM leaves behind. */
const TERMINATED = 143
const KILLED = 137

type Container = {
  readonly spec: ContainerSpec
  readonly state: ContainerState
}

type Listener = { readonly label: string; readonly value: string; readonly tell: (event: DriverEvent) => void }

type Input = {
  readonly clock: Clock
  readonly ids: Ids
  /** CPU units and MiB. */
  readonly cpu: number
  readonly memory: number
  readonly gpus?: readonly string[]
}

/** What a test does to a container behind the agent's back. */
export type FakeEngine = Driver & {
  /** `docker kill`. */
  readonly kill: (idOrName: string) => void
  /** `docker rm -f`. */
  readonly lose: (idOrName: string) => void
  /** `docker start` of one that had ended. */
  readonly revive: (idOrName: string) => void
  /**
   * While it is, what is asked of containers fails as where no engine listens, and nobody hears what befalls them; then listeners
   * are told `resync`.
   */
  readonly setGone: (gone: boolean) => void
  readonly setHealth: (idOrName: string, health: ContainerHealth) => void
  /** Events get lost: listeners are told `resync`. */
  readonly resync: () => void
  readonly containers: () => readonly ContainerState[]
  readonly volumes: () => readonly string[]
  readonly taskGroups: () => readonly string[]
}

export const fakeDriver = (input: Input): FakeEngine => {
  const engine = new Engine(input)
  const groups = new Set<string>()
  let gone = false
  const reach = (): void => {
    if (gone) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
  }
  return {
    kind: 'fake',
    info: async () => {
      reach()
      const { cpu, memory, gpus = [] } = input
      return { cpu, memory, version: 'fake', architecture: 'x86_64', volumeDrivers: ['local'], gpus }
    },
    ping: async () => reach(),
    setGone: now => {
      gone = now
      engine.setDeaf(now)
    },
    pull: async image => {
      reach()
      if (scriptOf(image).pulls) return {}
      throw new DriverError('CannotPullContainerError', `pull access denied for ${image}, repository does not exist`)
    },
    create: async spec => {
      reach()
      return engine.create(spec)
    },
    start: async id => {
      reach()
      return engine.start(id)
    },
    stop: async id => {
      reach()
      engine.end(id, TERMINATED)
    },
    remove: async id => {
      reach()
      engine.remove(id)
    },
    removeMadeImages: async () => {},
    inspect: async id => {
      reach()
      return engine.find(id)?.state
    },
    list: async (label, value) => {
      reach()
      return engine.all().filter(({ labels }) => labels[label] === value)
    },
    createVolume: async (name, labels) => engine.addVolume(name, labels),
    hasVolume: async name => engine.volumesWith(undefined, '').includes(name),
    removeVolume: async name => engine.removeVolume(name),
    listVolumes: async (label, value) => engine.volumesWith(label, value),
    makeNetwork: async cidr => `subnet-${cidr}`,
    removeNetwork: async () => {},
    makeTaskGroup: async name => {
      groups.add(name)
      return `/ecs/${name}`
    },
    removeTaskGroup: async name => void groups.delete(name),
    sample: async id => engine.sample(id),
    subscribe: (label, value, tell) => engine.listen({ label, value, tell }),
    close: async () => engine.close(),
    kill: id => engine.end(id, KILLED),
    lose: id => engine.remove(id),
    revive: id => engine.revive(id),
    setHealth: (id, health) => engine.setHealth(id, health),
    resync: () => engine.resync(),
    containers: () => engine.all(),
    volumes: () => engine.volumesWith(undefined, ''),
    taskGroups: () => [...groups],
  }
}

class Engine {
  readonly #input: Input
  readonly #byId = new Map<string, Container>()
  readonly #idByName = new Map<string, string>()
  readonly #volumes = new Map<string, Readonly<Record<string, string>>>()
  readonly #listeners = new Set<Listener>()
  #nextPort = DYNAMIC_PORTS.first
  #addresses = 0
  /** Its events reach nobody. */
  #deaf = false
  /** Of containers that have ended: given to the next ones, as a real engine does. */
  readonly #freed: ContainerAddress[] = []

  constructor(input: Input) {
    this.#input = input
  }

  find(idOrName: string): Container | undefined {
    return this.#byId.get(idOrName) ?? this.#byId.get(this.#idByName.get(idOrName) ?? '')
  }

  all(): readonly ContainerState[] {
    return [...this.#byId.values()].map(({ state }) => state)
  }

  create(spec: ContainerSpec): string {
    const known = this.#idByName.get(spec.name)
    if (known !== undefined) return known
    const id = `${this.#input.ids.hex32()}${this.#input.ids.hex32()}`
    const state: ContainerState = {
      id,
      name: spec.name,
      labels: spec.labels,
      status: 'created',
      oomKilled: false,
      health: 'UNKNOWN',
      ports: [],
    }
    this.#byId.set(id, { spec, state })
    this.#idByName.set(spec.name, id)
    return id
  }

  async start(id: string): Promise<ContainerState> {
    const before = this.#existing(id)
    if (before.state.status === 'running') return before.state
    const script = scriptOf(before.spec.image)
    if (script.startMs > 0) await this.#input.clock.sleep(script.startMs)
    // Stopped or removed while it was starting.
    const container = this.#existing(id)
    if (container.state.status === 'running') return container.state
    const running = this.#run(container)
    if (script.exitCode !== undefined) this.end(id, script.exitCode)
    else if (hasHealthCheck(container.spec)) this.#checkHealth(running, script.healthy ? 'HEALTHY' : 'UNHEALTHY')
    return this.#existing(id).state
  }

  revive(id: string): void {
    const container = this.find(id)
    if (container?.state.status === 'stopped') this.#run(container)
  }

  end(id: string, exitCode: number): void {
    const container = this.find(id)
    if (container?.state.status !== 'running') return
    const { address, ...state } = container.state
    if (address && container.spec.ipv4Address === undefined) this.#freed.push(address)
    const ended: ContainerState = { ...state, status: 'stopped', exitCode, finishedAt: this.#input.clock.now() }
    this.#byId.set(state.id, { ...container, state: ended })
    this.#tell(container, { what: 'died', exitCode, oomKilled: false })
  }

  remove(id: string): void {
    const container = this.find(id)
    if (!container) return
    this.end(container.state.id, KILLED)
    this.#byId.delete(container.state.id)
    this.#idByName.delete(container.spec.name)
    this.#tell(container, { what: 'removed' })
  }

  setHealth(id: string, health: ContainerHealth): void {
    const container = this.find(id)
    if (container?.state.status !== 'running' || container.state.health === health) return
    this.#change(container, { health })
    this.#tell(container, { what: 'health', health })
  }

  addVolume(name: string, labels: Readonly<Record<string, string>>): void {
    if (!this.#volumes.has(name)) this.#volumes.set(name, labels)
  }

  removeVolume(name: string): void {
    this.#volumes.delete(name)
  }

  volumesWith(label: string | undefined, value: string): readonly string[] {
    return [...this.#volumes].flatMap(([name, labels]) => (!label || labels[label] === value ? [name] : []))
  }

  sample(id: string) {
    const { clock } = this.#input
    const container = this.find(id)
    if (container?.state.status !== 'running') return undefined
    // Idle, as far as a container that does nothing can be said to use anything.
    return { at: clock.now(), cpuNanoseconds: 0, memoryBytes: 0, storage: { readBytes: 0, writeBytes: 0 } }
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  setDeaf(deaf: boolean): void {
    this.#deaf = deaf
    if (!deaf) this.resync()
  }

  resync(): void {
    for (const { tell } of this.#listeners) tell({ type: 'resync' })
  }

  close(): void {
    this.#listeners.clear()
  }

  #existing(id: string): Container {
    const container = this.find(id)
    if (!container) throw new DriverError('CannotStartContainerError', `No such container: ${id}`)
    return container
  }

  #run(container: Container): ContainerState {
    const { exitCode: _, finishedAt: __, ...state } = container.state
    this.#joins(container.spec)
    const running: ContainerState = {
      ...state,
      status: 'running',
      startedAt: this.#input.clock.now(),
      ports: [
        ...container.spec.portMappings.map(mapping => this.#bind(mapping)),
        ...(container.spec.portRanges ?? []).flatMap(range => this.#bindRange(range)),
      ],
      ...this.#addressOf(container.spec),
    }
    this.#byId.set(state.id, { ...container, state: running })
    this.#tell(container, { what: 'started' })
    return running
  }

  /** A network namespace that is joined must be there, as with a real engine. */
  #joins({ networkMode }: ContainerSpec): void {
    const [kind, other = ''] = networkMode.split(/:(.*)/)
    if (kind !== 'container' || this.find(other)?.state.status === 'running') return
    throw new DriverError('CannotStartContainerError', `cannot join network of a non running container: ${other}`)
  }

  #addressOf({ networkMode, ipv4Address }: ContainerSpec): Partial<ContainerState> {
    if (ipv4Address === undefined) return networkMode === 'bridge' ? { address: this.#address() } : {}
    const others = [...this.#byId.values()].map(({ state }) => state.address?.ipv4)
    if (others.includes(ipv4Address))
      throw new DriverError('CannotStartContainerError', 'Error response from daemon: Address already in use')
    return { address: { ipv4: ipv4Address, mac: macOf(ipv4Address.split('.').map(Number)) } }
  }

  /** 10.x.y.z, one after the other, and the MAC that Docker makes of it. */
  #address(): ContainerAddress {
    const freed = this.#freed.pop()
    if (freed) return freed
    this.#addresses = (this.#addresses + 1) % 2 ** 24
    const bytes = [10, this.#addresses >> 16, (this.#addresses >> 8) & 255, this.#addresses & 255]
    return { ipv4: bytes.join('.'), mac: macOf(bytes) }
  }

  #bind({ containerPort, hostPort, protocol }: ContainerSpec['portMappings'][number]): PortBinding {
    if (hostPort === 0) {
      this.#nextPort = this.#nextPort >= DYNAMIC_PORTS.last ? DYNAMIC_PORTS.first : this.#nextPort + 1
    }
    return { bindIP: '0.0.0.0', containerPort, hostPort: hostPort || this.#nextPort, protocol }
  }

  #bindRange({ first, last, protocol }: NonNullable<ContainerSpec['portRanges']>[number]): readonly PortBinding[] {
    if (this.#nextPort + (last - first + 1) > DYNAMIC_PORTS.last) this.#nextPort = DYNAMIC_PORTS.first
    const mapping = { hostPort: 0, protocol }
    return Array.from({ length: last - first + 1 }, (_, at) => this.#bind({ ...mapping, containerPort: first + at }))
  }

  #checkHealth({ id, startedAt }: ContainerState, health: ContainerHealth): void {
    this.#input.clock.after(FIRST_HEALTH_MS, () => {
      if (this.find(id)?.state.startedAt === startedAt) this.setHealth(id, health)
    })
  }

  #change(container: Container, change: Partial<ContainerState>): void {
    this.#byId.set(container.state.id, { ...container, state: { ...container.state, ...change } })
  }

  #tell({ state }: Container, news: Omit<Extract<DriverEvent, { type: 'changed' }>, 'type' | 'id' | 'labels'>): void {
    if (this.#deaf) return
    const { id, labels } = state
    for (const { label, value, tell } of this.#listeners) {
      if (labels[label] === value) tell({ type: 'changed', id, labels, at: this.#input.clock.now(), ...news })
    }
  }
}

/** As Docker makes it of an address. */
const macOf = (bytes: readonly number[]): string =>
  [0x02, 0x42, ...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':')

const hasHealthCheck = ({ engineConfig }: ContainerSpec): boolean =>
  'HealthCheck' in engineConfig || 'Healthcheck' in engineConfig
