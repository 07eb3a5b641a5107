// Reads an expression of the cluster query language into a tree. What a comparison's argument must be is not decided here
// but in comparisons.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
//
//     or         := and (('||' | 'or') and)*
//     and        := not (('&&' | 'and') not)*
//     not        := ('!' | 'not') not | '(' or ')' | comparison
//     comparison := subject operator [argument]
//     argument   := word | quoted | '[' item (',' item)* ']'
//
// A list follows `in` and `!in` only. A word without quotes ends at a space or a parenthesis, so that a pattern with
// parentheses or spaces needs quotes, single or double.
import { excerpt, QueryError } from './query-error.ts'
import { type Scanner, scannerOf, type Word } from './scanner.ts'

export type Operator = '==' | '!=' | '>' | '>=' | '<' | '<=' | 'exists' | '!exists' | 'in' | '!in' | '=~' | '!~'

export type Comparison = {
  readonly kind: 'comparison'
  /** As written: `runningTasksCount`, `task:group`, `attribute:stack`. */
  readonly subject: Word
  readonly operator: Operator
  readonly operatorAt: number
  /** None for `exists`, any number but 0 for `in`, else one. */
  readonly items: readonly Word[]
}

export type Expression =
  | Comparison
  | { readonly kind: 'or' | 'and'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementConstraint.html */
const MAX_LENGTH = 2000

/** Parentheses and `not` within each other: more than a person writes, far fewer than the stack holds. */
const MAX_DEPTH = 50

const ALIASES: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['equals', '=='],
  ['not_equals', '!='],
  ['greater_than', '>'],
  ['greater_than_equal', '>='],
  ['less_than', '<'],
  ['less_than_equal', '<='],
  ['not_exists', '!exists'],
  ['not_in', '!in'],
  ['matches', '=~'],
  ['not_matches', '!~'],
  ...(['==', '!=', '>', '>=', '<', '<=', 'exists', '!exists', 'in', '!in', '=~', '!~'] as const).map(
    operator => [operator, operator] as const,
  ),
])

/** Throws QueryError for what is no expression. */
export const parseExpression = (text: string): Expression => {
  if (text.length > MAX_LENGTH)
    throw new QueryError(MAX_LENGTH + 1, `an expression can have at most ${MAX_LENGTH} characters`)
  const scanner = scannerOf(text)
  const expression = parseOr(scanner, 0)
  if (!scanner.atEnd()) throw unexpected(scanner, "'and', 'or' or the end")
  return expression
}

const unexpected = (scanner: Scanner, expected: string): QueryError =>
  new QueryError(scanner.position(), `expected ${expected}, found ${scanner.found()}`)

const parseOr = (scanner: Scanner, depth: number): Expression => {
  const first = parseAnd(scanner, depth)
  const operands = [first]
  while (scanner.take('or')) operands.push(parseAnd(scanner, depth))
  return operands.length === 1 ? first : { kind: 'or', operands }
}

const parseAnd = (scanner: Scanner, depth: number): Expression => {
  const first = parseNot(scanner, depth)
  const operands = [first]
  while (scanner.take('and')) operands.push(parseNot(scanner, depth))
  return operands.length === 1 ? first : { kind: 'and', operands }
}

const parseNot = (scanner: Scanner, depth: number): Expression => {
  if (depth > MAX_DEPTH)
    throw new QueryError(scanner.position(), `parentheses and 'not' can nest at most ${MAX_DEPTH} deep`)
  if (scanner.take('not')) return { kind: 'not', operand: parseNot(scanner, depth + 1) }
  if (!scanner.take('open')) return parseComparison(scanner)
  const inner = parseOr(scanner, depth + 1)
  if (!scanner.take('close')) throw unexpected(scanner, "'and', 'or' or ')'")
  return inner
}

const parseComparison = (scanner: Scanner): Comparison => {
  const subject = scanner.take('subject')
  if (!subject) throw unexpected(scanner, 'a subject')
  const word = scanner.take('operator')
  const operator = ALIASES.get(word?.text ?? '')
  if (!word || !operator) throw unexpected(scanner, `an operator after ${excerpt(subject.text)}`)
  return { kind: 'comparison', subject, operator, operatorAt: word.position, items: parseArgument(scanner, operator) }
}

const parseArgument = (scanner: Scanner, operator: Operator): readonly Word[] => {
  if (operator === 'exists' || operator === '!exists') return []
  if (operator === 'in' || operator === '!in') return parseList(scanner)
  const argument = scanner.takeQuoted() ?? scanner.take('bare')
  if (!argument) throw unexpected(scanner, `an argument for '${operator}' (in quotes if it has parentheses)`)
  return [argument]
}

const parseList = (scanner: Scanner): readonly Word[] => {
  if (!scanner.take('openList')) throw unexpected(scanner, "a list in brackets for 'in'")
  const items: Word[] = []
  do {
    const item = scanner.takeQuoted() ?? scanner.take('bareItem')
    if (!item) throw unexpected(scanner, 'an item of the list')
    items.push(item)
  } while (scanner.take('comma'))
  if (!scanner.take('closeList')) throw unexpected(scanner, "',' or ']'")
  return items
}
