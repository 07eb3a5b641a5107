// Reads a JSON body into the types of the model, or says what does not fit: SerializationException, in the texts that ECS's own
// front end uses. Members that the model does not have fall away, nulls leave lists, fractions of integers are cut off, as AWS
// does it. In one walk: the SDK's codec, which is lenient, would need one of its own after the check, and 5 µs more a request.
// Before: aws-json.ts. After: validate.ts.
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

/** `value`, as JSON.parse gave it, in the types of `shape`. */
export const readJson = (shape: Shape, value: unknown, depth = 0): unknown => {
  if (value === null || value === undefined) return value
  if (depth > DEEPEST) throw serializationError('The request body is nested too deeply.')
  switch (shape.kind) {
    case 'structure':
      return readStructure(shape, value, depth)
    case 'list':
      return readList(shape.element, value, depth)
    case 'map':
      return readMap(shape.value, value, depth)
    case 'string':
      return typeof value === 'string' ? value : wrongScalar(value, 'String')
    case 'number':
      return readNumber(shape.type, value)
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongScalar(value, 'Boolean')
    case 'timestamp':
      return readTimestamp(value)
    case 'blob':
      return typeof value === 'string'
        ? Uint8Array.from(Buffer.from(value, 'base64'))
        : wrongScalar(value, 'ByteBuffer')
    case 'document':
      return value
  }
}

const readStructure = (shape: Shape & { kind: 'structure' }, value: unknown, depth: number): JsonObject => {
  if (Array.isArray(value)) throw serializationError(`Unrecognized collection type class ${shape.id.replace('#', '.')}`)
  if (!isObject(value)) throw serializationError('Unexpected field type')
  const structure: JsonObject = {}
  for (const { name, shape: memberShape } of shape.members) {
    const member = value[name]
    if (member === undefined || member === null || !Object.hasOwn(value, name)) continue
    structure[name] = readJson(memberShape, member, depth + 1)
  }
  return structure
}

const readList = (element: Member, value: unknown, depth: number): unknown[] => {
  if (!Array.isArray(value)) {
    throw serializationError(
      isObject(value) ? 'Start of structure or map found where not expected' : 'Unexpected field type',
    )
  }
  const list: unknown[] = []
  for (const item of value) if (item !== null) list.push(readJson(element.shape, item, depth + 1))
  return list
}

// By fromEntries, for which `__proto__` is a key like any other.
const readMap = (element: Member, value: unknown, depth: number): JsonObject => {
  if (Array.isArray(value)) throw serializationError('Unrecognized collection type class java.util.Map')
  if (!isObject(value)) throw serializationError('Unexpected field type')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readJson(element.shape, item, depth + 1)]))
}

const readNumber = (type: NumberType, value: unknown): unknown => {
  if (typeof value !== 'number') return wrongScalar(value, type)
  if (type === 'Double') return value
  if (Math.abs(value) > INTEGER_RANGE[type]) throw serializationError(`NUMBER_VALUE cannot be converted to ${type}`)
  return Math.trunc(value)
}

/** 9999-12-31: a Date cannot hold much more, and nobody means it. */
const LATEST_EPOCH_SECONDS = 253_402_300_799

const readTimestamp = (value: unknown): unknown => {
  const inRange = typeof value === 'number' && Math.abs(value) <= LATEST_EPOCH_SECONDS
  return inRange ? new Date(Math.round(value * 1000)) : wrongScalar(value, 'Date')
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
