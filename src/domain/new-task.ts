// The row of a new task, made from its definition and what was asked beside it. Pure: ids and time come in.
// Before: RunTask and StartTask (services/ecs/task/), which place it at once, and the deployment loop, which makes it
// without a host. After: the placement loop for the latter, then the dispatcher.
import type {
  LaunchType,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
  TaskOverride,
} from '@aws-sdk/client-ecs'
import { assert } from '../lib/assert.ts'
import { clusterNameOf, containerArn, scopeOf, taskArn } from './arn.ts'
import { taskGroupOf } from './daemon.ts'
import { gpusOf } from './gpu.ts'
import { newNetworkInterface } from './network-interface.ts'
import { reservationOf } from './reservation.ts'
import type { Deployment, Service } from './service.ts'
import type { Task, TaskContainer } from './task.ts'
import type { TaskDefinition } from './task-definition.ts'
import { withOverrides } from './task-overrides.ts'
import { taskTags } from './task-tags.ts'

export type NewTask = {
  readonly definition: TaskDefinition
  readonly clusterArn: string
  /** 32 hex digits. */
  readonly id: string
  /** A UUID for each container, in the definition's order; further ones are not used. */
  readonly containerUuids: readonly string[]
  /** A UUID for the task's network interface, which it has when `networkConfiguration` is given. */
  readonly attachmentUuid?: string | undefined
  /** `family:<family>`, `service:<name>` or the caller's own. */
  readonly group: string
  readonly startedBy?: string | undefined
  /** Both for a service's task, neither for a standalone one. */
  readonly service?: { readonly serviceArn: string; readonly deploymentId: string } | undefined
  readonly launchType: LaunchType
  /** By a capacity provider strategy. */
  readonly capacityProviderName?: string | undefined
  readonly overrides?: TaskOverride | undefined
  readonly tags: readonly Tag[]
  readonly placementConstraints: readonly PlacementConstraint[]
  readonly placementStrategy: readonly PlacementStrategy[]
  readonly networkConfiguration?: NetworkConfiguration | undefined
  /** Where it stands: PENDING there. Without: PROVISIONING, the placement loop finds it a host. */
  readonly host?: { readonly containerInstanceArn: string; readonly availabilityZone: string } | undefined
  readonly now: number
}

export const newTask = (spec: NewTask): Task => {
  const definition = withOverrides(spec.definition, spec.overrides)
  const { reservation, overrides } =
    spec.overrides === undefined ? sharedOf(definition) : ownOf(spec.definition, definition, spec.overrides)
  const scope = scopeOf(spec.clusterArn)
  const cluster = clusterNameOf(spec.clusterArn)
  return {
    arn: taskArn(scope, cluster, spec.id),
    id: spec.id,
    clusterArn: spec.clusterArn,
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    group: spec.group,
    ...(spec.startedBy === undefined ? {} : { startedBy: spec.startedBy }),
    ...spec.service,
    launchType: spec.launchType,
    ...(spec.capacityProviderName === undefined ? {} : { capacityProviderName: spec.capacityProviderName }),
    ...spec.host,
    desiredStatus: 'RUNNING',
    lastStatus: spec.host ? 'PENDING' : 'PROVISIONING',
    healthStatus: 'UNKNOWN',
    containers: definition.containerDefinitions.map((container, at): TaskContainer => {
      const uuid = spec.containerUuids[at]
      assert(uuid !== undefined, 'newTask: fewer containerUuids than containers')
      return {
        containerArn: containerArn(scope, cluster, spec.id, uuid),
        name: container.name ?? '',
        image: container.image ?? '',
        lastStatus: 'PENDING',
        networkBindings: [],
        healthStatus: 'UNKNOWN',
        essential: container.essential ?? true,
        hasHealthCheck: container.healthCheck !== undefined,
        cpu: String(container.cpu ?? 0),
        ...(container.memory === undefined ? {} : { memory: String(container.memory) }),
        ...(container.memoryReservation === undefined
          ? {}
          : { memoryReservation: String(container.memoryReservation) }),
        ...(gpusOf(container) > 0 ? { gpus: gpusOf(container) } : {}),
      }
    }),
    overrides,
    reservation,
    // A task without a size of its own answers what its containers add up to.
    ...(definition.ephemeralStorage?.sizeInGiB === undefined
      ? {}
      : { ephemeralStorageGiB: definition.ephemeralStorage.sizeInGiB }),
    cpu: definition.cpu ?? String(reservation.cpu),
    memory: definition.memory ?? String(reservation.memory),
    placementConstraints: spec.placementConstraints,
    placementStrategy: spec.placementStrategy,
    ...(spec.networkConfiguration === undefined ? {} : { networkConfiguration: spec.networkConfiguration }),
    attachments: attachmentsOf(spec),
    enableExecuteCommand: false,
    tags: spec.tags,
    version: 1,
    createdAt: spec.now,
  }
}

type OfDefinition = Pick<Task, 'reservation' | 'overrides'>

const ownOf = (
  plain: TaskDefinition,
  overridden: TaskDefinition,
  overrides: TaskOverride | undefined,
): OfDefinition => ({
  reservation: reservationOf(overridden),
  overrides: fullOverrides(plain, overrides),
})

/** Of tasks that override nothing: the same for each, so that a thousand rows hold one. By the definition's row, which is never changed. */
const shared = new WeakMap<TaskDefinition, OfDefinition>()

const sharedOf = (definition: TaskDefinition): OfDefinition => {
  const known = shared.get(definition)
  if (known !== undefined) return known
  const made = ownOf(definition, definition, undefined)
  shared.set(definition, made)
  return made
}

const attachmentsOf = ({ networkConfiguration, attachmentUuid }: NewTask): Task['attachments'] => {
  if (networkConfiguration?.awsvpcConfiguration === undefined) return []
  assert(attachmentUuid !== undefined, 'newTask: a network configuration without an attachmentUuid')
  return [newNetworkInterface(attachmentUuid, networkConfiguration)]
}

// As ECS answers them: an entry a container, whether it has overrides or not.
const fullOverrides = (definition: TaskDefinition, overrides: TaskOverride | undefined): TaskOverride => ({
  ...overrides,
  containerOverrides: definition.containerDefinitions.map(
    container =>
      overrides?.containerOverrides?.find(override => override.name === container.name) ?? { name: container.name },
  ),
  inferenceAcceleratorOverrides: [],
})

export type NewServiceTask = Pick<
  NewTask,
  'definition' | 'id' | 'containerUuids' | 'attachmentUuid' | 'capacityProviderName' | 'now'
> & {
  readonly service: Service
  readonly deployment: Deployment
}

/** A task of a service's deployment, PROVISIONING without a host. `definition` is the deployment's. */
export const newServiceTask = ({ service, deployment, ...own }: NewServiceTask): Task =>
  newTask({
    ...own,
    clusterArn: service.clusterArn,
    group: taskGroupOf(service),
    startedBy: deployment.id,
    service: { serviceArn: service.arn, deploymentId: deployment.id },
    launchType: deployment.launchType,
    tags: taskTags({ ...service, own: [], definition: own.definition, service }),
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    networkConfiguration: deployment.networkConfiguration,
  })
