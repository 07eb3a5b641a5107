// A task set as callers see it, made from its row and the store's sums over its tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
import type { TaskSet as TaskSetAnswer } from '@aws-sdk/client-ecs'
import type { Service } from '../../../domain/service.ts'
import { computedDesiredCount, isTaskSet, type TaskSet } from '../../../domain/task-set.ts'
import type { Reader } from '../../../store/store.ts'
import { deployments, tasks } from '../../../store/tables.ts'
import { describeCapacity } from '../capacity-provider/describe.ts'
import { FARGATE_PLATFORM_FAMILY, FARGATE_PLATFORM_VERSION } from '../task/check-launch.ts'

export const describeTaskSet = (
  reader: Reader,
  service: Service,
  row: TaskSet,
  show: { readonly tags: boolean },
): TaskSetAnswer => {
  const counts = reader.sum(tasks, 'byDeployment', row.id)
  const [running, pending] = [counts['running'] ?? 0, counts['pending'] ?? 0]
  const wanted = computedDesiredCount(service, row)
  // The loop says whether its tasks are healthy; what changed since it looked is seen in the counts.
  const steady = row.steadySince !== undefined && running === wanted && pending === 0
  return {
    id: row.id,
    taskSetArn: row.taskSet.arn,
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    ...(row.taskSet.externalId === undefined ? {} : { externalId: row.taskSet.externalId }),
    status: row.taskSet.draining ? 'DRAINING' : row.status,
    taskDefinition: row.taskDefinitionArn,
    computedDesiredCount: wanted,
    pendingCount: pending,
    runningCount: running,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    ...describeCapacity(row),
    ...(row.launchType === 'FARGATE'
      ? { platformVersion: FARGATE_PLATFORM_VERSION, platformFamily: FARGATE_PLATFORM_FAMILY }
      : {}),
    networkConfiguration: row.networkConfiguration,
    loadBalancers: [...(row.loadBalancers ?? [])],
    serviceRegistries: [],
    scale: { value: row.taskSet.scale, unit: 'PERCENT' },
    stabilityStatus: steady ? 'STEADY_STATE' : 'STABILIZING',
    stabilityStatusAt: new Date(steady ? (row.steadySince ?? row.updatedAt) : row.updatedAt),
    ...(show.tags ? { tags: [...row.taskSet.tags] } : {}),
  }
}

/** A service's task sets, the PRIMARY first, then newest first. */
export const taskSetsOf = (reader: Reader, service: Service): TaskSet[] =>
  [...reader.byIndex(deployments, 'liveByService', service.arn)]
    .filter(isTaskSet)
    .sort((a, b) => Number(b.status === 'PRIMARY') - Number(a.status === 'PRIMARY') || b.createdAt - a.createdAt)
