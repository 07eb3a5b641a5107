// Makes a comparison into a test of an instance. Before: parse.ts. After: compile-query.ts, which joins tests by and, or, not.
//
// A comparison is true when a value of its subject fulfils it. So `attribute:stack != prod` is true of an instance that has
// `stack` with another value, and false of one without `stack`, as AWS documents; `task:group != database` is true where
// a task of another group is, and `not(task:group == database)` where no task of that group is.
import type { InstanceFacts } from './instance-facts.ts'
import type { Comparison, Operator } from './parse.ts'
import { compilePattern } from './pattern/compile-pattern.ts'
import { excerpt, QueryError } from './query-error.ts'
import type { Word } from './scanner.ts'
import { type OrderedSubject, subjectOf, type TextSubject } from './subjects.ts'

export type Test = (facts: InstanceFacts) => boolean

/** Throws QueryError for a subject, operator or argument that does not fit the others. */
export const testOf = (comparison: Comparison): Test => {
  const { operator, operatorAt, items } = comparison
  const subject = subjectOf(comparison.subject)
  if (!subject.operators.includes(operator))
    throw new QueryError(
      operatorAt,
      `${excerpt(comparison.subject.text)} does not take '${operator}', only ${subject.operators.join(' ')}`,
    )
  const [argument] = items
  if (argument === undefined) return existence(subject, operator)
  return subject.kind === 'ordered' ? ordered(subject, operator, argument) : texts(subject, operator, items, argument)
}

// Only subjects of texts take these operators.
const existence = (subject: TextSubject | OrderedSubject, operator: Operator): Test => {
  const wanted = operator === 'exists'
  return facts => subject.kind === 'text' && subject.some(facts, () => true) === wanted
}

const ordered = (subject: OrderedSubject, operator: Operator, argument: Word): Test => {
  const compare = subject.comparedWith(argument)
  return facts => {
    const difference = compare(facts)
    return difference !== undefined && holds(operator, difference)
  }
}

const holds = (operator: Operator, difference: number): boolean => {
  switch (operator) {
    case '==':
      return difference === 0
    case '!=':
      return difference !== 0
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    default:
      return false
  }
}

const texts = (subject: TextSubject, operator: Operator, items: readonly Word[], argument: Word): Test => {
  const { has } = subject
  const wanted = new Set(items.map(({ text }) => text))
  const passes = passesOf(operator, wanted, argument)
  if (operator === '=~' || operator === '!~') return facts => subject.some(facts, passes)
  for (const { text, position } of items) {
    const problem = subject.problem?.(text)
    if (problem) throw new QueryError(position, problem)
  }
  if (has && (operator === '==' || operator === 'in')) return facts => wanted.values().some(one => has(facts, one))
  return facts => subject.some(facts, passes)
}

const passesOf = (operator: Operator, wanted: ReadonlySet<string>, argument: Word): ((value: string) => boolean) => {
  switch (operator) {
    case '=~':
      return compilePattern(argument)
    case '!~': {
      const matches = compilePattern(argument)
      return value => !matches(value)
    }
    case '==':
    case 'in':
      return value => wanted.has(value)
    case '!=':
    case '!in':
      return value => !wanted.has(value)
    default:
      return value => holds(operator, compareTexts(value, argument.text))
  }
}

const NUMBER = /^-?\d+(?:\.\d+)?$/

// Numbers by value, so that 10 is above 9; other texts as they sort.
const compareTexts = (a: string, b: string): number => {
  if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b)
  if (a === b) return 0
  return a < b ? -1 : 1
}
