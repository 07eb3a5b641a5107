// The cluster query language: an expression in, a test of container instances out. Placement asks it for constraints of type
// memberOf, ListContainerInstances for its filter; the operations that take an expression ask it whether it is one.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
import { type Test, testOf } from './comparisons.ts'
import type { InstanceFacts } from './instance-facts.ts'
import { type Expression, parseExpression } from './parse.ts'

export type Query = {
  readonly matches: (facts: InstanceFacts) => boolean
  /** Its answer may change with the tasks on an instance, not only with the instance. */
  readonly dependsOnTasks: boolean
}

/** So much text is kept compiled: the expressions of a large cluster's services, and some tens of megabytes at the very most. */
const KEPT_CHARACTERS = 100_000

// Compiled expressions never change, so that everyone can share them.
const kept = new Map<string, Query>()
let keptCharacters = 0

/** Throws QueryError for what is no expression. */
export const compileQuery = (expression: string): Query => {
  const known = kept.get(expression)
  if (known) return known
  const tree = parseExpression(expression)
  const query = { matches: compile(tree), dependsOnTasks: asksForTasks(tree) }
  keep(expression, query)
  return query
}

const keep = (expression: string, query: Query): void => {
  kept.set(expression, query)
  keptCharacters += expression.length
  for (const oldest of kept.keys()) {
    if (keptCharacters <= KEPT_CHARACTERS) break
    kept.delete(oldest)
    keptCharacters -= oldest.length
  }
}

const compile = (expression: Expression): Test => {
  switch (expression.kind) {
    case 'comparison':
      return testOf(expression)
    case 'not': {
      const operand = compile(expression.operand)
      return facts => !operand(facts)
    }
    case 'and': {
      const operands = expression.operands.map(compile)
      return facts => operands.every(operand => operand(facts))
    }
    case 'or': {
      const operands = expression.operands.map(compile)
      return facts => operands.some(operand => operand(facts))
    }
  }
}

const asksForTasks = (expression: Expression): boolean => {
  switch (expression.kind) {
    case 'comparison':
      return expression.subject.text === 'task:group' || expression.subject.text === 'runningTasksCount'
    case 'not':
      return asksForTasks(expression.operand)
    default:
      return expression.operands.some(asksForTasks)
  }
}
