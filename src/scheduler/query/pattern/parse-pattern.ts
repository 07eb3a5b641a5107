// Reads a pattern in the syntax of java.util.regex into a tree: literals, dots, classes, groups, alternatives, repetitions,
// anchors, quotation by \Q \E, and the flags `i` and `s`. What needs backtracking (backreferences, lookaround, possessive and
// atomic parts) and what values never call for (word boundaries, class intersections, octal) is refused by name: a pattern
// is either read as Java reads it, or not at all. After: compile-pattern.ts.
// https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html
import { excerpt, QueryError } from '../query-error.ts'
import type { Word } from '../scanner.ts'
import { ANY, ANY_BUT_LINE_ENDS, type CharSet, setOf } from './char-set.ts'
import { parseClass, parseEscape } from './parse-class.ts'

export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  /** `most` undefined: without end. */
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number | undefined }
  | { readonly kind: 'begin' | 'end' }

/** Where the reading is. `flags` hold until the group ends in which they were set. */
export type Cursor = {
  readonly characters: readonly string[]
  at: number
  ignoreCase: boolean
  dotTakesAll: boolean
  readonly fail: (rule: string, at?: number) => QueryError
}

/** Groups within each other. */
const MAX_DEPTH = 50

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html: no value is longer than 128, so no count need be either. */
const MAX_COUNT = 1000

export const parsePattern = ({ text, position }: Word): Node => {
  const characters = [...text]
  const cursor: Cursor = {
    characters,
    at: 0,
    ignoreCase: false,
    dotTakesAll: false,
    fail: (rule, at = cursor.at) =>
      new QueryError(position + characters.slice(0, at).join('').length, `in the pattern ${excerpt(text)}, ${rule}`),
  }
  const tree = parseChoice(cursor, 0)
  if (cursor.at < characters.length) throw cursor.fail('a parenthesis is closed that is not open')
  return tree
}

const parseChoice = (cursor: Cursor, depth: number): Node => {
  if (depth > MAX_DEPTH) throw cursor.fail(`groups can nest at most ${MAX_DEPTH} deep`)
  const parts = [parseSequence(cursor, depth)]
  while (cursor.characters[cursor.at] === '|') {
    cursor.at++
    parts.push(parseSequence(cursor, depth))
  }
  return { kind: 'choice', parts }
}

const parseSequence = (cursor: Cursor, depth: number): Node => {
  const parts: Node[] = []
  for (;;) {
    const char = cursor.characters[cursor.at]
    if (char === undefined || char === '|' || char === ')') return { kind: 'sequence', parts }
    if (char === '\\' && cursor.characters[cursor.at + 1] === 'Q') parts.push(...parseQuotation(cursor))
    else {
      const part = parseAtom(cursor, depth)
      if (part) parts.push(parseRepeats(cursor, part))
    }
  }
}

/** Undefined for what takes no character and is no assertion: `(?i)`. */
const parseAtom = (cursor: Cursor, depth: number): Node | undefined => {
  const char = cursor.characters[cursor.at] ?? ''
  switch (char) {
    case '(':
      return parseGroup(cursor, depth)
    case '[':
      return { kind: 'set', set: parseClass(cursor) }
    case '\\':
      return parseEscaped(cursor)
    case '*':
    case '+':
    case '?':
    case '{':
      throw cursor.fail(`'${char}' repeats nothing`)
  }
  cursor.at++
  if (char === '.') return { kind: 'set', set: cursor.dotTakesAll ? ANY : ANY_BUT_LINE_ENDS }
  if (char === '^') return { kind: 'begin' }
  if (char === '$') return { kind: 'end' }
  return literal(cursor, char)
}

const literal = (cursor: Cursor, char: string): Node => {
  const code = char.codePointAt(0) ?? 0
  return { kind: 'set', set: { ...setOf([code, code]), ignoreCase: cursor.ignoreCase } }
}

const parseEscaped = (cursor: Cursor): Node => {
  const letter = cursor.characters[cursor.at + 1]
  if (letter === 'A' || letter === 'z' || letter === 'Z') {
    cursor.at += 2
    return { kind: letter === 'A' ? 'begin' : 'end' }
  }
  return { kind: 'set', set: { ...parseEscape(cursor), ignoreCase: cursor.ignoreCase } }
}

// Each character between \Q and \E, or the end, stands for itself. A repetition behind it is of the last one.
const parseQuotation = (cursor: Cursor): readonly Node[] => {
  const parts: Node[] = []
  cursor.at += 2
  for (;;) {
    const char = cursor.characters[cursor.at]
    if (char === undefined) return parts
    if (char === '\\' && cursor.characters[cursor.at + 1] === 'E') break
    cursor.at++
    parts.push(literal(cursor, char))
  }
  cursor.at += 2
  const last = parts.pop()
  return last ? [...parts, parseRepeats(cursor, last)] : parts
}

const parseRepeats = (cursor: Cursor, part: Node): Node => {
  const range = parseRange(cursor)
  if (!range) return part
  const suffix = cursor.characters[cursor.at]
  // A reluctant repetition takes less first, but the whole value is matched, so that it takes the same values.
  if (suffix === '?') cursor.at++
  if (suffix === '+') throw cursor.fail('possessive repetitions are not supported')
  if (parseRange(cursor)) throw cursor.fail('a repetition is repeated; put the first one in a group')
  return { kind: 'repeat', part, ...range }
}

const parseRange = (cursor: Cursor): { readonly least: number; readonly most: number | undefined } | undefined => {
  const char = cursor.characters[cursor.at]
  if (char === '*' || char === '+' || char === '?') {
    cursor.at++
    return { least: char === '+' ? 1 : 0, most: char === '?' ? 1 : undefined }
  }
  if (char !== '{') return undefined
  const start = cursor.at
  const close = cursor.characters.indexOf('}', start)
  const inside = close < 0 ? '' : cursor.characters.slice(start + 1, close).join('')
  const match = /^(\d{1,9})(?:(,)(\d{1,9})?)?$/.exec(inside)
  if (!match) throw cursor.fail("'{' is no repetition like {2} or {2,3}; write \\{ for the character")
  const least = Number(match[1])
  const most = match[3] === undefined ? (match[2] === undefined ? least : undefined) : Number(match[3])
  if (most !== undefined && most < least) throw cursor.fail('a repetition ends before it begins')
  if (Math.max(least, most ?? 0) > MAX_COUNT) throw cursor.fail(`a repetition can be of at most ${MAX_COUNT}`)
  cursor.at = close + 1
  return { least, most }
}

const parseGroup = (cursor: Cursor, depth: number): Node | undefined => {
  const start = cursor.at
  const { ignoreCase, dotTakesAll } = cursor
  cursor.at++
  if (cursor.characters[cursor.at] === '?' && parseGroupHead(cursor) === 'flags only') return undefined
  const inner = parseChoice(cursor, depth + 1)
  if (cursor.characters[cursor.at] !== ')') throw cursor.fail('a parenthesis is not closed', start)
  cursor.at++
  cursor.ignoreCase = ignoreCase
  cursor.dotTakesAll = dotTakesAll
  return inner
}

// What follows `(?`: `:`, a name, or flags, which hold for this group or, without one, for the rest of the one around it.
const parseGroupHead = (cursor: Cursor): 'group' | 'flags only' => {
  const rest = cursor.characters.slice(cursor.at + 1).join('')
  const plain = /^(?::|<[A-Za-z][A-Za-z0-9]*>)/.exec(rest)?.[0]
  if (plain !== undefined) {
    cursor.at += 1 + plain.length
    return 'group'
  }
  const [all, on = '', off = '', end] = /^([is]*)(?:-([is]*))?([:)])/.exec(rest) ?? []
  if (all === undefined) throw cursor.fail("only groups, (?:...), (?<name>...) and the flags i and s can follow '('")
  cursor.ignoreCase = (cursor.ignoreCase || on.includes('i')) && !off.includes('i')
  cursor.dotTakesAll = (cursor.dotTakesAll || on.includes('s')) && !off.includes('s')
  cursor.at += 1 + all.length
  return end === ')' ? 'flags only' : 'group'
}
