// Decides whether a decoded input has the members that the model requires and enum values that it knows.
// Before: decoding. After: authorise.ts. What an operation answers in its own words (a task definition without a family)
// is not required here: scripts/generate-constraints.ts leaves it out.
import { AwsError } from './error.ts'
import type { Shape } from './model/shape.ts'
import type { AwsService } from './operation.ts'

/** Enough to mend a request; a list of ten thousand wrong elements must not become an answer of megabytes. */
const MOST_TOLD = 10

/** Throws AwsError, in the words of AWS's validation, when something is missing or not of its enum. */
export const validate = (service: AwsService, operation: string, shape: Shape, input: unknown): void => {
  const wrongs: string[] = []
  collect(shape, input, '', wrongs)
  if (wrongs.length === 0) return
  const found = wrongs.length === 1 ? '1 validation error detected' : `${wrongs.length} validation errors detected`
  throw new AwsError(validationCode(service, operation), `${found}: ${wrongs.join('; ')}`)
}

const validationCode = (service: AwsService, operation: string): string => {
  if (service.protocol === 'awsQuery') return 'ValidationError'
  if (service.protocol === 'ec2Query') return 'InvalidParameterValue'
  const modelled = service.constraints.operations[operation]?.errors.includes('InvalidParameterException')
  return modelled ? 'InvalidParameterException' : 'ValidationException'
}

const collect = (shape: Shape, value: unknown, path: string, wrongs: string[]): void => {
  if (value === null || value === undefined || wrongs.length >= MOST_TOLD) return
  switch (shape.kind) {
    case 'structure': {
      const members = value as Readonly<Record<string, unknown>>
      for (const name of shape.required) {
        if (members[name] === null || members[name] === undefined) wrongs.push(missing(join(path, name)))
      }
      for (const member of shape.members) {
        const value = members[member.name]
        if (value !== undefined && value !== null) collect(member.shape, value, join(path, member.name), wrongs)
      }
      return
    }
    case 'list':
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        collect(shape.element.shape, item, join(path, `${index + 1}.member`), wrongs)
      }
      return
    case 'map':
      for (const [key, item] of Object.entries(value))
        collect(shape.value.shape, item, join(path, `${key}.value`), wrongs)
      return
    case 'string':
      if (shape.values && !shape.values.includes(value as string)) wrongs.push(notOfEnum(value, path, shape.values))
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

const missing = (path: string): string =>
  `Value null at '${path}' failed to satisfy constraint: Member must not be null`

const notOfEnum = (value: unknown, path: string, values: readonly string[]): string =>
  `Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`
