// What becomes of a field that a request can carry, in one place a field: the tables beside each operation (`fields.ts`) are
// written with these words, `unsupportedField` refuses by them, and scripts/generate-coverage.ts prints them. The types make
// a field that AWS adds a compile error in its table. To build what was refused is to change its one word there.

type Plain = string | number | boolean

export type FieldSupport =
  | { readonly support: 'honoured' }
  /** Only these values are honoured; another one is refused. `why` is empty where the values say it all. */
  | { readonly support: 'honoured'; readonly only: readonly Plain[]; readonly why: string }
  /** A structure, or a list of them, whose members have each their own support. */
  | { readonly support: 'honoured'; readonly within: Fields }
  /** `why` says what is missing, for whoever asks; empty where the field's name says it all. */
  | { readonly support: 'refused'; readonly why: string }
  | { readonly support: 'accepted'; readonly why: string }

export type Fields = Readonly<Record<string, FieldSupport>>

/** Every member of the SDK's own type. */
export type FieldsOf<Structure> = { readonly [Member in keyof Required<Structure>]: FieldSupport }

export const honoured: FieldSupport = { support: 'honoured' }
export const only = (...values: readonly Plain[]): FieldSupport => onlyBecause('', ...values)
export const onlyBecause = (why: string, ...values: readonly Plain[]): FieldSupport => ({
  support: 'honoured',
  only: values,
  why,
})
export const within = (fields: Fields): FieldSupport => ({ support: 'honoured', within: fields })
export const refused = (why = ''): FieldSupport => ({ support: 'refused', why })
export const accepted = (why: string): FieldSupport => ({ support: 'accepted', why })

export type UnsupportedField = {
  /** `deploymentConfiguration.alarms.enable`. */
  readonly path: string
  readonly support: FieldSupport
  /** Where other values of the field are honoured. */
  readonly value?: Plain
}

/** The first field that asks for what is not built, in the table's order, so that the same request always gets the same text. */
export const unsupportedField = (
  fields: Fields,
  given: object | undefined,
  path = '',
): UnsupportedField | undefined => {
  if (!given) return undefined
  const members = new Map<string, unknown>(Object.entries(given))
  for (const [member, support] of Object.entries(fields)) {
    const found = unsupportedIn(support, members.get(member), `${path}${member}`)
    if (found) return found
  }
  return undefined
}

const unsupportedIn = (support: FieldSupport, set: unknown, path: string): UnsupportedField | undefined => {
  if (isNeutral(set)) return undefined
  if (support.support === 'refused') return { path, support }
  if (support.support === 'accepted') return undefined
  if ('only' in support) {
    const other = [set].flat().find(one => !support.only.some(value => value === one))
    return other === undefined ? undefined : { path, support, value: String(other) }
  }
  if (!('within' in support)) return undefined
  for (const one of Array.isArray(set) ? set : [set]) {
    const found = unsupportedField(support.within, one, `${path}.`)
    if (found) return found
  }
  return undefined
}

/** What its caller is told; `where` names the container or volume that it stands in. */
export const refusalText = ({ path, support, value }: UnsupportedField, where = ''): string => {
  const why = 'why' in support && support.why !== '' ? `: ${support.why}` : ''
  const others = 'only' in support ? `, only ${support.only.join(', ')}` : ''
  return `Stowage does not support '${path}'${value === undefined ? '' : ` ${value}`} yet${where}${others}${why}.`
}

/** Set, but to what it would be anyway: it asks for nothing. */
export const isNeutral = (value: unknown): boolean => {
  if (value === undefined || value === null || value === false || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object') return false
  return Object.values(value).every(isNeutral)
}
