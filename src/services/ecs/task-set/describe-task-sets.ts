// DescribeTaskSets: a service's task sets, all of them unless some are named.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskSets.html
import type { DescribeTaskSetsRequest, DescribeTaskSetsResponse, Failure } from '@aws-sdk/client-ecs'
import { clusterNameOf, taskSetArn } from '../../../domain/arn.ts'
import type { TaskSet } from '../../../domain/task-set.ts'
import type { EcsOperation } from '../context.ts'
import { describeTaskSet, taskSetsOf } from './describe.ts'
import { findExternalService, findTaskSet } from './find-task-set.ts'

export const describeTaskSets: EcsOperation<DescribeTaskSetsRequest, DescribeTaskSetsResponse> =
  ({ store }) =>
  (request, input) => {
    const service = findExternalService(store, request, input)
    const show = { tags: input.include?.includes('TAGS') ?? false }
    const asked = input.taskSets ?? []
    const found: TaskSet[] = asked.length === 0 ? taskSetsOf(store, service) : []
    const failures: Failure[] = []
    for (const identifier of asked) {
      const row = findTaskSet(store, request, service, identifier)
      const arn = (): string =>
        identifier.startsWith('arn:')
          ? identifier
          : taskSetArn(request, clusterNameOf(service.clusterArn), service.name, identifier)
      if (row) found.push(row)
      else failures.push({ arn: arn(), reason: 'MISSING' })
    }
    return { taskSets: found.map(row => describeTaskSet(store, service, row, show)), failures }
  }
