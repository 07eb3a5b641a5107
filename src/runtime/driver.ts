// What the agent's task engine asks of a container runtime. `docker/` drives the real engine, `fake/` scripts outcomes by
// image name; nothing but `main.ts` knows which one it is. Before: agent/. After: the Docker Engine's API.
import type { PortRange } from '../domain/port-range.ts'

/**
 * An image that the driver makes itself when it is asked to pull it, on any engine and without a registry: a process that
 * sleeps until it is killed (it ignores SIGTERM). For containers that only hold a network namespace.
 */
export const SANDBOX_IMAGE = 'stowage/sandbox:1'
export const SANDBOX_COMMAND: readonly string[] = ['/pause']

export type ContainerSpec = {
  /** Unique on the host; the driver makes no name of its own. */
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly entryPoint?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Includes the labels by which the agent finds its own again. */
  readonly labels: Readonly<Record<string, string>>
  /** Docker's relative weight (2..262144). */
  readonly cpuShares: number
  /** Bytes; the hard limit. */
  readonly memoryBytes?: number
  /** `bridge`, `host`, `none`, `container:<id or name>`, or what `makeNetwork` answered. */
  readonly networkMode: string
  /** Its address on a network of `makeNetwork`. */
  readonly ipv4Address?: string
  readonly portMappings: readonly {
    readonly containerPort: number
    readonly hostPort: number
    readonly protocol: 'tcp' | 'udp'
  }[]
  /** Each gets as many free host ports in a row. */
  readonly portRanges?: readonly (PortRange & { readonly protocol: 'tcp' | 'udp' })[]
  /** GPUs that it has for itself. */
  readonly gpuIds?: readonly string[]
  /** `source` is a host path or a volume's name. */
  readonly mounts: readonly { readonly source: string; readonly containerPath: string; readonly readOnly: boolean }[]
  /** Docker Engine create-container spelling, laid over what the rest made: a payload's `dockerConfig`. */
  readonly engineConfig: Readonly<Record<string, unknown>>
  readonly engineHostConfig: Readonly<Record<string, unknown>>
}

export type PortBinding = {
  readonly bindIP: string
  readonly containerPort: number
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

export type ContainerHealth = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'

/** An address of its own on the host's bridge: reachable from this host. */
export type ContainerAddress = { readonly ipv4: string; readonly mac: string }

export type ContainerState = {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly status: 'created' | 'running' | 'stopped'
  readonly exitCode?: number
  readonly oomKilled: boolean
  /** The engine's own words when it could not start or lost it. */
  readonly error?: string
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly health: ContainerHealth
  readonly ports: readonly PortBinding[]
  /** While it runs on a bridge; `start` need not know it. */
  readonly address?: ContainerAddress
}

/** One sample of what a container uses. Counters rise from the container's start. */
export type ContainerSample = {
  readonly at: number
  /** CPU time used, in nanoseconds, over all cores. */
  readonly cpuNanoseconds: number
  /** Bytes in use without page cache. */
  readonly memoryBytes: number
  readonly network?: {
    readonly rxBytes: number
    readonly rxPackets: number
    readonly rxErrors: number
    readonly rxDropped: number
    readonly txBytes: number
    readonly txPackets: number
    readonly txErrors: number
    readonly txDropped: number
  }
  readonly storage: { readonly readBytes: number; readonly writeBytes: number }
}

/** `changed`: look at this container again. `resync`: events were lost (the stream broke): look at all of them. */
export type DriverEvent =
  | {
      readonly type: 'changed'
      readonly id: string
      readonly labels: Readonly<Record<string, string>>
      readonly what: 'started' | 'died' | 'health' | 'removed'
      readonly exitCode?: number
      readonly health?: ContainerHealth
      readonly oomKilled?: boolean
      /** When, by the engine's clock. */
      readonly at?: number
    }
  | { readonly type: 'resync' }

export type PullPolicy = 'default' | 'always' | 'once' | 'prefer-cached'

export type Driver = {
  readonly kind: 'docker' | 'fake'
  /** CPU units (1024 a core), MiB and the engine's version; ports the host has in use already. Rejects when no engine answers. */
  readonly info: () => Promise<{
    readonly cpu: number
    readonly memory: number
    readonly version: string
    readonly architecture: 'x86_64' | 'arm64'
    readonly volumeDrivers: readonly string[]
    /** Ids of the GPUs that a container can be given. */
    readonly gpus: readonly string[]
  }>
  /** Resolves when the engine answers, whatever else it is doing. Rejects when it does not, after 10 s at the latest. */
  readonly ping: () => Promise<void>
  /**
   * Makes the image available, as the ECS agent's ECS_IMAGE_PULL_BEHAVIOR words say. Resolves with its digest
   * (`sha256:...`) where known; rejects with a DriverError `CannotPullContainerError`.
   */
  readonly pull: (image: string, policy: PullPolicy, signal: AbortSignal) => Promise<{ readonly digest?: string }>
  /** Resolves with the id. A container of that name that is already there is returned, not made twice. `CannotCreateContainerError`. */
  readonly create: (spec: ContainerSpec) => Promise<string>
  /** Resolves when its process runs (or has run and ended). Starting a running one is a success. `CannotStartContainerError`. */
  readonly start: (id: string) => Promise<ContainerState>
  /** STOPSIGNAL, SIGKILL after `timeoutSeconds`; resolves when it is stopped. A container that is gone is a success. */
  readonly stop: (id: string, timeoutSeconds: number) => Promise<void>
  /** A running one is killed; one that is gone is a success. Like `stop` and `inspect` it takes a name for the id. */
  readonly remove: (id: string) => Promise<void>
  /** Undefined when there is no such container. */
  readonly inspect: (id: string) => Promise<ContainerState | undefined>
  /** Every container, running or not, that carries label `key=value`. */
  readonly list: (label: string, value: string) => Promise<readonly ContainerState[]>
  /** Removes what `pull` made rather than pulled, unless a container uses it still. */
  readonly removeMadeImages: () => Promise<void>
  /** Of the engine's own driver where none is given. One of that name that is there already is a success. */
  readonly createVolume: (
    name: string,
    labels: Readonly<Record<string, string>>,
    how?: { readonly driver?: string; readonly driverOpts?: Readonly<Record<string, string>> },
  ) => Promise<void>
  readonly hasVolume: (name: string) => Promise<boolean>
  /** One that is gone is a success. */
  readonly removeVolume: (name: string) => Promise<void>
  readonly listVolumes: (label: string, value: string) => Promise<readonly string[]>
  /**
   * A cgroup that bounds a task's containers together: what to name as their `CgroupParent`, or undefined where this engine
   * has none to give. Made again it is the same one.
   */
  readonly makeTaskGroup: (
    name: string,
    limits: { readonly cpus?: number; readonly memoryBytes?: number },
  ) => Promise<string | undefined>
  /** When its containers are gone. One that is gone, or never was, is a success. */
  readonly removeTaskGroup: (name: string) => Promise<void>
  /**
   * A network of containers with the addresses of `cidr`, and `gateway` for its router: its name, or undefined where this host
   * can't have one. Made again it is the same one.
   */
  readonly makeNetwork: (cidr: string, gateway: string) => Promise<string | undefined>
  /** One that is gone, or still in use, is a success. */
  readonly removeNetwork: (cidr: string) => Promise<void>
  /** Undefined when the container does not run. */
  readonly sample: (id: string) => Promise<ContainerSample | undefined>
  /** Events of containers that carry label `key=value`; the driver reconnects by itself and then says `resync`. Returns the end. */
  readonly subscribe: (label: string, value: string, listener: (event: DriverEvent) => void) => () => void
  readonly close: () => Promise<void>
}

/** Codes of a socket on which nobody listens, or that was closed by an engine that ended. */
const GONE: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE']

/** Whether this came of an engine that is not there (it restarts, or it died), rather than of its answer. Looks at the causes, too. */
export const isEngineGone = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  const noSocket = code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect'
  return GONE.includes(code) || noSocket || isEngineGone(error.cause)
}

/** The `code` of what an engine says that is going down: it answers still, and does nothing any more. */
export const GOING_DOWN = 'GOING_DOWN'

export const isEngineGoingDown = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === GOING_DOWN) || isEngineGoingDown(error.cause))

/** The ECS agent's error names, which callers read in a container's `reason`: `<code>: <message>`. */
export class DriverError extends Error {
  override readonly name = 'DriverError'
  readonly code:
    | 'CannotPullContainerError'
    | 'CannotCreateContainerError'
    | 'CannotStartContainerError'
    | 'CannotStopContainerError'
    | 'CannotInspectContainerError'
    | 'CannotCreateVolumeError'
    | 'DockerTimeoutError'

  constructor(code: DriverError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
