// Everything that is left to chance in a simulated world comes from one seed, by named streams: a draw more in one place
// does not change what another place draws.
import { type Ids, idsFrom } from '../../src/lib/ids.ts'

export type Chance = {
  /** A whole number from `least` to `most`, both included. */
  readonly between: (least: number, most: number) => number
  /** True with this probability. */
  readonly happens: (probability: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
  readonly ids: Ids
}

/** sfc32: passes the usual tests of randomness, and 32-bit seeds that differ in one bit give unrelated streams. */
const sfc32 = (seed: number, name: string): (() => number) => {
  let [a, b, c, d] = [seed | 0, hash(name), 0x9e3779b9 | 0, 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let warm = 0; warm < 15; warm++) next()
  return next
}

const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return value
}

export const chanceOf = (seed: number, name: string): Chance => {
  const next = sfc32(seed, name)
  const fraction = (): number => next() / 2 ** 32
  const between = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1))
  return {
    between,
    happens: probability => fraction() < probability,
    pick: from => {
      const picked = from[between(0, from.length - 1)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    ids: idsFrom(count => {
      const bytes = Buffer.allocUnsafe(count)
      for (let at = 0; at < count; at++) bytes[at] = next() & 0xff
      return bytes
    }),
  }
}
