// Reading JSON that nobody vouches for: each function gives the value in the type it asks for, or undefined.
// Before: acs-frame.ts, tcs-frame.ts.

export type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOf = (value: unknown): JsonObject | undefined => (isObject(value) ? value : undefined)

export const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** The objects of a list; anything else in it is left out, and what is no list is empty. */
export const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

export const parsedObject = (text: string): JsonObject | undefined => {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A frame's type and message: `{"type": ..., "message": {...}}`. */
export const envelopeOf = (text: string): { readonly type: string; readonly message: JsonObject } | undefined => {
  const frame = parsedObject(text)
  const type = stringOf(frame?.['type'])
  const message = objectOf(frame?.['message'])
  return type !== undefined && message ? { type, message } : undefined
}
