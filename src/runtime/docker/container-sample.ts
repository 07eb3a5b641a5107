// Reads the engine's statistics of a container into a ContainerSample, for both versions of cgroups. Pure. Before:
// docker-driver.ts, after GET /containers/<id>/stats.
import type { ContainerSample } from '../driver.ts'

/** What we read of the engine's answer; any part may be missing or null (cgroup version, network mode, a container that ends). */
export type EngineStats = {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } } | null
  readonly memory_stats?: {
    readonly usage?: number
    readonly stats?: Readonly<Record<string, number>> | null
  } | null
  readonly networks?: Readonly<Record<string, EngineNetwork>> | null
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null
  } | null
}

type EngineNetwork = {
  readonly rx_bytes: number
  readonly rx_packets: number
  readonly rx_errors: number
  readonly rx_dropped: number
  readonly tx_bytes: number
  readonly tx_packets: number
  readonly tx_errors: number
  readonly tx_dropped: number
}

/** Undefined for a container that does not run: the engine then leaves the memory out. */
export const containerSample = (stats: EngineStats, at: number): ContainerSample | undefined => {
  const usage = stats.memory_stats?.usage
  if (usage === undefined) return undefined
  const network = networkOf(stats.networks)
  return {
    at,
    cpuNanoseconds: stats.cpu_stats?.cpu_usage?.total_usage ?? 0,
    memoryBytes: Math.max(0, usage - inactiveFile(stats.memory_stats?.stats ?? {})),
    ...(network && { network }),
    storage: { readBytes: bytesOf(stats, 'read'), writeBytes: bytesOf(stats, 'write') },
  }
}

/** Page cache that the kernel can take back at once: `total_inactive_file` in cgroup v1 (its subtree), `inactive_file` in v2. */
const inactiveFile = (stats: Readonly<Record<string, number>>): number =>
  stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0

/** `Read` and `Write` in cgroup v1, `read` and `write` in v2; one line a device. */
const bytesOf = (stats: EngineStats, operation: 'read' | 'write'): number =>
  (stats.blkio_stats?.io_service_bytes_recursive ?? [])
    .filter(entry => entry.op.toLowerCase() === operation)
    .reduce((sum, entry) => sum + entry.value, 0)

const networkOf = (networks: EngineStats['networks']): ContainerSample['network'] | undefined => {
  const interfaces = Object.values(networks ?? {})
  if (interfaces.length === 0) return undefined
  const sum = (counter: keyof EngineNetwork) => interfaces.reduce((total, one) => total + one[counter], 0)
  return {
    rxBytes: sum('rx_bytes'),
    rxPackets: sum('rx_packets'),
    rxErrors: sum('rx_errors'),
    rxDropped: sum('rx_dropped'),
    txBytes: sum('tx_bytes'),
    txPackets: sum('tx_packets'),
    txErrors: sum('tx_errors'),
    txDropped: sum('tx_dropped'),
  }
}
