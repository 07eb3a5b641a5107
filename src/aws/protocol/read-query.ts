// Reads the flattened form fields of the Query protocol (`Tags.member.1.Key=a`) into a structure of the model: the SDK has
// a writer for these only. Before: aws-query.ts. After: validate.ts.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import { AwsError } from '../error.ts'
import type { Member, Shape } from '../model/shape.ts'

/** A field's name split at its dots; a body of 1 MiB could hold half a million tiny fields. */
const MOST_FIELDS = 10_000
const DEEPEST_FIELD = 32

/** Fields by the first part of their names: a value, fields below, or both. */
type Node = { value?: string; readonly below: Map<string, Node> }

export const malformed = (message: string): AwsError => new AwsError('MalformedInput', message)

export const readQuery = (shape: Shape, fields: URLSearchParams): Record<string, unknown> => {
  if (shape.kind !== 'structure') return {}
  return structureOf(shape.members, treeOf(fields))
}

const treeOf = (fields: URLSearchParams): Node => {
  const root: Node = { below: new Map() }
  let count = 0
  for (const [name, value] of fields) {
    if (++count > MOST_FIELDS) throw malformed(`The request has more than ${MOST_FIELDS} parameters.`)
    const parts = name.split('.', DEEPEST_FIELD + 1)
    if (parts.length > DEEPEST_FIELD) throw malformed(`The parameter ${name.slice(0, 100)} is nested too deeply.`)
    let node = root
    for (const part of parts) {
      const next: Node = node.below.get(part) ?? { below: new Map() }
      node.below.set(part, next)
      node = next
    }
    node.value = value
  }
  return root
}

const structureOf = (members: readonly Member[], node: Node): Record<string, unknown> => {
  const structure: Record<string, unknown> = {}
  for (const member of members) {
    const found = node.below.get(member.wireName)
    const value = found && read(member.shape, found)
    if (value !== undefined) structure[member.name] = value
  }
  return structure
}

const read = (shape: Shape, node: Node): unknown => {
  switch (shape.kind) {
    case 'structure':
      return structureOf(shape.members, node)
    case 'list':
      return listOf(shape, node)
    case 'map':
      return mapOf(shape, node)
    default:
      return node.value === undefined ? undefined : scalarOf(shape, node.value)
  }
}

/** `Name.member.N`, or `Name.N` when flat; `Name=` alone is the empty list. Gaps in the numbers close. */
const listOf = (shape: Shape & { kind: 'list' }, node: Node): unknown => {
  const parent = shape.flat ? node : node.below.get(shape.element.wireName)
  if (!parent) return node.value === '' ? [] : undefined
  return numbered(parent)
    .map(item => read(shape.element.shape, item))
    .filter(item => item !== undefined)
}

const mapOf = (shape: Shape & { kind: 'map' }, node: Node): unknown => {
  const parent = shape.flat ? node : node.below.get('entry')
  if (!parent) return undefined
  const entries = numbered(parent).flatMap(entry => {
    const key = entry.below.get(shape.key.wireName)?.value
    const value = entry.below.get(shape.value.wireName)
    return key === undefined || value === undefined ? [] : [[key, read(shape.value.shape, value)] as const]
  })
  return Object.fromEntries(entries)
}

const numbered = (node: Node): Node[] =>
  [...node.below]
    .filter(([part]) => /^\d{1,9}$/.test(part))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, below]) => below)

const scalarOf = (shape: Shape, text: string): unknown => {
  switch (shape.kind) {
    case 'number': {
      const number = Number(text)
      const fits =
        text.trim() !== '' && Number.isFinite(number) && (shape.type === 'Double' || Number.isSafeInteger(number))
      if (!fits) throw malformed(`STRING_VALUE cannot be converted to ${shape.type}`)
      return number
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw malformed('STRING_VALUE cannot be converted to Boolean')
      return text === 'true'
    case 'timestamp': {
      const epoch = Date.parse(text)
      if (Number.isNaN(epoch)) throw malformed('STRING_VALUE cannot be converted to Date')
      return new Date(epoch)
    }
    case 'blob':
      return Uint8Array.from(Buffer.from(text, 'base64'))
    default:
      return text
  }
}
