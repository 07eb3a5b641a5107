// DescribeTasks: up to 100 tasks of one cluster, by id or ARN. What is not there is a failure, not an error.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
import type { DescribeTasksRequest, DescribeTasksResponse, Failure, Task } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { findCluster, findTask, taskArnFor } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeTask } from './describe.ts'

const MAX_TASKS = 100

export const describeTasks: EcsOperation<DescribeTasksRequest, DescribeTasksResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = input.tasks ?? []
    if (asked.length === 0) throw invalid('Tasks cannot be empty.')
    if (asked.length > MAX_TASKS) throw invalid(`At most ${MAX_TASKS} tasks can be described at a time.`)
    const cluster = findCluster(store, request, input.cluster)
    const show = { tags: input.include?.includes('TAGS') ?? false }
    const tasks: Task[] = []
    const failures: Failure[] = []
    for (const identifier of asked) {
      const task = findTask(store, request, cluster, identifier)
      if (task) tasks.push(describeTask(store, task, show))
      else failures.push({ arn: taskArnFor(request, cluster, identifier), reason: 'MISSING' })
    }
    return { tasks, failures }
  }
