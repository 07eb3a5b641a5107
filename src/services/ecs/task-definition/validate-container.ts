// AWS's validation of one container definition. validate.ts calls it for each, knowing the task around it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
import type {
  ContainerDefinition,
  ContainerRestartPolicy,
  HealthCheck,
  IpcMode,
  MountPoint,
  NetworkMode,
  ResourceRequirement,
} from '@aws-sdk/client-ecs'
import { invalidSetting, isWhole, refused } from './refused.ts'
import { validateKernelSettings } from './validate-kernel-settings.ts'
import { validatePorts } from './validate-ports.ts'

/** Of families, containers, volumes and images. */
export const MAX_NAME_LENGTH = 255

export const isName = (text: string): boolean => text.length <= MAX_NAME_LENGTH && /^[A-Za-z0-9_-]+$/.test(text)

/** A digest does not count towards the length, and is one of SHA-256. */
const isImage = (image: string): boolean => {
  const [, name = '', digest] = /^([^@]*)(@.*)?$/.exec(image) ?? []
  if (name.length > MAX_NAME_LENGTH || !/^[A-Za-z0-9_\-:./#]+$/.test(name)) return false
  return digest === undefined || /^@sha256:[A-Fa-f0-9]{64}$/.test(digest)
}

/** The Docker Engine refuses less. */
const MIN_MEMORY_MIB = 6

type Around = {
  readonly networkMode: NetworkMode
  readonly ipcMode: IpcMode | undefined
  readonly volumes: ReadonlySet<string | undefined>
  readonly taskMemory: string | undefined
}

export const validateContainer = (container: ContainerDefinition, around: Around): void => {
  if (!container.name) throw refused('Container.name should not be null or empty.')
  if (!isName(container.name)) throw refused('Container.name contains invalid characters.')
  if (!container.image) throw refused('Container.image should not be null or empty.')
  if (!isImage(container.image)) throw refused('Container.image contains invalid characters.')
  validateSizes(container, around.taskMemory)
  validatePorts(container, around.networkMode)
  if (around.networkMode === 'awsvpc' && container.disableNetworking)
    throw refused('Disable networking is not supported when networkMode=awsvpc.')
  if (around.networkMode !== 'bridge' && container.links?.length)
    throw refused(`Links are not supported when networkMode=${around.networkMode}.`)
  if (around.networkMode === 'awsvpc' && container.extraHosts?.length)
    throw refused('Extra hosts are not supported when networkMode=awsvpc.')
  if (around.networkMode === 'awsvpc' && container.hostname)
    throw refused('Hostname is not supported when networkMode=awsvpc.')
  for (const point of container.mountPoints ?? []) validateMountPoint(container, point, around.volumes)
  if (container.healthCheck) validateHealthCheck(container, container.healthCheck)
  if (container.restartPolicy) validateRestartPolicy(container, container.restartPolicy)
  if (!areRequirements(container.resourceRequirements)) throw invalidSetting(container, 'resourceRequirements')
  validateTimeout(container, 'startTimeout')
  validateTimeout(container, 'stopTimeout')
  if (container.environment?.some(variable => !variable.name)) throw invalidSetting(container, 'environment')
  if (container.ulimits?.some(({ softLimit, hardLimit }) => limited(softLimit) > limited(hardLimit)))
    throw invalidSetting(container, 'ulimits')
  validateKernelSettings(container, around)
}

/** -1 stands for no limit. */
const limited = (limit = 0): number => (limit === -1 ? Number.POSITIVE_INFINITY : limit)

const validateSizes = (container: ContainerDefinition, taskMemory: string | undefined): void => {
  const { cpu, memory, memoryReservation } = container
  if (cpu !== undefined && !isWhole(cpu, 0)) throw invalidSetting(container, 'cpu')
  if (memory === undefined && memoryReservation === undefined && !taskMemory)
    throw refused(
      `Invalid setting for container '${container.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    )
  if (memory !== undefined && !isWhole(memory, MIN_MEMORY_MIB)) throw invalidSetting(container, 'memory')
  if (memoryReservation !== undefined && !isWhole(memoryReservation, MIN_MEMORY_MIB, memory))
    throw invalidSetting(container, 'memoryReservation')
}

const validateMountPoint = (
  container: ContainerDefinition,
  point: MountPoint,
  volumes: ReadonlySet<string | undefined>,
): void => {
  if (!point.sourceVolume || !volumes.has(point.sourceVolume))
    throw refused(`Unknown volume '${point.sourceVolume ?? ''}'.`)
  if (!point.containerPath?.startsWith('/')) throw invalidSetting(container, 'containerPath')
}

const validateHealthCheck = (container: ContainerDefinition, check: HealthCheck): void => {
  const [kind, ...rest] = check.command ?? []
  // Docker would run no check at all for another first word.
  if ((kind !== 'CMD' && kind !== 'CMD-SHELL') || rest.length === 0)
    throw invalidSetting(container, 'healthCheck.command')
  const bounds = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const
  for (const field of ['interval', 'timeout', 'retries', 'startPeriod'] as const) {
    const value = check[field]
    if (value !== undefined && !isWhole(value, bounds[field][0], bounds[field][1]))
      throw invalidSetting(container, `healthCheck.${field}`)
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html */
const validateRestartPolicy = (container: ContainerDefinition, policy: ContainerRestartPolicy): void => {
  const { restartAttemptPeriod, ignoredExitCodes = [] } = policy
  if (restartAttemptPeriod !== undefined && !isWhole(restartAttemptPeriod, 60, 1800))
    throw invalidSetting(container, 'restartPolicy.restartAttemptPeriod')
  if (ignoredExitCodes.length > 50) throw invalidSetting(container, 'restartPolicy.ignoredExitCodes')
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ResourceRequirement.html */
export const areRequirements = (requirements: readonly ResourceRequirement[] = []): boolean => {
  const gpus = requirements.filter(({ type }) => type === 'GPU')
  // Shared ones are refused by name afterwards (fields.ts).
  const wrong = gpus.some(({ value = '', sharingStrategy }) => (sharingStrategy ? value !== '' : !isGpuCount(value)))
  return !wrong && gpus.length <= 1
}

/** `ALL` would be whatever the instance has; nobody reserves that yet. */
const isGpuCount = (value: string): boolean => /^[1-9][0-9]{0,3}$/.test(value)

const validateTimeout = (container: ContainerDefinition, field: 'startTimeout' | 'stopTimeout'): void => {
  const value = container[field]
  if (value !== undefined && !isWhole(value, 0)) throw invalidSetting(container, field)
}
