// The ACTIVE task definition that a service names. CreateService and UpdateService word its absence alike.
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { findTaskDefinition } from '../find.ts'
import { taskDefinitionNotFound } from '../task/check-task-request.ts'

export const serviceTaskDefinition = (reader: Reader, request: RequestContext, identifier: string): TaskDefinition => {
  const definition = findTaskDefinition(reader, request, identifier, taskDefinitionNotFound)
  if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive')
  return definition
}
