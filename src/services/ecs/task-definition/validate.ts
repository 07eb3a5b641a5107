// AWS's validation of RegisterTaskDefinition: the checks on the definition as a whole. Those on one container are in
// validate-container.ts, those on the order between containers in validate-dependencies.ts. Texts are AWS's where they are
// known. After: refuse-unsupported.ts, fill-defaults.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
import type { ContainerDefinition, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs'
import { definitionConstraintProblem } from '../../../scheduler/supported.ts'
import { fargateProblem } from './fargate.ts'
import { refused } from './refused.ts'
import { sizeProblem } from './task-size.ts'
import { isName, MAX_NAME_LENGTH, validateContainer } from './validate-container.ts'
import { validateDependencies } from './validate-dependencies.ts'
import { validateSharedPorts } from './validate-ports.ts'

/** AWS's quotas: containers of one definition, and bytes of it as JSON. */
const MAX_CONTAINERS = 10
const MAX_BYTES = 65_536

/** ClientException for the first thing that AWS would refuse. */
export const validateTaskDefinition = (input: RegisterTaskDefinitionRequest): void => {
  validateFamily(input.family)
  const containers = input.containerDefinitions ?? []
  if (containers.length === 0) throw refused('Container list cannot be empty.')
  if (containers.length > MAX_CONTAINERS) throw refused(`Container list can have at most ${MAX_CONTAINERS} items.`)
  validateLaunchTypes(input)
  validateConstraints(input.placementConstraints)
  if (input.ephemeralStorage) {
    const problem = storageProblem(input.ephemeralStorage.sizeInGiB, fargateProblem(input) === undefined)
    if (problem !== undefined) throw refused(problem)
  }
  validateVolumes(input.volumes ?? [])
  const networkMode = input.networkMode ?? 'bridge'
  const volumes = new Set((input.volumes ?? []).map(volume => volume.name))
  const around = { networkMode, ipcMode: input.ipcMode, volumes, taskMemory: input.memory }
  for (const container of containers) validateContainer(container, around)
  validateNames(containers)
  validateSharedPorts(containers, networkMode)
  if (containers.every(container => container.essential === false))
    throw refused('At least one container must be essential.')
  validateDependencies(containers)
  const problem = sizeProblem(input)
  if (problem !== undefined) throw refused(problem)
  const bytes = Buffer.byteLength(JSON.stringify(input))
  if (bytes > MAX_BYTES) throw refused(`Actual length: '${bytes}'. Max allowed length is '${MAX_BYTES}' bytes.`)
}

const validateFamily = (family: string | undefined): void => {
  if (!family) throw refused('Family can not be blank.')
  if (family.length > MAX_NAME_LENGTH) throw refused(`Family longer than ${MAX_NAME_LENGTH}.`)
  if (!isName(family)) throw refused('Family contains invalid characters.')
}

/** What a launch type that the definition must be fit for demands. Without requiresCompatibilities nothing does. */
const validateLaunchTypes = (input: RegisterTaskDefinitionRequest): void => {
  const { requiresCompatibilities: required = [], networkMode } = input
  if (required.includes('EXTERNAL') && networkMode === 'awsvpc')
    throw refused('External compatible task definitions do not support network mode awsvpc.')
  const problem = required.includes('FARGATE') ? fargateProblem(input) : undefined
  if (problem !== undefined) throw refused(problem)
}

/** GiB: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html */
const STORAGE = { least: 21, most: 200 }
const ONLY_ON_FARGATE = 'Ephemeral storage is only supported for tasks on Fargate.'

/** Of a definition, or of a task that is run with another size. */
export const storageProblem = (size: number | undefined, fargate: boolean): string | undefined => {
  if (!fargate) return ONLY_ON_FARGATE
  const fits = size !== undefined && Number.isInteger(size) && size >= STORAGE.least && size <= STORAGE.most
  return fits ? undefined : `Invalid 'ephemeralStorage.sizeInGiB': it must be from ${STORAGE.least} to ${STORAGE.most}.`
}

const validateConstraints = (constraints: RegisterTaskDefinitionRequest['placementConstraints'] = []): void => {
  const problem = definitionConstraintProblem(constraints)
  if (problem !== undefined) throw refused(problem)
}

const validateVolumes = (volumes: readonly Volume[]): void => {
  const names = new Set<string>()
  for (const { name, host, dockerVolumeConfiguration: docker } of volumes) {
    if (!name) throw refused('Volume.name should not be null or empty.')
    if (!isName(name)) throw refused('Volume.name contains invalid characters.')
    if (names.has(name)) throw refused(`Volume.name '${name}' is used more than once.`)
    names.add(name)
    if (docker && host?.sourcePath)
      throw refused(`Volume '${name}' can have only one of 'host' and 'dockerVolumeConfiguration'.`)
    if (docker?.autoprovision && docker.scope !== 'shared')
      throw refused(
        `Invalid 'dockerVolumeConfiguration.autoprovision' setting for volume '${name}': its scope is not shared.`,
      )
    // A relative path would not be a place on the host: Docker takes it for a volume's name.
    if (host?.sourcePath && !host.sourcePath.startsWith('/'))
      throw refused(`Invalid 'host.sourcePath' setting for volume '${name}': it must be an absolute path.`)
  }
}

const validateNames = (containers: readonly ContainerDefinition[]): void => {
  const names = new Set<string | undefined>()
  for (const { name } of containers) {
    if (names.has(name)) throw refused(`Container.name '${name}' is used more than once.`)
    names.add(name)
  }
}
