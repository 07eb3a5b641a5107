// A structure of the model as decoding and validation walk it: the SDK schema's members with their types, joined with what
// only the derived constraints know. Made once a structure, when it is first met.
// Before: service-model.ts. After: protocol/read-json.ts, protocol/read-query.ts, validate.ts.
import type { NormalizedSchema } from '@smithy/core/schema'
import type { AwsService, ModelConstraints } from '../operation.ts'

export type NumberType = 'Integer' | 'Long' | 'Double'

export type Shape =
  | {
      readonly kind: 'structure'
      readonly id: string
      readonly members: readonly Member[]
      readonly required: readonly string[]
    }
  | { readonly kind: 'list'; readonly element: Member; readonly flat: boolean }
  | { readonly kind: 'map'; readonly key: Member; readonly value: Member; readonly flat: boolean }
  | { readonly kind: 'string'; readonly values: readonly string[] | undefined }
  | { readonly kind: 'number'; readonly type: NumberType }
  | { readonly kind: 'boolean' | 'timestamp' | 'blob' | 'document' }

export type Member = {
  readonly name: string
  /** In Query and XML; the same as `name` but where the model says otherwise. */
  readonly wireName: string
  /** Structures may hold themselves, so a member's shape is made when it is first looked at. */
  readonly shape: Shape
}

export type Shapes = { readonly of: (schema: NormalizedSchema) => Shape }

type Place = { readonly structure: string; readonly member: string }

const NOWHERE: Place = { structure: '', member: '' }

export const shapesOf = (constraints: ModelConstraints, protocol: AwsService['protocol']): Shapes => {
  const ec2 = protocol === 'ec2Query'
  const structures = new Map<string, Shape>()

  const structureOf = (schema: NormalizedSchema): Shape => {
    const id = schema.getName(true) ?? ''
    const known = structures.get(id)
    if (known) return known
    const name = schema.getName() ?? ''
    const members = [...schema.structIterator()].map(([member, memberSchema]) =>
      memberOf(member, memberSchema, { structure: name, member }),
    )
    const shape: Shape = { kind: 'structure', id, members, required: constraints.structures[name]?.required ?? [] }
    structures.set(id, shape)
    return shape
  }

  const memberOf = (name: string, schema: NormalizedSchema, place: Place): Member => {
    let shape: Shape | undefined
    return {
      name,
      wireName: ec2 ? ec2Name(name, schema) : (schema.getMergedTraits().xmlName ?? name),
      get shape() {
        shape ??= shapeOf(schema, place)
        return shape
      },
    }
  }

  const shapeOf = (schema: NormalizedSchema, place: Place): Shape => {
    const flat = ec2 || Boolean(schema.getMergedTraits().xmlFlattened)
    if (schema.isStructSchema()) return structureOf(schema)
    if (schema.isListSchema())
      return { kind: 'list', element: memberOf('member', schema.getValueSchema(), place), flat }
    if (schema.isMapSchema()) {
      const key = memberOf('key', schema.getKeySchema(), NOWHERE)
      return { kind: 'map', key, value: memberOf('value', schema.getValueSchema(), place), flat }
    }
    const { enums, numbers } = constraints.structures[place.structure] ?? {}
    if (schema.isStringSchema()) {
      const enumName = enums?.[place.member]
      return { kind: 'string', values: enumName === undefined ? undefined : constraints.enums[enumName] }
    }
    if (schema.isNumericSchema()) return { kind: 'number', type: numberType(numbers?.[place.member]) }
    if (schema.isBooleanSchema()) return { kind: 'boolean' }
    if (schema.isTimestampSchema()) return { kind: 'timestamp' }
    if (schema.isBlobSchema()) return { kind: 'blob' }
    return { kind: 'document' }
  }

  return { of: schema => (schema.isStructSchema() ? structureOf(schema) : shapeOf(schema, NOWHERE)) }
}

/** A request's member is named apart from the answer's: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution */
const ec2Name = (name: string, schema: NormalizedSchema): string => {
  const { ec2QueryName, xmlName = name } = schema.getMergedTraits()
  return String(ec2QueryName ?? `${xmlName.charAt(0).toUpperCase()}${xmlName.slice(1)}`)
}

const numberType = (text: string | undefined): NumberType => (text === 'Long' || text === 'Double' ? text : 'Integer')
