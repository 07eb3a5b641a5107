// UpdateTaskSet: another share of the service's desired count. After: the deployment loop.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskSet.html
import type { UpdateTaskSetRequest, UpdateTaskSetResponse } from '@aws-sdk/client-ecs'
import type { TaskSet } from '../../../domain/task-set.ts'
import { deployments } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { checkScale } from './check-scale.ts'
import { describeTaskSet } from './describe.ts'
import { findExternalService, requireTaskSet } from './find-task-set.ts'

export const updateTaskSet: EcsOperation<UpdateTaskSetRequest, UpdateTaskSetResponse> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const now = clock.now()
      const service = findExternalService(tx, request, input)
      const row = requireTaskSet(tx, request, service, input.taskSet)
      if (row.taskSet.draining) throw invalid('The task set is being deleted.')
      const scale = checkScale(input.scale, row.taskSet.scale)
      // An update ends the wait after failed starts, as one of a service does.
      const { notBefore: _, lastFailureAt: __, lastCrashAt: ___, consecutiveCrashes: ____, ...rest } = row
      const changed: TaskSet = {
        ...rest,
        consecutiveFailures: 0,
        taskSet: { ...row.taskSet, scale },
        updatedAt: now,
      }
      tx.put(deployments, changed)
      return { taskSet: describeTaskSet(tx, service, changed, { tags: true }) }
    })
