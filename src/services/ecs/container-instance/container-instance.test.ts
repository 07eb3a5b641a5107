import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { targets } from '../../../store/load-balancing-tables.ts'
import { clusters, containerInstances } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { describeTasks } from '../task/describe-tasks.ts'
import { runTask } from '../task/run-task.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { testEcs } from '../test-ecs.ts'
import { deregisterContainerInstance } from './deregister-container-instance.ts'
import { describeContainerInstances } from './describe-container-instances.ts'
import { listContainerInstances } from './list-container-instances.ts'
import { registerContainerInstance } from './register-container-instance.ts'

const ID = '0'.repeat(32)
const totalResources = [
  { name: 'CPU', type: 'INTEGER', integerValue: 2048 },
  { name: 'MEMORY', type: 'INTEGER', integerValue: 1000 },
  { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2375'] },
  { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
]

describe('RegisterContainerInstance', () => {
  test('makes cluster default on demand, echoes attributes, answers resources', async () => {
    const { call, store, clock } = await testEcs()
    const attributes = [
      { name: 'ecs.os-type', value: 'linux' },
      { name: 'ecs.capability.efs' },
      { name: 'rack', value: ' a ' },
    ]
    const { containerInstance } = await call(registerContainerInstance, {
      totalResources,
      attributes,
      versionInfo: { agentVersion: '1.0.0' },
      tags: [{ key: 'a', value: 'b' }],
    })
    assert.match(
      containerInstance?.containerInstanceArn ?? '',
      new RegExp(`^${ARN}:container-instance/default/[0-9a-f]{32}$`),
    )
    assert.deepEqual(containerInstance?.attributes, [
      ...attributes,
      { name: 'ecs.availability-zone', value: 'us-east-1a' },
    ])
    const numbers = { doubleValue: 0, longValue: 0 }
    assert.deepEqual(containerInstance?.registeredResources, [
      { name: 'CPU', type: 'INTEGER', ...numbers, integerValue: 2048 },
      { name: 'MEMORY', type: 'INTEGER', ...numbers, integerValue: 1000 },
      { name: 'PORTS', type: 'STRINGSET', ...numbers, integerValue: 0, stringSetValue: ['22', '2375'] },
      { name: 'PORTS_UDP', type: 'STRINGSET', ...numbers, integerValue: 0, stringSetValue: [] },
    ])
    assert.deepEqual(containerInstance?.remainingResources, containerInstance?.registeredResources)
    const { status, agentConnected, version, registeredAt, versionInfo, tags } = containerInstance ?? {}
    assert.deepEqual([status, agentConnected, version], ['ACTIVE', false, 1])
    assert.deepEqual([registeredAt, versionInfo?.agentVersion], [new Date(clock.now()), '1.0.0'])
    assert.deepEqual(tags, [{ key: 'a', value: 'b' }])
    assert.equal(store.get(clusters, `${ARN}:cluster/default`)?.status, 'ACTIVE')
  })

  test('with its ARN it keeps identity, link, tags and its operator’s attributes', async () => {
    const { call, store } = await testEcs()
    const capability = { name: 'ecs.capability.efs' }
    const { containerInstance } = await call(registerContainerInstance, {
      totalResources,
      attributes: [capability, { name: 'rack', value: 'a' }, { name: 'stowage.fargate-capacity', value: 'true' }],
      tags: [{ key: 'a', value: 'b' }],
    })
    const arn = containerInstance?.containerInstanceArn ?? ''
    const first = store.get(containerInstances, arn)
    assert.equal(first?.fargateCapacity, true)
    await store.write(tx => first && tx.put(containerInstances, { ...first, linkSequence: 7, agentConnected: true }))
    const again = await call(registerContainerInstance, {
      cluster: 'default',
      containerInstanceArn: arn,
      totalResources: [{ name: 'CPU', type: 'INTEGER', integerValue: 4096 }],
      attributes: [{ name: 'ecs.os-type', value: 'linux' }],
    })
    assert.equal(again.containerInstance?.containerInstanceArn, arn)
    assert.deepEqual(
      again.containerInstance?.attributes?.map(attribute => attribute.name),
      ['rack', 'ecs.os-type', 'ecs.availability-zone'],
    )
    const row = store.get(containerInstances, arn)
    assert.deepEqual([row?.registered.cpu, row?.registered.memory], [4096, 0])
    assert.deepEqual([row?.linkSequence, row?.agentConnected, row?.version], [7, true, 2])
    assert.deepEqual([row?.fargateCapacity, row?.tags], [false, [{ key: 'a', value: 'b' }]])
  })

  test('reads zone and instance id from an identity document, and survives a broken one', async () => {
    const { call } = await testEcs()
    const instanceIdentityDocument = JSON.stringify({ instanceId: 'i-1', availabilityZone: 'us-east-1c' })
    const { containerInstance } = await call(registerContainerInstance, { totalResources, instanceIdentityDocument })
    assert.equal(containerInstance?.ec2InstanceId, 'i-1')
    assert.deepEqual(containerInstance?.attributes, [{ name: 'ecs.availability-zone', value: 'us-east-1c' }])
    for (const document of ['', '{', 'null', '[]', '{"instanceId":1}']) {
      const broken = await call(registerContainerInstance, { totalResources, instanceIdentityDocument: document })
      // A host outside EC2 has an instance id all the same: load balancers' targets are named by it.
      const id = broken.containerInstance?.containerInstanceArn?.slice(-32) ?? ''
      assert.equal(broken.containerInstance?.ec2InstanceId, `i-0${id.slice(0, 16)}`)
    }
  })

  test('with its ARN it may tell another address, and load balancers follow', async () => {
    const { call, store } = await testEcs()
    const at = (value: string) => ({ totalResources, attributes: [{ name: 'stowage.address', value }] })
    const { containerInstance } = await call(registerContainerInstance, at('10.0.0.1'))
    const { containerInstanceArn = '', ec2InstanceId: id = '' } = containerInstance ?? {}
    const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef'
    const target = { targetGroupArn, id, port: 80, address: '10.0.0.1', registeredAt: 1 }
    await store.write(tx => {
      tx.put(targets, target)
      // As a row from before hosts outside EC2 had an instance id.
      const { ec2InstanceId: _, ...row } = tx.get(containerInstances, containerInstanceArn) ?? assert.fail()
      tx.put(containerInstances, row)
    })
    const again = await call(registerContainerInstance, { ...at('10.0.0.2'), cluster: 'default', containerInstanceArn })
    assert.equal(again.containerInstance?.ec2InstanceId, id)
    assert.deepEqual([...store.all(targets)], [{ ...target, address: '10.0.0.2' }])
  })

  test('refuses an unknown cluster, unknown or deregistered instances, bad resources, attributes and tags', async () => {
    const { call } = await testEcs()
    await assert.rejects(call(registerContainerInstance, { cluster: 'no' }), {
      code: 'ClusterNotFoundException',
      message: 'Cluster not found.',
    })
    const refused = (input: Parameters<ReturnType<typeof registerContainerInstance>>[1]) =>
      assert.rejects(call(registerContainerInstance, input), { code: REFUSED })
    await refused({ containerInstanceArn: `${ARN}:container-instance/default/${ID}` })
    await refused({ totalResources: [{ name: 'CPU', type: 'INTEGER', integerValue: -1 }] })
    await refused({ totalResources: [{ name: 'PORTS', type: 'STRINGSET', stringSetValue: ['many'] }] })
    await refused({ attributes: [{ name: '' }] })
    await refused({ tags: [{ key: '', value: '' }] })
    const { containerInstance } = await call(registerContainerInstance, { totalResources })
    const containerInstanceArn = containerInstance?.containerInstanceArn ?? ''
    await call(deregisterContainerInstance, { containerInstance: containerInstanceArn })
    await refused({ containerInstanceArn })
  })
})

describe('DescribeContainerInstances', () => {
  test('counts what tasks take', async () => {
    const { call, join, report } = await testWorkloads()
    const arn = await join()
    const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'web' })
    const describe = async () => {
      const answer = await call(describeContainerInstances, { containerInstances: [arn.slice(-32)] })
      return answer.containerInstances?.[0]
    }
    const pending = await describe()
    assert.deepEqual([pending?.pendingTasksCount, pending?.runningTasksCount, pending?.agentConnected], [1, 0, true])
    const [cpu, memory, ports] = pending?.remainingResources ?? []
    assert.deepEqual([cpu?.integerValue, memory?.integerValue], [2048 - 128, 1024 - 64])
    assert.deepEqual(ports?.stringSetValue, ['22', '8080'])
    await report({ task: task?.taskArn, status: 'RUNNING' })
    assert.deepEqual([(await describe())?.pendingTasksCount, (await describe())?.runningTasksCount], [0, 1])
    await report({ task: task?.taskArn, status: 'STOPPED' })
    const free = await describe()
    assert.deepEqual(free?.remainingResources, free?.registeredResources)
  })

  test('answers what is missing, tags and health when included', async () => {
    const { call, join } = await testWorkloads()
    const arn = await join()
    const { containerInstances: [plain] = [], failures } = await call(describeContainerInstances, {
      containerInstances: [arn, ID],
    })
    assert.deepEqual(failures, [{ arn: `${ARN}:container-instance/default/${ID}`, reason: 'MISSING' }])
    assert.equal(plain?.healthStatus, undefined)
    const { containerInstances: [shown] = [] } = await call(describeContainerInstances, {
      containerInstances: [arn],
      include: ['TAGS', 'CONTAINER_INSTANCE_HEALTH'],
    })
    assert.equal(shown?.healthStatus?.overallStatus, 'INSUFFICIENT_DATA')
  })

  test('refuses none, more than 100, and an unknown cluster', async () => {
    const { call } = await testWorkloads()
    const describe = (containerInstances: string[], cluster?: string) =>
      call(describeContainerInstances, { containerInstances, cluster })
    await assert.rejects(describe([]), { code: REFUSED })
    await assert.rejects(describe(Array.from({ length: 101 }, () => ID)), { code: REFUSED })
    await assert.rejects(describe([ID], 'no'), { code: 'ClusterNotFoundException' })
  })
})

describe('ListContainerInstances', () => {
  test('lists a cluster’s own by status, page by page', async () => {
    const { call, join, store } = await testWorkloads()
    await call(createCluster, { clusterName: 'other' })
    const own = [await join(), await join(), await join()].toSorted()
    await join({ cluster: 'other' })
    assert.deepEqual((await call(listContainerInstances, {})).containerInstanceArns, own)
    const first = await call(listContainerInstances, { maxResults: 2 })
    const second = await call(listContainerInstances, { maxResults: 2, nextToken: first.nextToken })
    assert.deepEqual([...(first.containerInstanceArns ?? []), ...(second.containerInstanceArns ?? [])], own)
    const draining = own[0] ?? ''
    const row = store.get(containerInstances, draining)
    await store.write(tx => row && tx.put(containerInstances, { ...row, status: 'DRAINING' }))
    const byStatus = await call(listContainerInstances, { status: 'DRAINING' })
    assert.deepEqual(byStatus.containerInstanceArns, [draining])
  })

  test('refuses filters, page sizes and clusters that are not there', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(listContainerInstances, { filter: 'agentConnected' }), { code: REFUSED })
    await assert.rejects(call(listContainerInstances, { maxResults: 0 }), { code: REFUSED })
    await assert.rejects(call(listContainerInstances, { cluster: 'no' }), { code: 'ClusterNotFoundException' })
  })
})

describe('DeregisterContainerInstance', () => {
  test('an idle instance leaves, and is described INACTIVE, not listed', async () => {
    const { call, join } = await testWorkloads()
    const arn = await join()
    const { containerInstance } = await call(deregisterContainerInstance, { containerInstance: arn })
    assert.deepEqual([containerInstance?.status, containerInstance?.agentConnected], ['INACTIVE', false])
    assert.deepEqual((await call(listContainerInstances, {})).containerInstanceArns, [])
    const { containerInstances: [left] = [] } = await call(describeContainerInstances, { containerInstances: [arn] })
    assert.equal(left?.status, 'INACTIVE')
    const again = await call(deregisterContainerInstance, { containerInstance: arn })
    assert.equal(again.containerInstance?.version, containerInstance?.version)
  })

  test('one with tasks leaves by force, and its tasks are let go', async () => {
    const { call, join } = await testWorkloads()
    const arn = await join()
    const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'web' })
    await assert.rejects(call(deregisterContainerInstance, { containerInstance: arn }), {
      code: REFUSED,
      message: 'Found running tasks on the instance.',
    })
    await call(deregisterContainerInstance, { containerInstance: arn, force: true })
    const { tasks: [orphan] = [] } = await call(describeTasks, { tasks: [task?.taskArn ?? ''] })
    assert.deepEqual([orphan?.lastStatus, orphan?.desiredStatus], ['STOPPED', 'STOPPED'])
    assert.equal(orphan?.stoppedReason, 'Container instance deregistration forced by user')
  })

  test('refuses what is not there', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(deregisterContainerInstance, { containerInstance: ID }), { code: REFUSED })
    await assert.rejects(call(deregisterContainerInstance, { containerInstance: ID, cluster: 'no' }), {
      code: 'ClusterNotFoundException',
    })
  })
})
