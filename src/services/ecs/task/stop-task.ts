// StopTask: asks a task to stop. The dispatcher tells its agent, once load balancers send it no more requests; one that has no host yet is STOPPED at once.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
import type { StopTaskRequest, StopTaskResponse } from '@aws-sdk/client-ecs'
import { stopTask as askToStop, isStopped } from '../../../domain/task.ts'
import { hasTargets } from '../../../store/load-balancing-tables.ts'
import { tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findTask } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeTask } from './describe.ts'

const NO_REASON_GIVEN = 'Task stopped by user'

export const stopTask: EcsOperation<StopTaskRequest, StopTaskResponse> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const task = findTask(tx, request, cluster, input.task ?? '')
      if (!task) throw invalid('The referenced task was not found.')
      if (isStopped(task)) return { task: describeTask(tx, task, { tags: true }) }
      const why = { stopCode: 'UserInitiated', stoppedReason: input.reason || NO_REASON_GIVEN } as const
      const stopped = askToStop(task, why, clock.now(), hasTargets(tx, task))
      if (stopped !== task) tx.put(tasks, stopped)
      return { task: describeTask(tx, stopped, { tags: true }) }
    })
