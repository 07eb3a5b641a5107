// Takes an expression apart into words, where a word ends depending on where it stands: an argument may hold what would be an
// operator elsewhere. parse.ts says what it expects next; positions are characters from 1, for messages.
import { excerpt, QueryError } from './query-error.ts'

/** A piece of the expression and where it begins. */
export type Word = { readonly text: string; readonly position: number }

export type Scanner = {
  /** Of the next word; behind the last character at the end. */
  readonly position: () => number
  readonly atEnd: () => boolean
  /** The next word if it is of this kind. */
  readonly take: (kind: WordKind) => Word | undefined
  /** A text in quotes, without them; undefined when the next character is no quote. Nothing is escaped: a pattern keeps its backslashes. */
  readonly takeQuoted: () => Word | undefined
  /** What stands next, for a message. */
  readonly found: () => string
}

// A word operator or connective ends where no letter, digit or name's character follows.
const END = '(?![A-Za-z0-9_:./\\\\-])'
const words = (...alternatives: readonly string[]): RegExp => new RegExp(alternatives.join('|'), 'y')

const KINDS = {
  or: words('\\|\\|', `or${END}`),
  and: words('&&', `and${END}`),
  not: words('!', `not${END}`),
  open: /\(/y,
  close: /\)/y,
  openList: /\[/y,
  closeList: /\]/y,
  comma: /,/y,
  subject: /[A-Za-z0-9_]+(?::[A-Za-z0-9_./\\-]*)?/y,
  // Longest first: `>=` is not `>`.
  operator: words(
    '==|!=|>=|<=|=~|!~|>|<',
    `(?:!exists|!in|equals|not_equals|greater_than_equal|greater_than|less_than_equal|less_than|exists|not_exists|in|not_in|matches|not_matches)${END}`,
  ),
  /** An argument without quotes: up to a space, a parenthesis, or a connective in symbols. */
  bare: /(?:(?!&&|\|\|)[^\s()'"])+/y,
  /** The same within a list, where commas and brackets end it too. */
  bareItem: /(?:(?!&&|\|\|)[^\s()'"[\],])+/y,
} as const

export type WordKind = keyof typeof KINDS

const SPACE = /\s*/y

export const scannerOf = (expression: string): Scanner => {
  let at = 0
  const skipSpace = (): void => {
    SPACE.lastIndex = at
    at += SPACE.exec(expression)?.[0].length ?? 0
  }
  const position = (): number => {
    skipSpace()
    return at + 1
  }
  const take: Scanner['take'] = kind => {
    const start = position()
    const pattern = KINDS[kind]
    pattern.lastIndex = at
    const text = pattern.exec(expression)?.[0]
    if (text === undefined) return undefined
    at += text.length
    return { text, position: start }
  }
  const takeQuoted: Scanner['takeQuoted'] = () => {
    const start = position()
    const quote = expression[at]
    if (quote !== "'" && quote !== '"') return undefined
    const end = expression.indexOf(quote, at + 1)
    if (end < 0) throw new QueryError(start, `the quote ${quote} is not closed`)
    const text = expression.slice(at + 1, end)
    at = end + 1
    return { text, position: start + 1 }
  }
  const found = (): string => {
    skipSpace()
    return at === expression.length ? 'the end' : excerpt(/^\S+/.exec(expression.slice(at))?.[0] ?? '')
  }
  return { position, atEnd: () => position() > expression.length, take, takeQuoted, found }
}
