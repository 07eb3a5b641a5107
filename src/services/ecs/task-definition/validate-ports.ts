// AWS's validation of port mappings: single ports, and ranges of them, of one container (validate-container.ts), and what the
// containers of a task must share out among them (validate.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
import type { ContainerDefinition, NetworkMode, PortMapping } from '@aws-sdk/client-ecs'
import { type PortRange, rangesOverlap, readPortRange } from '../../../domain/port-range.ts'
import { invalidSetting, refused } from './refused.ts'

const MAX_PORT = 65_535
const MAX_RANGES = 100
/** No hyphen in front. */
const PORT_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/

export const validatePorts = (container: ContainerDefinition, networkMode: NetworkMode): void => {
  const mappings = container.portMappings ?? []
  if (networkMode === 'none' && mappings.length > 0)
    throw refused('Port mappings are not supported when networkMode=none.')
  for (const mapping of mappings) {
    if (mapping.name && !PORT_NAME.test(mapping.name)) throw invalidSetting(container, 'name')
    if (mapping.containerPortRange === undefined) validatePort(container, mapping, networkMode)
    else validateRange(container, mapping, mapping.containerPortRange, networkMode)
  }
  const ranges = mappings.filter(({ containerPortRange }) => containerPortRange !== undefined)
  if (ranges.length > MAX_RANGES) throw invalidSetting(container, 'containerPortRange')
  // Single ports may stand there once for each protocol; a port of a range may not stand anywhere else.
  for (const range of ranges)
    for (const other of mappings)
      if (other !== range && rangesOverlap(portsOf(range), portsOf(other)))
        throw invalidSetting(container, 'containerPortRange')
}

/** A host's port, or the task's own with network mode awsvpc, goes to one container; so does a name, by which services find a port. */
export const validateSharedPorts = (containers: readonly ContainerDefinition[], networkMode: NetworkMode): void => {
  const taken = new Set<string>()
  const names = new Set<string>()
  for (const { portMappings = [] } of containers)
    for (const { protocol = 'tcp', hostPort, containerPort, name } of portMappings) {
      const port = networkMode === 'bridge' ? hostPort : containerPort
      if (port && taken.has(`${protocol} ${port}`))
        throw refused(`${protocol.toUpperCase()} host port '${port}' is mapped multiple times in task.`)
      taken.add(`${protocol} ${port}`)
      if (name && names.has(name)) throw refused(`PortMapping.name '${name}' is used more than once.`)
      names.add(name ?? '')
    }
}

const isPort = (value: number, lowest: number): boolean =>
  Number.isInteger(value) && value >= lowest && value <= MAX_PORT

const validatePort = (container: ContainerDefinition, mapping: PortMapping, networkMode: NetworkMode): void => {
  const { containerPort, hostPort } = mapping
  if (containerPort === undefined || !isPort(containerPort, 1)) throw invalidSetting(container, 'containerPort')
  if (hostPort === undefined) return
  if (!isPort(hostPort, 0)) throw invalidSetting(container, 'hostPort')
  // 0 asks for any port in mode bridge; elsewhere it stands for the container's own, as if it were not given.
  if ((networkMode === 'awsvpc' || networkMode === 'host') && hostPort !== 0 && hostPort !== containerPort)
    throw refused(`When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`)
}

const validateRange = (
  container: ContainerDefinition,
  { containerPort, hostPort }: PortMapping,
  range: string,
  networkMode: NetworkMode,
): void => {
  if (readPortRange(range) === undefined) throw invalidSetting(container, 'containerPortRange')
  if (networkMode === 'host') throw refused('Container port ranges are not supported when networkMode=host.')
  if (containerPort !== undefined) throw invalidSetting(container, 'containerPort')
  if (hostPort) throw invalidSetting(container, 'hostPort')
}

/** Of a mapping that is valid by itself. */
const portsOf = ({ containerPort = 0, containerPortRange }: PortMapping): PortRange =>
  (containerPortRange !== undefined && readPortRange(containerPortRange)) || {
    first: containerPort,
    last: containerPort,
  }
