// UpdateServicePrimaryTaskSet: which of a service's task sets serves production traffic; the one before is ACTIVE again. The service
// shows the PRIMARY's task definition. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html
import type { UpdateServicePrimaryTaskSetRequest, UpdateServicePrimaryTaskSetResponse } from '@aws-sdk/client-ecs'
import { shownAs } from '../../../domain/service.ts'
import type { TaskSet } from '../../../domain/task-set.ts'
import { deployments, services } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeTaskSet, taskSetsOf } from './describe.ts'
import { findExternalService, requireTaskSet } from './find-task-set.ts'

export const updateServicePrimaryTaskSet: EcsOperation<
  UpdateServicePrimaryTaskSetRequest,
  UpdateServicePrimaryTaskSetResponse
> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const now = clock.now()
      const service = findExternalService(tx, request, input)
      const row = requireTaskSet(tx, request, service, input.primaryTaskSet)
      if (row.taskSet.draining) throw invalid('The task set is being deleted.')
      for (const other of taskSetsOf(tx, service))
        if (other.status === 'PRIMARY' && other.id !== row.id)
          tx.put(deployments, { ...other, status: 'ACTIVE', updatedAt: now })
      const primary: TaskSet = row.status === 'PRIMARY' ? row : { ...row, status: 'PRIMARY', updatedAt: now }
      tx.put(deployments, primary)
      const shown = shownAs(service, primary)
      tx.put(services, shown)
      return { taskSet: describeTaskSet(tx, shown, primary, { tags: true }) }
    })
