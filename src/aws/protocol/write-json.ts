// Writes an answer as JSON: the members that the model has, times as seconds since the epoch, bytes in base64. In half of the
// time of the SDK's own codec, which asks its schemas anew for each value; its test holds it to that codec's text.
// Before: the operation. After: the caller.
import type { Shape } from '../model/shape.ts'

export const writeJson = (shape: Shape, value: object): string =>
  // An operation without output has the unit schema.
  shape.kind === 'structure' ? JSON.stringify(plain(shape, value)) : '{}'

// Values are the SDK's own types: the compiler has seen to it that each is what its shape says.
const plain = (shape: Shape, value: unknown): unknown => {
  switch (shape.kind) {
    case 'structure': {
      const members = value as Readonly<Record<string, unknown>>
      const written: Record<string, unknown> = {}
      for (const { name, shape: memberShape } of shape.members) {
        const member = members[name]
        if (member !== undefined && member !== null) written[name] = plain(memberShape, member)
      }
      return written
    }
    case 'list':
      return (value as readonly unknown[]).map(item => plain(shape.element.shape, item))
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, plain(shape.value.shape, item)]),
      )
    case 'timestamp':
      return (value as Date).getTime() / 1000
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64')
    default:
      return value
  }
}
