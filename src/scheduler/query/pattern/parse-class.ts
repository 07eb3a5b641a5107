// Reads a class of a pattern, `[a-z\d]`, and an escape that stands for one character. Called by parse-pattern.ts.
import { type CharSet, CLASS_ESCAPES, codeOf, complement, POSIX_CLASSES, setOf } from './char-set.ts'
import type { Cursor } from './parse-pattern.ts'

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['f', 12],
  ['a', 7],
  ['e', 27],
])

/** From the backslash on. */
export const parseEscape = (cursor: Cursor): CharSet => {
  const start = cursor.at
  const letter = cursor.characters[start + 1]
  if (letter === undefined) throw cursor.fail('a backslash ends the pattern')
  cursor.at += 2
  const known = CLASS_ESCAPES.get(letter)
  if (known) return known
  const control = CONTROLS.get(letter)
  if (control !== undefined) return setOf([control, control])
  if (letter === 'x' || letter === 'u') return hex(cursor, letter, start)
  if (letter === 'p' || letter === 'P') return posix(cursor, letter, start)
  if (/[A-Za-z0-9]/.test(letter)) throw cursor.fail(`\\${letter} is not supported`, start)
  const code = codeOf(letter)
  return setOf([code, code])
}

const hex = (cursor: Cursor, letter: string, start: number): CharSet => {
  const rest = cursor.characters.slice(cursor.at, cursor.at + 10).join('')
  const match = (letter === 'x' ? /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/ : /^([0-9A-Fa-f]{4})/).exec(rest)
  const code = Number.parseInt(match?.[1] ?? match?.[2] ?? '', 16)
  if (!match || code > 0x10ffff) throw cursor.fail(`\\${letter} is not followed by a character's number`, start)
  cursor.at += match[0].length
  return setOf([code, code])
}

const posix = (cursor: Cursor, letter: string, start: number): CharSet => {
  const name = /^\{([A-Za-z]+)\}/.exec(cursor.characters.slice(cursor.at, cursor.at + 20).join(''))?.[1]
  const set = POSIX_CLASSES.get(name ?? '')
  if (name === undefined || set === undefined)
    throw cursor.fail(`\\${letter} is supported with ${[...POSIX_CLASSES.keys()].join(', ')} in braces only`, start)
  cursor.at += name.length + 2
  return letter === 'P' ? complement(set) : set
}

/** From the bracket on. */
export const parseClass = (cursor: Cursor): CharSet => {
  const start = cursor.at
  cursor.at++
  const negated = cursor.characters[cursor.at] === '^'
  if (negated) cursor.at++
  const ranges: (readonly [number, number])[] = []
  const sets: CharSet[] = []
  for (;;) {
    const char = cursor.characters[cursor.at]
    if (char === undefined) throw cursor.fail('a bracket is not closed', start)
    if (char === ']') {
      if (ranges.length + sets.length === 0) throw cursor.fail("a class is empty; write \\] for the character ']'")
      cursor.at++
      return { ranges, sets, negated, ignoreCase: cursor.ignoreCase }
    }
    const first = classMember(cursor)
    const from = onlyMember(first)
    if (from === undefined) sets.push(first)
    else ranges.push([from, rangeEnd(cursor, from)])
  }
}

const classMember = (cursor: Cursor): CharSet => {
  const char = cursor.characters[cursor.at] ?? ''
  if (char === '\\') return parseEscape(cursor)
  if (char === '[') throw cursor.fail("classes within classes are not supported; write \\[ for the character '['")
  if (char === '&' && cursor.characters[cursor.at + 1] === '&')
    throw cursor.fail('intersections of classes are not supported')
  cursor.at++
  const code = codeOf(char)
  return setOf([code, code])
}

const onlyMember = ({ ranges, sets, negated }: CharSet): number | undefined => {
  const [[from, to] = [0, 1], ...more] = ranges
  return from === to && more.length === 0 && sets.length === 0 && !negated ? from : undefined
}

// A hyphen before the closing bracket is itself a member.
const rangeEnd = (cursor: Cursor, from: number): number => {
  const start = cursor.at
  const behind = cursor.characters[start + 1]
  if (cursor.characters[start] !== '-' || behind === ']' || behind === undefined) return from
  cursor.at++
  const to = onlyMember(classMember(cursor))
  if (to === undefined || to < from)
    throw cursor.fail('a range of characters has no end or ends before it begins', start)
  return to
}
