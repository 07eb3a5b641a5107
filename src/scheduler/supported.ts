// Which placement constraints and strategies can be honoured. RunTask, CreateService, UpdateService and
// RegisterTaskDefinition refuse the rest by name rather than place a task where it should not be.
import type { PlacementConstraint, PlacementStrategy, TaskDefinitionPlacementConstraint } from '@aws-sdk/client-ecs'

/** What is wrong with the constraints, in a sentence for the caller; undefined when all can be honoured. */
export const constraintProblem = (
  constraints: readonly (PlacementConstraint | TaskDefinitionPlacementConstraint)[],
): string | undefined => {
  for (const { type, expression } of constraints) {
    if (type === 'memberOf') return 'Placement constraints of type memberOf are not supported yet.'
    if (type !== 'distinctInstance') return `Unknown placement constraint type: ${type ?? ''}.`
    if (expression) return 'The distinctInstance placement constraint does not take an expression.'
  }
  return undefined
}

/** What is wrong with the strategies, in a sentence for the caller; undefined when all can be honoured. */
export const strategyProblem = (strategies: readonly PlacementStrategy[]): string | undefined => {
  for (const { type, field } of strategies) {
    if (type === 'random') {
      if (field) return 'The random placement strategy does not take a field.'
    } else if (type === 'binpack') {
      if (!/^(cpu|memory)$/i.test(field ?? ''))
        return `Invalid field for the binpack placement strategy: ${field ?? ''}. Valid values are cpu and memory.`
    } else if (type === 'spread') {
      if (!/^(instanceId|host|attribute:.+)$/.test(field ?? ''))
        return `Invalid field for the spread placement strategy: ${field ?? ''}. Valid values are instanceId, host and attribute:<name>.`
    } else return `Unknown placement strategy type: ${type ?? ''}.`
  }
  return undefined
}
