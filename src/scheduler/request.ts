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
  task: Pick<Task, 'reservation' | 'launchType' | 'placementConstraints' | 'placementStrategy'>,
  definition: Pick<TaskDefinition, 'requiresAttributes'>,
  fraction: number,
): PlacementRequest => ({
  reservation: task.reservation,
  requiresAttributes: task.launchType === 'FARGATE' ? [] : definition.requiresAttributes,
  constraints: task.placementConstraints,
  strategy: task.placementStrategy,
  fraction,
})
