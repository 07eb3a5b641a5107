// Rows for tests of the loops: a test sets what matters to it, the rest is as CreateService and agents leave it.
import type { ContainerInstance } from '../../domain/container-instance.ts'
import { newServiceTask } from '../../domain/new-task.ts'
import { type Deployment, rolloutReason, type Service, serviceTargetsOf } from '../../domain/service.ts'
import type { Task, TaskContainer } from '../../domain/task.ts'
import type { TaskDefinition } from '../../domain/task-definition.ts'

export const SCOPE = 'arn:aws:ecs:us-east-1:000000000000'
export const CLUSTER = `${SCOPE}:cluster/default`
export const T0 = 1_760_000_000_000

export const definitionRow = (more: Partial<TaskDefinition> = {}): TaskDefinition => ({
  arn: `${SCOPE}:task-definition/web:1`,
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  containerDefinitions: [{ name: 'app', image: 'busybox', cpu: 100, memory: 64, essential: true }],
  volumes: [],
  placementConstraints: [],
  requiresAttributes: [],
  compatibilities: ['EC2'],
  tags: [],
  registeredAt: T0,
  registeredBy: 'arn:aws:iam::000000000000:root',
  ...more,
})

export const serviceRow = (more: Partial<Service> = {}): Service => ({
  arn: `${SCOPE}:service/default/${more.name ?? 'web'}`,
  name: 'web',
  clusterArn: CLUSTER,
  status: 'ACTIVE',
  desiredCount: 1,
  taskDefinitionArn: `${SCOPE}:task-definition/web:1`,
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: {},
  deploymentController: { type: 'ECS' },
  placementConstraints: [],
  placementStrategy: [],
  enableECSManagedTags: false,
  propagateTags: 'NONE',
  enableExecuteCommand: false,
  availabilityZoneRebalancing: 'DISABLED',
  createdBy: 'arn:aws:iam::000000000000:root',
  createdAt: T0,
  tags: [],
  ...more,
})

export const deploymentRow = (service: Service, more: Partial<Deployment> = {}): Deployment => {
  const id = more.id ?? 'ecs-svc/0000000000000000001'
  return {
    id,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    status: 'PRIMARY',
    taskDefinitionArn: service.taskDefinitionArn,
    launchType: service.launchType,
    ...(service.loadBalancers === undefined ? {} : { loadBalancers: serviceTargetsOf(service) }),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: rolloutReason(id, 'IN_PROGRESS'),
    failedTasks: 0,
    consecutiveFailures: 0,
    createdAt: T0,
    updatedAt: T0,
    ...more,
  }
}

/** Older than the PRIMARY, rolled out once. */
export const olderRow = (service: Service, more: Partial<Deployment> = {}): Deployment =>
  deploymentRow(service, {
    id: 'ecs-svc/0000000000000000000',
    status: 'ACTIVE',
    rolloutState: 'COMPLETED',
    createdAt: T0 - 60_000,
    ...more,
  })

export const taskRow = (
  service: Service,
  deployment: Deployment,
  id: string,
  more: Partial<Task> & { readonly container?: Partial<TaskContainer> } = {},
): Task => {
  const { container, ...rest } = more
  const made = newServiceTask({
    service,
    deployment,
    definition: definitionRow(),
    id: id.padStart(32, '0'),
    containerUuids: [`uuid-${id}`],
    now: T0,
  })
  const containers = made.containers.map(one => ({ ...one, ...container }))
  return { ...made, containers, ...rest }
}

export const runningRow = (
  service: Service,
  deployment: Deployment,
  id: string,
  more: Parameters<typeof taskRow>[3] = {},
) =>
  taskRow(service, deployment, id, {
    lastStatus: 'RUNNING',
    startedAt: T0,
    containerInstanceArn: instanceArn('a'),
    availabilityZone: 'us-east-1a',
    ...more,
  })

export const instanceArn = (name: string): string => `${SCOPE}:container-instance/default/${name}`

export const instanceRow = (name: string, more: Partial<ContainerInstance> = {}): ContainerInstance => ({
  arn: instanceArn(name),
  id: name,
  clusterArn: CLUSTER,
  status: 'ACTIVE',
  registered: { cpu: 1024, memory: 1024, ports: [22], portsUdp: [] },
  attributes: [],
  availabilityZone: 'us-east-1a',
  fargateCapacity: false,
  agentConnected: true,
  versionInfo: {},
  tags: [],
  registeredAt: T0,
  version: 1,
  linkSequence: 0,
  ...more,
})
