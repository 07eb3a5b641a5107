// Which placement constraints and strategies are sound, in ECS's words where they are known. RunTask, CreateService,
// UpdateService and RegisterTaskDefinition refuse the rest rather than place a task where it should not be.
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { compileQuery } from './query/compile-query.ts'
import { QueryError } from './query/query-error.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html: the task definition's own constraints count too. */
const MAX_CONSTRAINTS = 10
const MAX_STRATEGIES = 5

/** What is wrong with the constraints, in a sentence for the caller; undefined when nothing is. `others`: how many count besides. */
export const constraintProblem = (constraints: readonly PlacementConstraint[], others = 0): string | undefined => {
  if (constraints.length + others > MAX_CONSTRAINTS) return `Maximum number of constraints is ${MAX_CONSTRAINTS}.`
  for (const { type, expression } of constraints) {
    if (type === 'memberOf') {
      const problem = expressionProblem(expression)
      if (problem !== undefined) return problem
    } else if (type !== 'distinctInstance') return `constraint.type '${type ?? ''}' is not supported.`
    else if (expression !== undefined) return 'distinctInstance expression should not be specified.'
  }
  return undefined
}

/** The same for a task definition's, which are of type memberOf only. */
export const definitionConstraintProblem = (constraints: readonly PlacementConstraint[]): string | undefined => {
  const other = constraints.find(({ type }) => type !== 'memberOf')
  return other === undefined
    ? constraintProblem(constraints)
    : `constraint.type '${other.type ?? ''}' is not supported.`
}

const expressionProblem = (expression: string | undefined): string | undefined => {
  if (!expression) return 'memberOf expression should be specified.'
  try {
    compileQuery(expression)
    return undefined
  } catch (error) {
    if (error instanceof QueryError) return error.message
    throw error
  }
}

/** What is wrong with the strategies, in a sentence for the caller; undefined when nothing is. */
export const strategyProblem = (strategies: readonly PlacementStrategy[]): string | undefined => {
  if (strategies.length > MAX_STRATEGIES) return `Maximum number of strategies is ${MAX_STRATEGIES}.`
  for (const { type, field } of strategies) {
    if (type === 'random') {
      if (field !== undefined) return 'random field should not be specified.'
    } else if (type === 'binpack') {
      if (!/^(cpu|memory)$/i.test(field ?? '')) return `binpack field '${field ?? ''}' is invalid.`
    } else if (type === 'spread') {
      if (!/^(instanceId|host|attribute:.+)$/.test(field ?? '')) return `spread field '${field ?? ''}' is invalid.`
    } else return `strategy.type '${type ?? ''}' is not supported.`
  }
  return undefined
}
