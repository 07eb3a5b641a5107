// What the driver is asked to create for a container of a payload: the payload's own members first, its `dockerConfig` laid
// over them, as the ECS agent does. Also says what makes a task impossible, before anything of it is made.
// Before: session.ts (payloads). After: perform.ts, which gives the spec to the driver.
import type { PayloadContainer, PayloadTask } from '../../agent-link/acs.ts'
import { readPortRange } from '../../domain/port-range.ts'
import { SANDBOX_NAME } from '../../domain/sandbox.ts'
import type { ContainerSpec } from '../../runtime/driver.ts'
import { containerLabels } from './labels.ts'
import { containerName } from './record.ts'
import { isSandbox, SANDBOX_MODE } from './sandbox.ts'
import { mountSource } from './volumes.ts'

const MIB = 1024 * 1024
/** Docker's bounds of a container's CPU weight; 0 means the least. */
const CPU_SHARES = { least: 2, most: 262_144 }
/** The least memory that the ECS agent asks for. */
const LEAST_MEMORY_MIB = 4
const NETWORK_MODES = ['bridge', 'host', 'none', SANDBOX_MODE]

type Json = Readonly<Record<string, unknown>>

/** Why this task cannot be run here at all, in the ECS agent's words; undefined when it can. */
export const whyInvalid = (task: PayloadTask): string | undefined => {
  try {
    if (!/^arn:[^/]+\/.+/.test(task.arn)) throw new Error(`invalid task ARN ${task.arn}`)
    const names = new Set(task.containers.map(container => container.name))
    if (names.size === 0) throw new Error('a task has at least one container')
    if (names.size < task.containers.length) throw new Error('two containers of one name')
    for (const container of task.containers) checkContainer(task, container, names)
    return undefined
  } catch (error) {
    return `UnrecogniedTaskError: Error loading task - ${error instanceof Error ? error.message : String(error)}`
  }
}

const checkContainer = (task: PayloadTask, container: PayloadContainer, names: ReadonlySet<string>): void => {
  commandOf(container)
  const config = objectIn(container.dockerConfig.config)
  const mode = networkModeOf(task, objectIn(container.dockerConfig.hostConfig))
  if ((mode === SANDBOX_MODE) !== (task.networkMode === SANDBOX_MODE)) {
    throw new Error(`container ${container.name} has network mode ${mode} in a task of ${task.networkMode}`)
  }
  if (!NETWORK_MODES.includes(mode)) throw new Error(`network mode ${mode} is not supported by this agent`)
  if (container.healthCheckType === 'docker' && !healthCheckIn(config)) {
    throw new Error(`container ${container.name} has a health check type and no health check`)
  }
  for (const { containerPortRange } of container.portMappings) {
    if (containerPortRange === undefined || readPortRange(containerPortRange)) continue
    throw new Error(`container ${container.name} has the invalid port range ${containerPortRange}`)
  }
  for (const mount of container.mountPoints) {
    if (!task.volumes.some(volume => volume.name === mount.sourceVolume)) {
      throw new Error(`container ${container.name} mounts the unknown volume ${mount.sourceVolume}`)
    }
  }
  for (const other of needs(container)) {
    if (!names.has(other.name)) throw new Error(`container ${container.name} needs the unknown container ${other.name}`)
  }
  if (leadsBack(task, container.name)) throw new Error(`container ${container.name} depends on itself`)
}

export type Need = {
  readonly name: string
  readonly condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY' | 'CREATE'
}

/** What a container waits for: dependsOn, a link's target running, a volumesFrom's source created. */
export const needs = (container: PayloadContainer): readonly Need[] => [
  ...(container.dependsOn ?? []).map(({ containerName: name, condition }) => ({ name, condition })),
  ...(container.links ?? []).map(link => ({ name: link.split(':')[0] ?? '', condition: 'START' as const })),
  ...container.volumesFrom.map(from => ({ name: from.sourceContainer, condition: 'CREATE' as const })),
]

const leadsBack = (task: PayloadTask, start: string): boolean => {
  const seen = new Set<string>()
  const queue = [start]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const container = task.containers.find(candidate => candidate.name === name)
    for (const need of container ? needs(container) : []) {
      if (need.name === start) return true
      if (!seen.has(need.name)) queue.push(need.name)
      seen.add(need.name)
    }
  }
  return false
}

const objectIn = (text: string): Json => {
  const value: unknown = JSON.parse(text || '{}')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${text} is not an object`)
  return value as Json
}

const networkModeOf = (task: PayloadTask, hostConfig: Json): string =>
  String(hostConfig['NetworkMode'] ?? '') || task.networkMode || 'bridge'

// Amazon writes HealthCheck, Docker's own documentation Healthcheck; the engine reads either.
const healthCheckIn = (config: Json): unknown => config['HealthCheck'] ?? config['Healthcheck']

/** Only `command` may be overridden here: the server has merged the rest. */
const commandOf = (container: PayloadContainer): readonly string[] | undefined => {
  const overrides = objectIn(container.overrides)
  const other = Object.keys(overrides).find(key => key !== 'command')
  if (other !== undefined) throw new Error(`unknown override ${other}`)
  const command = overrides['command']
  if (command === undefined || command === null) return container.command
  if (!Array.isArray(command)) throw new Error('the override command is not a list')
  return command.map(String)
}

/** `cgroupParent`: what bounds the task's containers together, where there is such a thing. */
export const containerSpec = (
  agentId: string,
  task: PayloadTask,
  container: PayloadContainer,
  cgroupParent?: string,
): ContainerSpec => {
  const { Labels: labels, ...config } = objectIn(container.dockerConfig.config)
  const { NetworkMode: _, ...hostConfig } = objectIn(container.dockerConfig.hostConfig)
  const command = commandOf(container)
  const memory = memoryOf(task, container)
  return {
    name: containerName(task, container.name),
    image: container.image,
    ...(command ? { command } : {}),
    ...(container.entryPoint ? { entryPoint: container.entryPoint } : {}),
    environment: container.environment,
    labels: {
      ...(typeof labels === 'object' ? (labels as Record<string, string>) : {}),
      ...containerLabels(agentId, task, container.name),
    },
    cpuShares: Math.min(CPU_SHARES.most, Math.max(CPU_SHARES.least, container.cpu)),
    ...(memory === undefined ? {} : { memoryBytes: memory * MIB }),
    ...networkOf(task, container),
    ...gpusOf(task, container),
    mounts: container.mountPoints.map(mount => ({
      source: mountSource(task, mount.sourceVolume),
      containerPath: mount.containerPath,
      readOnly: mount.readOnly,
    })),
    engineConfig: config,
    engineHostConfig: {
      ...cpuLimit(task, hostConfig),
      ...(cgroupParent === undefined ? {} : { CgroupParent: cgroupParent }),
      ...namespacesOf(task, container),
      ...linked(task, container),
      ...hostConfig,
    },
  }
}

// The sandbox is joined by its name, which is known before it has an id; its ports are the task's own, not the host's.
const networkOf = (
  task: PayloadTask,
  container: PayloadContainer,
): Pick<ContainerSpec, 'networkMode' | 'portMappings' | 'portRanges'> => {
  const networkMode = networkModeOf(task, objectIn(container.dockerConfig.hostConfig))
  if (networkMode !== SANDBOX_MODE || isSandbox(container)) return { networkMode, ...portsOf(container) }
  return { networkMode: `container:${containerName(task, SANDBOX_NAME)}`, portMappings: [] }
}

const portsOf = ({ portMappings }: PayloadContainer): Pick<ContainerSpec, 'portMappings' | 'portRanges'> => {
  const portRanges = portMappings.flatMap(({ containerPortRange, protocol }) => {
    const range = containerPortRange === undefined ? undefined : readPortRange(containerPortRange)
    return range ? [{ ...range, protocol }] : []
  })
  const single = portMappings.flatMap(({ containerPort, hostPort, protocol }) =>
    containerPort === undefined ? [] : [{ containerPort, hostPort, protocol }],
  )
  return { portMappings: single, ...(portRanges.length > 0 ? { portRanges } : {}) }
}

const gpusOf = ({ associations = [] }: PayloadTask, { name }: PayloadContainer): Pick<ContainerSpec, 'gpuIds'> => {
  const gpuIds = associations.flatMap(({ type, name: id, containers }) =>
    type === 'gpu' && containers.includes(name) ? [id] : [],
  )
  return gpuIds.length === 0 ? {} : { gpuIds }
}

// The size of a task bounds each of its containers: exact for a task of one container. That several together use no more
// is what the task's own cgroup is for (task-group.ts), where the host has one.
const memoryOf = (task: PayloadTask, container: PayloadContainer): number | undefined => {
  const limit = container.memory || task.memory
  return limit ? Math.max(LEAST_MEMORY_MIB, limit) : undefined
}

const cpuLimit = (task: PayloadTask, hostConfig: Json): Json =>
  task.cpu && !('CpuQuota' in hostConfig || 'CpuPeriod' in hostConfig) ? { NanoCpus: Math.round(task.cpu * 1e9) } : {}

// With `task` they are the sandbox's, joined by its name.
const namespacesOf = (task: PayloadTask, container: PayloadContainer): Json => {
  if (isSandbox(container)) return {}
  const { pidMode, ipcMode } = task
  const shared = `container:${containerName(task, SANDBOX_NAME)}`
  return {
    ...(pidMode ? { PidMode: pidMode === 'task' ? shared : pidMode } : {}),
    ...(ipcMode ? { IpcMode: ipcMode === 'task' ? shared : ipcMode } : {}),
  }
}

const linked = (task: PayloadTask, container: PayloadContainer): Json => ({
  ...(container.links?.length ? { Links: container.links.map(link => dockerLink(task, link)) } : {}),
  ...(container.volumesFrom.length
    ? {
        VolumesFrom: container.volumesFrom.map(
          from => `${containerName(task, from.sourceContainer)}:${from.readOnly ? 'ro' : 'rw'}`,
        ),
      }
    : {}),
})

const dockerLink = (task: PayloadTask, link: string): string => {
  const [name = '', alias = name] = link.split(':')
  return `${containerName(task, name)}:${alias}`
}
