// What RunTask and StartTask check alike, and the task definition that passes. Throws before anything is changed.
import type { LaunchType, RunTaskRequest } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { findTaskDefinition } from '../find.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { checkLaunch } from './check-launch.ts'
import { checkOverrides } from './check-overrides.ts'
import { taskRequestFields } from './fields.ts'

const MAX_GROUP = 255
const MAX_STARTED_BY = 128
const MAX_REFERENCE_ID = 1024

export type TaskRequest = Omit<RunTaskRequest, 'launchType'> & { readonly launchType: LaunchType }

export const checkTaskRequest = (reader: Reader, request: RequestContext, asked: TaskRequest): TaskDefinition => {
  refuseUnbuilt(taskRequestFields, asked)
  if (asked.group?.startsWith('service:')) throw invalid('Invalid namespace for group.')
  if ((asked.group?.length ?? 0) > MAX_GROUP) throw invalid(`A group can have at most ${MAX_GROUP} characters.`)
  if (asked.startedBy !== undefined && !/^[A-Za-z0-9_/-]*$/.test(asked.startedBy))
    throw invalid('startedBy can have letters, digits, hyphens, slashes and underscores.')
  if ((asked.startedBy?.length ?? 0) > MAX_STARTED_BY)
    throw invalid(`startedBy can have at most ${MAX_STARTED_BY} characters.`)
  if ((asked.referenceId?.length ?? 0) > MAX_REFERENCE_ID)
    throw invalid(`referenceId can have at most ${MAX_REFERENCE_ID} characters.`)
  if (asked.propagateTags === 'SERVICE')
    throw invalid(
      'propagateTags SERVICE is for tasks of a service; a task run by itself takes TASK_DEFINITION or NONE.',
    )
  const definition = findTaskDefinition(reader, request, asked.taskDefinition ?? '', taskDefinitionNotFound)
  if (definition.status !== 'ACTIVE') throw invalid('TaskDefinition is inactive')
  checkLaunch(definition, asked)
  checkOverrides(definition, asked.overrides, asked.launchType)
  return definition
}

export const taskDefinitionNotFound = (): AwsError => new AwsError('ClientException', 'TaskDefinition not found.')
