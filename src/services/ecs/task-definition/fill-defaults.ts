// What RegisterTaskDefinition adds to its input: the members that AWS answers even when they were not sent. Runs on
// validated input; what it makes is what is stored, described, and run.
import type { ContainerDefinition, HealthCheck, NetworkMode, PortMapping, Volume } from '@aws-sdk/client-ecs'

export const containerWithDefaults = (
  container: ContainerDefinition,
  networkMode: NetworkMode,
): ContainerDefinition => {
  const { healthCheck, linuxParameters, ...rest } = container
  return {
    ...rest,
    cpu: container.cpu ?? 0,
    portMappings: (container.portMappings ?? []).map(mapping => portWithDefaults(mapping, networkMode)),
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    ...(healthCheck ? { healthCheck: healthCheckWithDefaults(healthCheck) } : {}),
    ...(linuxParameters ? { linuxParameters: withoutEmptyCapabilities(linuxParameters) } : {}),
  }
}

/** In mode bridge 0 means a port of the host's choice; in the others a container's port is the host's. */
const portWithDefaults = (mapping: PortMapping, networkMode: NetworkMode): PortMapping => {
  const protocol = mapping.protocol ?? 'tcp'
  // The host ports of a range are known when the task runs.
  if (mapping.containerPortRange !== undefined) {
    const { hostPort: _, ...rest } = mapping
    return { ...rest, protocol }
  }
  const hostPort = networkMode === 'bridge' ? (mapping.hostPort ?? 0) : mapping.hostPort || mapping.containerPort
  return { ...mapping, hostPort, protocol }
}

const healthCheckWithDefaults = (check: HealthCheck): HealthCheck => ({
  ...check,
  interval: check.interval ?? 30,
  timeout: check.timeout ?? 5,
  retries: check.retries ?? 3,
})

const withoutEmptyCapabilities = (
  linux: NonNullable<ContainerDefinition['linuxParameters']>,
): NonNullable<ContainerDefinition['linuxParameters']> => {
  const { capabilities, ...rest } = linux
  return capabilities?.add?.length || capabilities?.drop?.length ? { ...rest, capabilities } : rest
}

/** A volume without a source is the host's own to make: AWS answers it with an empty `host`. */
export const volumeWithDefaults = (volume: Volume): Volume => {
  const { dockerVolumeConfiguration: docker, host, ...rest } = volume
  if (docker === undefined) return { ...volume, host: host ?? {} }
  return { ...rest, dockerVolumeConfiguration: { ...docker, scope: docker.scope ?? 'task' } }
}
