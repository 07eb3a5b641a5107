// GetTaskProtection: which tasks of services are protected, and until when.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html
import type { Failure, GetTaskProtectionRequest, GetTaskProtectionResponse, ProtectedTask } from '@aws-sdk/client-ecs'
import { isStopped } from '../../../domain/task.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findTask, taskArnFor } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeProtection, isOfAService, notOfAService } from './describe.ts'

const MAX_TASKS = 100

export const getTaskProtection: EcsOperation<GetTaskProtectionRequest, GetTaskProtectionResponse> =
  ({ store, clock }) =>
  (request, input) => {
    const asked = input.tasks ?? []
    if (asked.length === 0) throw invalid('Tasks cannot be empty.')
    if (asked.length > MAX_TASKS) throw invalid(`At most ${MAX_TASKS} tasks can be asked for at a time.`)
    const cluster = findCluster(store, request, input.cluster)
    const now = clock.now()
    const protectedTasks: ProtectedTask[] = []
    const failures: Failure[] = []
    for (const identifier of asked) {
      const task = findTask(store, request, cluster, identifier)
      if (!task) failures.push({ arn: taskArnFor(request, cluster, identifier), reason: 'MISSING' })
      else if (!isOfAService(task) || isStopped(task)) failures.push(notOfAService(task))
      else protectedTasks.push(describeProtection(task, now))
    }
    return { protectedTasks, failures }
  }
