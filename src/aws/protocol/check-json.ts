// Decides whether a JSON body has the types that the model says, before the SDK's codec, which is lenient, reads it.
// What does not fit is answered SerializationException, in the texts that ECS's own front end uses. On the way, in place:
// nulls leave lists, fractions of integers are cut off, `__type` goes - as AWS does, and as the codec would not.
// Before: aws-json.ts. After: the codec.
import { AwsError } from '../error.ts'
import type { Member, NumberType, Shape } from '../model/shape.ts'

type JsonObject = Record<string, unknown>

/** No request of AWS nests half as deep; a schema that holds itself must not carry a body down the whole stack. */
const DEEPEST = 64

const INTEGER_RANGE: Readonly<Record<NumberType, number>> = {
  Integer: 2 ** 31,
  Long: Number.MAX_SAFE_INTEGER,
  Double: Number.POSITIVE_INFINITY,
}

export const serializationError = (message: string): AwsError => new AwsError('SerializationException', message)

/** The checked value: `value` itself, changed in place, but for numbers. */
export const checkJson = (shape: Shape, value: unknown, depth = 0): unknown => {
  if (value === null || value === undefined) return value
  if (depth > DEEPEST) throw serializationError('The request body is nested too deeply.')
  switch (shape.kind) {
    case 'structure':
      return checkStructure(shape, value, depth)
    case 'list':
      return checkList(shape.element, value, depth)
    case 'map':
      return checkMap(shape.value, value, depth)
    case 'string':
      return typeof value === 'string' ? value : wrongScalar(value, 'String')
    case 'number':
      return checkNumber(shape.type, value)
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongScalar(value, 'Boolean')
    case 'timestamp':
      return checkTimestamp(value)
    case 'blob':
      return typeof value === 'string' ? value : wrongScalar(value, 'ByteBuffer')
    case 'document':
      return value
  }
}

const checkStructure = (shape: Shape & { kind: 'structure' }, value: unknown, depth: number): unknown => {
  if (Array.isArray(value)) throw serializationError(`Unrecognized collection type class ${shape.id.replace('#', '.')}`)
  if (!isObject(value)) throw serializationError('Unexpected field type')
  if ('__type' in value) delete value['__type']
  for (const { name, shape: memberShape } of shape.members) {
    const member = value[name]
    if (member !== undefined && Object.hasOwn(value, name)) value[name] = checkJson(memberShape, member, depth + 1)
  }
  return value
}

const checkList = (element: Member, value: unknown, depth: number): unknown => {
  if (!Array.isArray(value)) {
    throw serializationError(
      isObject(value) ? 'Start of structure or map found where not expected' : 'Unexpected field type',
    )
  }
  let length = 0
  for (const item of value) if (item !== null) value[length++] = checkJson(element.shape, item, depth + 1)
  value.length = length
  return value
}

const checkMap = (element: Member, value: unknown, depth: number): unknown => {
  if (Array.isArray(value)) throw serializationError('Unrecognized collection type class java.util.Map')
  if (!isObject(value)) throw serializationError('Unexpected field type')
  for (const [key, item] of Object.entries(value)) {
    const checked = checkJson(element.shape, item, depth + 1)
    if (checked !== item) value[key] = checked
  }
  return value
}

const checkNumber = (type: NumberType, value: unknown): unknown => {
  if (typeof value !== 'number') return wrongScalar(value, type)
  if (type === 'Double') return value
  if (Math.abs(value) > INTEGER_RANGE[type]) throw serializationError(`NUMBER_VALUE cannot be converted to ${type}`)
  return Math.trunc(value)
}

/** 9999-12-31: a Date cannot hold much more, and nobody means it. */
const LATEST_EPOCH_SECONDS = 253_402_300_799

const checkTimestamp = (value: unknown): unknown => {
  const inRange = typeof value === 'number' && Math.abs(value) <= LATEST_EPOCH_SECONDS
  return inRange ? value : wrongScalar(value, 'Date')
}

const wrongScalar = (value: unknown, type: string): never => {
  if (Array.isArray(value)) throw serializationError(`Unrecognized collection type class java.lang.${type}`)
  if (isObject(value)) throw serializationError('Start of structure or map found where not expected')
  throw serializationError(`${token(value)} cannot be converted to ${type}`)
}

const token = (value: unknown): string => {
  if (typeof value === 'string') return 'STRING_VALUE'
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
  return value === true ? 'TRUE_VALUE' : 'FALSE_VALUE'
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
