// What an agent can be told, with the defaults. Before: main.ts (command line). After: start.ts hands each part its share.
import type { PullPolicy } from '../runtime/driver.ts'

export type AgentSettings = {
  readonly availabilityZone: string
  /** Where load balancers reach this host's ports; absent: the address from which it reaches the server. */
  readonly address?: string
  /** Custom attributes of the container instance. */
  readonly attributes: readonly { readonly name: string; readonly value?: string }[]
  /** Offer this host to FARGATE tasks of every cluster. */
  readonly fargateCapacity: boolean
  /** Host ports that no task may have, besides RESERVED_PORTS. */
  readonly reservedPorts: readonly number[]
  readonly reservedPortsUdp: readonly number[]
  /** MiB kept from tasks. */
  readonly reservedMemoryMiB: number
  readonly pullPolicy: PullPolicy
  /** Creates and starts at a time. */
  readonly launches: number
  /**
   * How long a stopped task's containers stay for `docker logs`, in ms, and of how many tasks. The ECS agent keeps them 3 h, which
   * on a host where tasks come and go quickly is thousands: each slows down every listing of the Docker Engine and keeps
   * its writable layer. Ten minutes are enough to look into a failure; 64 tasks of a crash loop are what one looks at.
   */
  readonly taskCleanupWaitMs: number
  readonly keptStoppedTasks: number
  /** Logging drivers that this host's container engine is set up for. */
  readonly loggingDrivers: readonly string[]
  /** Container stats every 20 s. */
  readonly metrics: boolean
  readonly version: string
}

export const DEFAULT_SETTINGS: Omit<AgentSettings, 'availabilityZone'> = {
  attributes: [],
  fargateCapacity: false,
  reservedPorts: [],
  reservedPortsUdp: [],
  reservedMemoryMiB: 0,
  pullPolicy: 'prefer-cached',
  launches: 4,
  taskCleanupWaitMs: 10 * 60_000,
  keptStoppedTasks: 64,
  // Built into the Docker Engine, and without need of AWS credentials.
  loggingDrivers: ['json-file', 'none', 'syslog', 'journald', 'gelf', 'fluentd', 'splunk'],
  metrics: true,
  version: '0.1.0',
}
