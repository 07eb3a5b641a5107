// Sets of characters: what one place of a pattern takes. Ranges of code points, both ends included.

export type CharSet = {
  readonly ranges: readonly (readonly [from: number, to: number])[]
  /** Sets within a class: `\D` of `[\Dx]`. */
  readonly sets: readonly CharSet[]
  readonly negated: boolean
  /** As Java's flag `i`: of A to Z and a to z only. */
  readonly ignoreCase: boolean
}

export const setOf = (...ranges: CharSet['ranges']): CharSet => ({
  ranges,
  sets: [],
  negated: false,
  ignoreCase: false,
})

export const charSetOf = (text: string): CharSet =>
  setOf(...Array.from(text, char => codeOf(char)).map(code => [code, code] as const))

export const complement = (set: CharSet): CharSet => ({ ...set, negated: !set.negated })

export const codeOf = (char: string): number => char.codePointAt(0) ?? 0

export const contains = (set: CharSet, code: number): boolean =>
  (holds(set, code) || (set.ignoreCase && holds(set, otherCase(code)))) !== set.negated

const holds = (set: CharSet, code: number): boolean =>
  set.ranges.some(([from, to]) => code >= from && code <= to) || set.sets.some(inner => contains(inner, code))

const otherCase = (code: number): number => {
  if (code >= 65 && code <= 90) return code + 32
  if (code >= 97 && code <= 122) return code - 32
  return code
}

const DIGIT = setOf([48, 57])
const LOWER = setOf([97, 122])
const UPPER = setOf([65, 90])
const WORD = setOf([48, 57], [65, 90], [95, 95], [97, 122])
const SPACE = charSetOf(' \t\n\v\f\r')
const HORIZONTAL = setOf(
  [9, 9],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
)
const VERTICAL = setOf([10, 13], [0x85, 0x85], [0x2028, 0x2029])

/** `\d`, `\W`, ... by letter. */
export const CLASS_ESCAPES: ReadonlyMap<string, CharSet> = new Map(
  Object.entries({ d: DIGIT, w: WORD, s: SPACE, h: HORIZONTAL, v: VERTICAL }).flatMap(([letter, set]) => [
    [letter, set] as const,
    [letter.toUpperCase(), complement(set)] as const,
  ]),
)

/** `\p{Alpha}`, ... by name: Java's POSIX classes, US-ASCII as there. */
export const POSIX_CLASSES: ReadonlyMap<string, CharSet> = new Map(
  Object.entries({
    Lower: LOWER,
    Upper: UPPER,
    ASCII: setOf([0, 127]),
    Alpha: setOf([65, 90], [97, 122]),
    Digit: DIGIT,
    Alnum: setOf([48, 57], [65, 90], [97, 122]),
    Punct: setOf([33, 47], [58, 64], [91, 96], [123, 126]),
    Graph: setOf([33, 126]),
    Print: setOf([32, 126]),
    Blank: charSetOf(' \t'),
    Cntrl: setOf([0, 31], [127, 127]),
    XDigit: setOf([48, 57], [65, 70], [97, 102]),
    Space: SPACE,
  }),
)

/** What a dot takes: all but ends of lines; with flag `s` those too. */
export const ANY_BUT_LINE_ENDS = complement(setOf([10, 10], [13, 13], [0x85, 0x85], [0x2028, 0x2029]))
export const ANY = setOf([0, 0x10ffff])
