// What RunTask and StartTask ask for, checked, with its defaults: everything of a new task but its id and its instance.
import type { LaunchType } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { taskTags } from '../../../domain/task-tags.ts'
import type { Reader } from '../../../store/store.ts'
import { capacityFor } from '../capacity-provider/strategy.ts'
import { sizedOverrides } from './check-overrides.ts'
import { checkTaskRequest, type TaskRequest } from './check-task-request.ts'
import { networkConfigurationOf } from './network-configuration.ts'
import type { TaskPlan } from './place-tasks.ts'

export const planOf = (
  reader: Reader,
  request: RequestContext,
  cluster: Cluster,
  input: Omit<TaskRequest, 'launchType'> & { readonly launchType?: LaunchType | undefined },
  tags: TaskPlan['tags'],
  now: number,
): TaskPlan => {
  const capacity = capacityFor(cluster, input)
  const overrides = sizedOverrides(input.overrides)
  const definition = checkTaskRequest(reader, request, { ...input, overrides, launchType: capacity.launchType })
  return {
    definition,
    clusterArn: cluster.arn,
    group: input.group || `family:${definition.family}`,
    startedBy: input.startedBy,
    ...capacity,
    overrides,
    tags: taskTags({
      clusterArn: cluster.arn,
      own: tags,
      propagateTags: input.propagateTags ?? 'NONE',
      enableECSManagedTags: input.enableECSManagedTags ?? false,
      definition,
    }),
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: input.placementStrategy ?? [],
    networkConfiguration: networkConfigurationOf(input.networkConfiguration),
    now,
  }
}
