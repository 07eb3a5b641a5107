// DeleteDaemonTaskDefinition: no daemon can be made from the revision any more; those that run by it go on. The retention loop
// removes it when none does. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteDaemonTaskDefinition.html
import type { DeleteDaemonTaskDefinitionRequest, DeleteDaemonTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findDaemonTaskDefinition, parseDaemonTaskDefinition } from './find-daemon-task-definition.ts'

export const deleteDaemonTaskDefinition: EcsOperation<
  DeleteDaemonTaskDefinitionRequest,
  DeleteDaemonTaskDefinitionResponse
> =
  ({ store, clock }) =>
  (request, { daemonTaskDefinition: identifier = '' }) => {
    // A bare family would leave it to us which revision goes.
    if (parseDaemonTaskDefinition(request, identifier).revision === undefined)
      throw new AwsError('ClientException', `Daemon task definition '${identifier}' must name a revision.`)
    return store.write(tx => {
      const found = findDaemonTaskDefinition(tx, request, identifier)
      if (!found) throw new AwsError('ClientException', 'The specified daemon task definition does not exist.')
      if (found.status !== 'ACTIVE')
        throw new AwsError('ClientException', 'The specified daemon task definition is not in ACTIVE status.')
      tx.put(taskDefinitions, { ...found, status: 'DELETE_IN_PROGRESS', deleteRequestedAt: clock.now() })
      return { daemonTaskDefinitionArn: found.arn }
    })
  }
