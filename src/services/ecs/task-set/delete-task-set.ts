// DeleteTaskSet: a task set scaled to zero, or any by force, is DRAINING from now on and wants no tasks. After: the deployment
// loop stops what runs; when nothing is left the task set is gone.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskSet.html
import type { DeleteTaskSetRequest, DeleteTaskSetResponse } from '@aws-sdk/client-ecs'
import type { TaskSet } from '../../../domain/task-set.ts'
import { deployments } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeTaskSet } from './describe.ts'
import { findExternalService, requireTaskSet } from './find-task-set.ts'

export const deleteTaskSet: EcsOperation<DeleteTaskSetRequest, DeleteTaskSetResponse> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const now = clock.now()
      const service = findExternalService(tx, request, input)
      const row = requireTaskSet(tx, request, service, input.taskSet)
      if (row.taskSet.scale > 0 && !input.force)
        throw invalid('The task set cannot be deleted while it is scaled above 0. Specify force to delete it.')
      if (row.status === 'PRIMARY' && !input.force)
        throw invalid('The PRIMARY task set cannot be deleted. Specify force to delete it.')
      const draining: TaskSet = {
        ...row,
        status: 'ACTIVE',
        taskSet: { ...row.taskSet, draining: true },
        updatedAt: now,
      }
      tx.put(deployments, draining)
      return { taskSet: describeTaskSet(tx, service, draining, { tags: true }) }
    })
