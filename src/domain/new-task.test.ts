import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newServiceTask, newTask } from './new-task.ts'
import type { Deployment, Service } from './service.ts'
import type { TaskDefinition } from './task-definition.ts'

const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/default'
const ID = '0123456789abcdef0123456789abcdef'

const definition: TaskDefinition = {
  arn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:3',
  family: 'web',
  revision: 3,
  status: 'ACTIVE',
  containerDefinitions: [
    {
      name: 'app',
      image: 'app:1',
      cpu: 100,
      memory: 128,
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      portMappings: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }],
      healthCheck: { command: ['CMD', 'true'] },
    },
    { name: 'log', image: 'log:1', memoryReservation: 32, essential: false },
  ],
  volumes: [],
  placementConstraints: [],
  requiresAttributes: [],
  compatibilities: ['EC2'],
  tags: [{ key: 'from', value: 'definition' }],
  registeredAt: 0,
  registeredBy: 'root',
}

const spec = {
  definition,
  clusterArn: CLUSTER,
  id: ID,
  containerUuids: ['u1', 'u2'],
  group: 'family:web',
  launchType: 'EC2',
  tags: [],
  placementConstraints: [],
  placementStrategy: [],
  now: 7,
} as const

test('a task without a host is PROVISIONING and sums up its containers', () => {
  const task = newTask(spec)
  assert.equal(task.arn, `arn:aws:ecs:us-east-1:123456789012:task/default/${ID}`)
  assert.deepEqual(
    [task.lastStatus, task.desiredStatus, task.version, task.createdAt],
    ['PROVISIONING', 'RUNNING', 1, 7],
  )
  assert.deepEqual(task.reservation, { cpu: 100, memory: 160, ports: [8080], portsUdp: [] })
  assert.deepEqual([task.cpu, task.memory], ['100', '160'])
  assert.deepEqual(task.overrides, {
    containerOverrides: [{ name: 'app' }, { name: 'log' }],
    inferenceAcceleratorOverrides: [],
  })
  const [app, log] = task.containers
  assert.equal(app?.containerArn, `arn:aws:ecs:us-east-1:123456789012:container/default/${ID}/u1`)
  assert.deepEqual([app?.cpu, app?.memory, app?.essential, app?.hasHealthCheck], ['100', '128', true, true])
  assert.deepEqual([log?.cpu, log?.memoryReservation, log?.essential, log?.hasHealthCheck], ['0', '32', false, false])
})

test('with a host it is PENDING there', () => {
  const host = { containerInstanceArn: 'instance', availabilityZone: 'us-east-1a' }
  const task = newTask({ ...spec, host })
  assert.deepEqual(
    [task.lastStatus, task.containerInstanceArn, task.availabilityZone],
    ['PENDING', 'instance', 'us-east-1a'],
  )
})

test('overrides count and are kept', () => {
  const override = { name: 'app', cpu: 200, memory: 256, environment: [{ name: 'A', value: '9' }] }
  const task = newTask({ ...spec, overrides: { containerOverrides: [override] } })
  assert.deepEqual([task.reservation.cpu, task.reservation.memory], [200, 288])
  assert.deepEqual(task.overrides.containerOverrides, [override, { name: 'log' }])
  assert.equal(task.containers[0]?.memory, '256')
  const sized = newTask({ ...spec, overrides: { cpu: '512', memory: '1024' } })
  assert.deepEqual([sized.cpu, sized.memory, sized.reservation.cpu], ['512', '1024', 512])
})

const service: Service = {
  arn: 'arn:aws:ecs:us-east-1:123456789012:service/default/shop',
  name: 'shop',
  clusterArn: CLUSTER,
  status: 'ACTIVE',
  desiredCount: 1,
  taskDefinitionArn: definition.arn,
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: {},
  deploymentController: { type: 'ECS' },
  placementConstraints: [],
  placementStrategy: [{ type: 'random' }],
  enableECSManagedTags: true,
  propagateTags: 'SERVICE',
  enableExecuteCommand: false,
  availabilityZoneRebalancing: 'DISABLED',
  createdBy: 'root',
  createdAt: 0,
  tags: [{ key: 'from', value: 'service' }],
}

const deployment: Deployment = {
  id: 'ecs-svc/0123456789012345678',
  serviceArn: service.arn,
  clusterArn: CLUSTER,
  status: 'PRIMARY',
  taskDefinitionArn: definition.arn,
  launchType: 'EC2',
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: '',
  failedTasks: 0,
  consecutiveFailures: 0,
  createdAt: 0,
  updatedAt: 0,
}

test("a service's task carries its deployment, group, placement and tags", () => {
  const { id, containerUuids, now } = spec
  const task = newServiceTask({ service, deployment, definition, id, containerUuids, now })
  assert.deepEqual(
    [task.group, task.startedBy, task.serviceArn, task.deploymentId],
    ['service:shop', deployment.id, service.arn, deployment.id],
  )
  assert.deepEqual(task.placementStrategy, [{ type: 'random' }])
  assert.deepEqual(task.tags, [
    { key: 'from', value: 'service' },
    { key: 'aws:ecs:clusterName', value: 'default' },
    { key: 'aws:ecs:serviceName', value: 'shop' },
  ])
  const fromDefinition = newServiceTask({
    service: { ...service, propagateTags: 'TASK_DEFINITION', enableECSManagedTags: false },
    deployment,
    definition,
    id,
    containerUuids,
    now,
  })
  assert.deepEqual(fromDefinition.tags, definition.tags)
})
