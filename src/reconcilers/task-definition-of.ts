// The task definition that a row names by its ARN. Definitions are kept as long as something refers to them.
import { familySpaceOf, lastSegment } from '../domain/arn.ts'
import type { TaskDefinition } from '../domain/task-definition.ts'
import type { Reader } from '../store/store.ts'
import { taskDefinitionKey, taskDefinitions } from '../store/tables.ts'
import { OperationalError } from './operational-error.ts'

export const taskDefinitionOf = (reader: Reader, arn: string): TaskDefinition => {
  const [family = '', revision] = lastSegment(arn).split(':')
  const definition = reader.get(taskDefinitions, taskDefinitionKey(familySpaceOf(arn), family, Number(revision)))
  if (definition === undefined)
    throw new OperationalError('TASK_DEFINITION_MISSING', `there is no task definition ${arn}`)
  return definition
}
