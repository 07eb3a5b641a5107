// Refuses what a task definition asks for and Stowage does not do yet, by the table in fields.ts. A field that is set
// to its neutral value (false, empty, `{}`) asks for nothing and passes. RegisterTaskDefinition calls it after AWS's own
// validation, so that a mistake gets AWS's text first.
import type { ContainerDefinition, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { isNeutral, refusalText, unsupportedField } from '../field-support.ts'
import { type StructureName, taskDefinitionFields } from './fields.ts'

/** ClientException that names the field, its value where values differ, and the container or volume it stands in. */
export const refuseUnsupported = (input: RegisterTaskDefinitionRequest): void => {
  check('RegisterTaskDefinitionRequest', input, '')
  check('RuntimePlatform', input.runtimePlatform, '', 'runtimePlatform.')
  for (const volume of input.volumes ?? []) check('Volume', volume, whereVolume(volume))
  for (const container of input.containerDefinitions ?? []) {
    const where = whereContainer(container)
    check('ContainerDefinition', container, where)
    if (input.networkMode === 'awsvpc') checkShared(container, where)
    check('LinuxParameters', container.linuxParameters, where, 'linuxParameters.')
    check('LogConfiguration', container.logConfiguration, where, 'logConfiguration.')
    for (const mapping of container.portMappings ?? []) check('PortMapping', mapping, where, 'portMappings.')
    for (const requirement of container.resourceRequirements ?? [])
      check('ResourceRequirement', requirement, where, 'resourceRequirements.')
  }
}

const whereContainer = (container: ContainerDefinition): string => ` (container '${container.name}')`
const whereVolume = (volume: Volume): string => ` (volume '${volume.name}')`

const check = (structure: StructureName, value: object | undefined, where: string, path = ''): void => {
  const found = unsupportedField(taskDefinitionFields[structure], value, path)
  if (found) throw unsupported(refusalText(found, where))
}

// They would be those of the network that the task's containers share, and so of all of them.
const checkShared = (container: ContainerDefinition, where: string): void => {
  for (const member of ['dnsServers', 'dnsSearchDomains'] as const)
    if (!isNeutral(container[member]))
      throw unsupported(`Stowage does not support '${member}' yet${where} with network mode awsvpc.`)
}

const unsupported = (text: string): AwsError => new AwsError('ClientException', text)
