import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { newTask } from '../../../domain/new-task.ts'
import type { Service } from '../../../domain/service.ts'
import { clusters, containerInstances, services, taskDefinitions, tasks } from '../../../store/tables.ts'
import { registerTaskDefinition } from '../task-definition/register-task-definition.ts'
import { type TestEcs, testEcs } from '../test-ecs.ts'
import { createCluster } from './create-cluster.ts'
import { deleteCluster } from './delete-cluster.ts'
import { describeClusters } from './describe-clusters.ts'
import { listClusters } from './list-clusters.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'

test('CreateCluster answers the cluster, default when unnamed', async () => {
  const { call } = await testEcs()
  const created = await call(createCluster, { tags: [{ key: 'team', value: 'a' }] })
  assert.deepEqual(created, {
    cluster: {
      clusterArn: `${ARN}:cluster/default`,
      clusterName: 'default',
      status: 'ACTIVE',
      registeredContainerInstancesCount: 0,
      runningTasksCount: 0,
      pendingTasksCount: 0,
      activeServicesCount: 0,
      statistics: [],
      tags: [{ key: 'team', value: 'a' }],
      settings: [{ name: 'containerInsights', value: 'disabled' }],
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
    },
  })
})

test('CreateCluster answers the ACTIVE cluster of that name, and starts a deleted one anew', async () => {
  const { call, store, clock } = await testEcs()
  await call(createCluster, { clusterName: 'a', tags: [{ key: 'first', value: '' }] })
  const again = await call(createCluster, { clusterName: 'a', tags: [{ key: 'second', value: '' }] })
  assert.deepEqual(again.cluster?.tags, [{ key: 'first', value: '' }])
  await call(deleteCluster, { cluster: 'a' })
  await clock.advance(1000)
  const anew = await call(createCluster, { clusterName: 'a' })
  assert.deepEqual([anew.cluster?.status, anew.cluster?.tags], ['ACTIVE', []])
  assert.equal(store.get(clusters, `${ARN}:cluster/a`)?.createdAt, clock.now())
})

test('CreateCluster refuses bad names and what nothing acts on', async () => {
  const { call, store } = await testEcs()
  const refused = (input: Parameters<ReturnType<typeof createCluster>>[1], message: string | RegExp) =>
    assert.rejects(call(createCluster, input), { code: 'InvalidParameterException', message })
  await refused({ clusterName: 'a b' }, 'clusterName contains invalid characters.')
  await refused({ clusterName: 'a'.repeat(256) }, 'clusterName longer than 255.')
  await refused({ capacityProviders: ['none'] }, /'none' is not in an ACTIVE state/)
  await refused(
    { defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
    /not associated with the cluster/,
  )
  await refused(
    { configuration: { executeCommandConfiguration: { logging: 'NONE' } } },
    /'configuration.executeCommandConfiguration'/,
  )
  await refused({ serviceConnectDefaults: { namespace: 'a' } }, /'serviceConnectDefaults'/)
  await refused({ settings: [{ name: 'containerInsights', value: 'maybe' }] }, /not valid/)
  assert.equal(store.size(clusters), 0)
  const neutral = {
    capacityProviders: [],
    configuration: {},
    settings: [{ name: 'containerInsights' as const, value: 'disabled' }],
  }
  assert.equal((await call(createCluster, { clusterName: 'a'.repeat(255), ...neutral })).cluster?.status, 'ACTIVE')
})

test('DescribeClusters: counts, include, INACTIVE and MISSING', async () => {
  const ecs = await testEcs()
  const { call } = ecs
  await call(createCluster, { tags: [{ key: 'k', value: 'v' }] })
  await call(createCluster, { clusterName: 'old' })
  await call(deleteCluster, { cluster: 'old' })
  await put(ecs)

  const plain = await call(describeClusters, {})
  const [cluster] = plain.clusters ?? []
  assert.deepEqual(
    [
      cluster?.registeredContainerInstancesCount,
      cluster?.runningTasksCount,
      cluster?.pendingTasksCount,
      cluster?.activeServicesCount,
    ],
    [1, 1, 1, 1],
  )
  assert.deepEqual([cluster?.statistics, cluster?.tags, cluster?.settings], [[], [], []])
  assert.equal(cluster && 'attachments' in cluster, false)

  const full = await call(describeClusters, {
    clusters: ['default'],
    include: ['STATISTICS', 'TAGS', 'SETTINGS', 'ATTACHMENTS', 'CONFIGURATIONS'],
  })
  const [described] = full.clusters ?? []
  assert.deepEqual(described?.tags, [{ key: 'k', value: 'v' }])
  assert.deepEqual(described?.settings, [{ name: 'containerInsights', value: 'disabled' }])
  assert.deepEqual(described?.attachments, [])
  assert.deepEqual(described?.statistics, [
    { name: 'runningEC2TasksCount', value: '1' },
    { name: 'RunningFargateTasksCount', value: '0' },
    { name: 'pendingEC2TasksCount', value: '0' },
    { name: 'pendingFargateTasksCount', value: '1' },
    { name: 'activeEC2ServiceCount', value: '1' },
    { name: 'activeFargateServiceCount', value: '0' },
    { name: 'drainingEC2ServiceCount', value: '0' },
    { name: 'drainingFargateServiceCount', value: '0' },
  ])

  const others = await call(describeClusters, { clusters: ['old', 'none', `${ARN}:cluster/old`] })
  assert.deepEqual(
    others.clusters?.map(one => [one.clusterName, one.status]),
    [['old', 'INACTIVE']],
  )
  assert.deepEqual(others.failures, [{ arn: `${ARN}:cluster/none`, reason: 'MISSING' }])

  const many = Array.from({ length: 101 }, (_, i) => `c${i}`)
  await assert.rejects(call(describeClusters, { clusters: many }), { code: 'InvalidParameterException' })
})

test('DeleteCluster refuses while instances, services or tasks are in it', async () => {
  const ecs = await testEcs()
  const { call, store } = ecs
  await call(createCluster, {})
  const { instance, service, running, pending } = await put(ecs)
  const refused = (code: string, message: string) =>
    assert.rejects(call(deleteCluster, { cluster: 'default' }), { code, message })
  await refused(
    'ClusterContainsContainerInstancesException',
    'The Cluster cannot be deleted while Container Instances are active or draining.',
  )
  await store.write(tx => tx.put(containerInstances, { ...instance, status: 'INACTIVE' }))
  await refused('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
  await store.write(tx => tx.put(services, { ...service, status: 'INACTIVE' }))
  await refused('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.')
  await store.write(tx => {
    for (const task of [running, pending]) tx.put(tasks, { ...task, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
  })
  const deleted = await call(deleteCluster, { cluster: 'default' })
  assert.equal(deleted.cluster?.status, 'INACTIVE')
  await refused('ClusterNotFoundException', 'The referenced cluster was inactive.')
  await assert.rejects(call(deleteCluster, { cluster: 'none' }), {
    code: 'ClusterNotFoundException',
    message: 'Cluster not found.',
  })
})

test('ListClusters pages through the ACTIVE clusters of the region', async () => {
  const { call } = await testEcs()
  for (const clusterName of ['a', 'b', 'c', 'd']) await call(createCluster, { clusterName })
  await call(createCluster, { clusterName: 'elsewhere' }, { region: 'eu-west-1' })
  await call(deleteCluster, { cluster: 'b' })
  const first = await call(listClusters, { maxResults: 2 })
  assert.deepEqual(first.clusterArns, [`${ARN}:cluster/a`, `${ARN}:cluster/c`])
  const second = await call(listClusters, { maxResults: 2, nextToken: first.nextToken })
  assert.deepEqual(second, { clusterArns: [`${ARN}:cluster/d`] })
  await assert.rejects(call(listClusters, { maxResults: 101 }), { code: 'InvalidParameterException' })
  await assert.rejects(call(listClusters, { nextToken: 'x' }), { code: 'InvalidParameterException' })
})

/** An instance, a service, a running EC2 task and a pending FARGATE one in the cluster `default`. */
const put = async ({ call, store, clock, dependencies }: TestEcs) => {
  const clusterArn = `${ARN}:cluster/default`
  await call(registerTaskDefinition, { family: 'web', containerDefinitions: [{ name: 'a', image: 'a', memory: 8 }] })
  const definition = store.all(taskDefinitions).next().value
  assert(definition)
  const instance: ContainerInstance = {
    arn: `${ARN}:container-instance/default/${dependencies.ids.hex32()}`,
    id: 'i',
    clusterArn,
    status: 'ACTIVE',
    registered: { cpu: 1024, memory: 1024, ports: [], portsUdp: [] },
    attributes: [],
    availabilityZone: 'a',
    fargateCapacity: false,
    agentConnected: true,
    versionInfo: {},
    tags: [],
    registeredAt: clock.now(),
    version: 1,
    linkSequence: 0,
  }
  const service: Service = {
    arn: `${ARN}:service/default/web`,
    name: 'web',
    clusterArn,
    status: 'ACTIVE',
    desiredCount: 0,
    taskDefinitionArn: definition.arn,
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
    createdBy: 'root',
    createdAt: clock.now(),
    tags: [],
  }
  const task = (launchType: 'EC2' | 'FARGATE') =>
    newTask({
      definition,
      clusterArn,
      id: dependencies.ids.hex32(),
      containerUuids: [dependencies.ids.uuid()],
      group: 'family:web',
      launchType,
      tags: [],
      placementConstraints: [],
      placementStrategy: [],
      now: clock.now(),
    })
  const running = { ...task('EC2'), lastStatus: 'RUNNING' as const }
  const pending = task('FARGATE')
  await store.write(tx => {
    tx.put(containerInstances, instance)
    tx.put(services, service)
    tx.put(tasks, running)
    tx.put(tasks, pending)
  })
  return { instance, service, running, pending }
}
