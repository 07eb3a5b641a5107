// How a task definition is refused: ClientException, in AWS's words for a container's setting where it has no others. Used by all
// that validates one (validate.ts and what it calls).
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'

export const refused = (message: string): AwsError => new AwsError('ClientException', message)

export const invalidSetting = ({ name }: ContainerDefinition, field: string): AwsError =>
  refused(`Invalid '${field}' setting for container '${name}'.`)

export const isWhole = (value: number, lowest: number, highest = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isInteger(value) && value >= lowest && value <= highest
