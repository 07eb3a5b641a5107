// What a task asks of placement, from its row and its definition. Used by RunTask and by the placement loop, so that both
// mean the same.
import type { Task } from '../domain/task.ts'
import type { TaskDefinition } from '../domain/task-definition.ts'
import type { PlacementRequest } from './place.ts'

/**
 * FARGATE tasks ask for no attributes: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
 * says of requiresAttributes that they are not used for tasks run on Fargate.
 */
export const placementRequestOf = (
  task: Pick<Task, 'reservation' | 'launchType' | 'placementConstraints' | 'placementStrategy' | 'madeFor'>,
  definition: Pick<TaskDefinition, 'requiresAttributes' | 'placementConstraints' | 'runtimePlatform'>,
  fraction: number,
): PlacementRequest => ({
  reservation: task.reservation,
  requiresAttributes: task.launchType === 'FARGATE' ? [] : definition.requiresAttributes,
  ...architectureOf(definition),
  constraints: constraintsOf(task, definition),
  strategy: task.placementStrategy,
  ...(task.madeFor === undefined ? {} : { first: true }),
  fraction,
})

/** As instances name theirs. On Fargate too. */
const architectureOf = ({ runtimePlatform }: Pick<TaskDefinition, 'runtimePlatform'>) => {
  const asked = runtimePlatform?.cpuArchitecture
  return asked === undefined ? {} : { cpuArchitecture: asked === 'ARM64' ? 'arm64' : 'x86_64' }
}

// The definition's and the task's own hold alike; FARGATE has neither.
const constraintsOf = (
  task: Pick<Task, 'launchType' | 'placementConstraints'>,
  definition: Pick<TaskDefinition, 'placementConstraints'>,
): PlacementRequest['constraints'] =>
  task.launchType === 'FARGATE' || definition.placementConstraints.length === 0
    ? task.placementConstraints
    : [...definition.placementConstraints, ...task.placementConstraints]
