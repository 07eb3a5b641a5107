// A container definition's Docker settings as the ECS agent wants them: two JSON strings in the Docker Engine API's
// create-container spelling, and the lowest API version that knows them. The agent lays them over what it made itself, so
// only what is set goes in. Before: payload.ts. After: the agent.
import type { ContainerDefinition, Device, HealthCheck, NetworkMode, Tmpfs } from '@aws-sdk/client-ecs'
import type { PayloadContainer } from '../agent-link/acs.ts'

const MIB = 1024 * 1024
const NANOSECONDS = 1_000_000_000

type DockerConfig = PayloadContainer['dockerConfig']

// By the definition's own object, which is never changed: a thousand tasks of it are told the same.
const made = new WeakMap<ContainerDefinition, Map<NetworkMode, DockerConfig>>()

/** `container` with its overrides applied. */
export const dockerConfig = (container: ContainerDefinition, networkMode: NetworkMode): DockerConfig => {
  const known = made.get(container)
  const before = known?.get(networkMode)
  if (before !== undefined) return before
  const config = makeDockerConfig(container, networkMode)
  if (known === undefined) made.set(container, new Map([[networkMode, config]]))
  else known.set(networkMode, config)
  return config
}

const makeDockerConfig = (container: ContainerDefinition, networkMode: NetworkMode): DockerConfig => {
  const config = configOf(container)
  const hostConfig = hostConfigOf(container, networkMode)
  return {
    version: versionFor({ ...config, ...hostConfig }),
    config: JSON.stringify(config),
    hostConfig: JSON.stringify(hostConfig),
  }
}

// JSON.stringify leaves out what is undefined.
const configOf = (container: ContainerDefinition) => ({
  User: container.user,
  WorkingDir: container.workingDirectory,
  Hostname: container.hostname,
  NetworkDisabled: container.disableNetworking || undefined,
  Labels: container.dockerLabels,
  OpenStdin: container.interactive || undefined,
  Tty: container.pseudoTerminal || undefined,
  HealthCheck: container.healthCheck && healthCheckOf(container.healthCheck),
})

const hostConfigOf = (container: ContainerDefinition, networkMode: NetworkMode) => {
  const linux = container.linuxParameters
  return {
    NetworkMode: networkMode,
    CapAdd: linux?.capabilities?.add ?? [],
    CapDrop: linux?.capabilities?.drop ?? [],
    Privileged: container.privileged || undefined,
    ReadonlyRootfs: container.readonlyRootFilesystem || undefined,
    Dns: given(container.dnsServers),
    DnsSearch: given(container.dnsSearchDomains),
    ExtraHosts: given(container.extraHosts)?.map(host => `${host.hostname}:${host.ipAddress}`),
    SecurityOpt: given(container.dockerSecurityOptions),
    Ulimits: given(container.ulimits)?.map(limit => ({
      Name: limit.name,
      Soft: limit.softLimit,
      Hard: limit.hardLimit,
    })),
    LogConfig: container.logConfiguration && {
      Type: container.logConfiguration.logDriver,
      Config: container.logConfiguration.options ?? {},
    },
    Sysctls:
      given(container.systemControls) &&
      Object.fromEntries((container.systemControls ?? []).map(control => [control.namespace, control.value])),
    MemoryReservation: container.memoryReservation && container.memoryReservation * MIB,
    Devices: given(linux?.devices)?.map(deviceOf),
    Init: linux?.initProcessEnabled || undefined,
    ShmSize: linux?.sharedMemorySize && linux.sharedMemorySize * MIB,
    Tmpfs: given(linux?.tmpfs) && Object.fromEntries((linux?.tmpfs ?? []).map(tmpfsOf)),
    ...swapOf(container),
  }
}

const given = <T>(list: readonly T[] | undefined): readonly T[] | undefined => (list?.length ? list : undefined)

const healthCheckOf = (check: HealthCheck) => ({
  Test: check.command,
  Interval: nanoseconds(check.interval),
  Timeout: nanoseconds(check.timeout),
  StartPeriod: nanoseconds(check.startPeriod),
  Retries: check.retries,
})

const nanoseconds = (seconds: number | undefined): number | undefined => seconds && seconds * NANOSECONDS

const PERMISSION_LETTERS = { read: 'r', write: 'w', mknod: 'm' } as const

const deviceOf = (device: Device) => ({
  PathOnHost: device.hostPath,
  PathInContainer: device.containerPath ?? device.hostPath,
  CgroupPermissions: (given(device.permissions) ?? (['read', 'write', 'mknod'] as const))
    .map(permission => PERMISSION_LETTERS[permission])
    .join(''),
})

const tmpfsOf = (tmpfs: Tmpfs): [string, string] => [
  tmpfs.containerPath ?? '',
  [`size=${tmpfs.size}m`, ...(tmpfs.mountOptions ?? [])].join(','),
]

/**
 * MemorySwap is memory and swap together. Without a hard limit Docker takes no swap limit; without maxSwap ECS ignores
 * swappiness. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html
 */
const swapOf = (container: ContainerDefinition) => {
  const { maxSwap, swappiness } = container.linuxParameters ?? {}
  if (maxSwap === undefined || !container.memory) return {}
  return { MemorySwap: (container.memory + maxSwap) * MIB, MemorySwappiness: swappiness }
}

/** The Docker Engine API version (1.x) that brought a setting; 1.17 has the rest. https://docs.docker.com/reference/api/engine/version-history/ */
const SINCE: Readonly<Record<string, number>> = {
  Labels: 18,
  LogConfig: 18,
  Ulimits: 18,
  MemorySwappiness: 20,
  MemoryReservation: 21,
  ShmSize: 22,
  Tmpfs: 22,
  HealthCheck: 24,
  Sysctls: 24,
  Init: 25,
}

const versionFor = (settings: Readonly<Record<string, unknown>>): string => {
  const needed = Object.entries(settings).map(([name, value]) => (value === undefined ? 17 : (SINCE[name] ?? 17)))
  return `1.${Math.max(17, ...needed)}`
}
