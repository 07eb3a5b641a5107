// Refuses what a task definition asks for and Stowage does not do yet, by the table in fields.ts. A field that is set
// to its neutral value (false, empty, `{}`) asks for nothing and passes. RegisterTaskDefinition calls it after AWS's own
// validation, so that a mistake gets AWS's text first.
import type { ContainerDefinition, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { type FieldSupport, type StructureName, taskDefinitionFields } from './fields.ts'

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
  }
}

const whereContainer = (container: ContainerDefinition): string => ` (container '${container.name}')`
const whereVolume = (volume: Volume): string => ` (volume '${volume.name}')`

const check = (structure: StructureName, value: object | undefined, where: string, path = ''): void => {
  if (!value) return
  // In the table's order, not the input's, so that the same definition always gets the same text.
  const given = new Map<string, unknown>(Object.entries(value))
  for (const [member, field] of Object.entries<FieldSupport>(taskDefinitionFields[structure])) {
    const set = given.get(member)
    if (isNeutral(set)) continue
    if (field.support === 'refused')
      throw unsupported(`'${path}${member}' yet${where}${field.why ? `: ${field.why}` : ''}.`)
    if (field.support !== 'honoured' || !('only' in field)) continue
    const other = [set].flat().find(one => typeof one !== 'string' || !field.only.includes(one))
    if (other !== undefined)
      throw unsupported(`'${path}${member}' ${other} yet${where}, only ${field.only.join(', ')}.`)
  }
}

// They would be those of the network that the task's containers share, and so of all of them.
const checkShared = (container: ContainerDefinition, where: string): void => {
  for (const member of ['dnsServers', 'dnsSearchDomains'] as const)
    if (!isNeutral(container[member])) throw unsupported(`'${member}' yet${where} with network mode awsvpc.`)
}

const unsupported = (what: string): AwsError => new AwsError('ClientException', `Stowage does not support ${what}`)

/** Set, but to what it would be anyway. */
const isNeutral = (value: unknown): boolean => {
  if (value === undefined || value === null || value === false || value === '') return true
  if (typeof value !== 'object') return false
  return Object.values(value).every(isNeutral)
}
