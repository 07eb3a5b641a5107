import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { newServiceTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import {
  deployments,
  serviceEvents,
  services,
  taskDefinitionKey,
  taskDefinitions,
  tasks,
} from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { ARN, ON_FARGATE, REFUSED, SIZED, type TestWorkloads, testWorkloads } from '../task/test-workloads.ts'
import { deregisterTaskDefinition } from '../task-definition/deregister-task-definition.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServices } from './describe-services.ts'
import { listServices } from './list-services.ts'
import { updateService } from './update-service.ts'

const SHOP = `${ARN}:service/default/shop`
const shop = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }

/** Tasks of the service's PRIMARY deployment, as the deployment loop would have made them, each with this change. */
const giveTasks = async ({ store, clock, dependencies: { ids } }: TestWorkloads, ...changes: Partial<Task>[]) => {
  const service = store.get(services, SHOP)
  const primary = [...store.byIndex(deployments, 'liveByService', SHOP)].find(row => row.status === 'PRIMARY')
  const definition = store.get(taskDefinitions, taskDefinitionKey('us-east-1', 'web', 1))
  assert.ok(service && primary && definition)
  await store.write(tx => {
    for (const change of changes) {
      const made = { id: ids.hex32(), containerUuids: [ids.uuid()], now: clock.now() }
      tx.put(tasks, { ...newServiceTask({ service, deployment: primary, definition, ...made }), ...change })
    }
  })
}

describe('UpdateService', () => {
  test('scaling begins no deployment, and ends the wait after failed starts', async () => {
    const { call, store } = await testWorkloads()
    await call(createService, shop)
    const [row] = [...store.all(deployments)]
    assert.ok(row)
    await store.write(tx =>
      tx.put(deployments, { ...row, notBefore: 9e15, lastFailureAt: 1, consecutiveFailures: 4, failedTasks: 4 }),
    )
    const { service } = await call(updateService, { service: 'shop', desiredCount: 7 })
    assert.deepEqual([service?.desiredCount, service?.deployments?.length], [7, 1])
    assert.deepEqual([service?.deployments?.[0]?.desiredCount, service?.deployments?.[0]?.failedTasks], [7, 4])
    const renewed = store.get(deployments, row.id)
    assert.deepEqual(
      [renewed?.notBefore, renewed?.lastFailureAt, renewed?.consecutiveFailures],
      [undefined, undefined, 0],
    )
  })

  test('other placement rules begin no deployment, but hold for tasks that wait for a host', async () => {
    const ecs = await testWorkloads()
    const { call, store } = ecs
    const rules = { placementConstraints: [{ type: 'memberOf', expression: 'attribute:gone exists' }] } as const
    await call(createService, { ...shop, placementConstraints: [...rules.placementConstraints] })
    const waits: Partial<Task> = { placementExplanation: 'None of 1 container instances will do' }
    const placed: Partial<Task> = { lastStatus: 'PENDING', containerInstanceArn: 'i' }
    await giveTasks(ecs, waits, placed)
    const rulesOf = () =>
      [...store.all(tasks)].map(task => [
        task.containerInstanceArn,
        task.placementConstraints.length,
        task.placementStrategy.length,
        task.placementExplanation,
      ])
    const old = ['i', 1, 0, undefined]
    await call(updateService, {
      service: 'shop',
      desiredCount: 3,
      placementConstraints: [...rules.placementConstraints],
    })
    assert.deepEqual(rulesOf().sort(), [[undefined, 1, 0, waits.placementExplanation], old].sort())
    const { service } = await call(updateService, {
      service: 'shop',
      placementConstraints: [],
      placementStrategy: [{ type: 'random' }],
      availabilityZoneRebalancing: 'DISABLED',
    })
    assert.equal(service?.deployments?.length, 1)
    assert.deepEqual(rulesOf().sort(), [[undefined, 0, 1, undefined], old].sort())
  })

  test('another task definition begins one; the PRIMARY before it becomes ACTIVE', async () => {
    const ecs = await testWorkloads()
    const { call, define, clock } = ecs
    await call(createService, shop)
    await giveTasks(ecs, { lastStatus: 'RUNNING' }, { lastStatus: 'PENDING' })
    await define()
    await clock.advance(1000)
    const { service } = await call(updateService, { service: SHOP, taskDefinition: 'web' })
    assert.equal(service?.taskDefinition, `${ARN}:task-definition/web:2`)
    assert.deepEqual(
      service?.deployments?.map(({ status, taskDefinition, desiredCount, runningCount, pendingCount }) => ({
        status,
        revision: taskDefinition?.at(-1),
        counts: [desiredCount, runningCount, pendingCount],
      })),
      [
        { status: 'PRIMARY', revision: '2', counts: [0, 0, 0] },
        { status: 'ACTIVE', revision: '1', counts: [2, 1, 1] },
      ],
    )
  })

  test('the same task definition begins none, unless it is forced', async () => {
    const { call } = await testWorkloads()
    await call(createService, shop)
    const same = await call(updateService, { service: 'shop', taskDefinition: 'web:1' })
    assert.equal(same.service?.deployments?.length, 1)
    const forced = await call(updateService, { service: 'shop', forceNewDeployment: true })
    assert.equal(forced.service?.deployments?.length, 2)
  })

  test('a platform version begins one on FARGATE', async () => {
    const { call, define } = await testWorkloads()
    await define(SIZED)
    await call(createService, { ...shop, ...ON_FARGATE })
    const { service } = await call(updateService, { service: 'shop', platformVersion: '1.4.0' })
    assert.deepEqual([service?.platformVersion, service?.deployments?.length], ['1.4.0', 2])
  })

  test('changes what it is given and keeps the rest', async () => {
    const { call } = await testWorkloads()
    await call(createService, { ...shop, deploymentConfiguration: { maximumPercent: 150 } })
    const { service } = await call(updateService, {
      service: 'shop',
      deploymentConfiguration: { minimumHealthyPercent: 50 },
      placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
      healthCheckGracePeriodSeconds: 30,
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
    })
    const { maximumPercent, minimumHealthyPercent } = service?.deploymentConfiguration ?? {}
    assert.deepEqual([maximumPercent, minimumHealthyPercent], [150, 50])
    const placed = service?.placementStrategy?.[0]?.field
    assert.deepEqual([placed, service?.healthCheckGracePeriodSeconds], ['attribute:ecs.availability-zone', 30])
    assert.deepEqual([service?.propagateTags, service?.enableECSManagedTags], ['SERVICE', true])
    assert.deepEqual([service?.desiredCount, service?.deployments?.length], [2, 1])
  })

  test('a service whose definition was deregistered can still be scaled', async () => {
    const { call } = await testWorkloads()
    await call(createService, shop)
    await call(deregisterTaskDefinition, { taskDefinition: 'web:1' })
    const { service } = await call(updateService, { service: 'shop', desiredCount: 1 })
    assert.equal(service?.desiredCount, 1)
    await assert.rejects(call(updateService, { service: 'shop', taskDefinition: 'web:1' }), { code: 'ClientException' })
  })

  const table: readonly (readonly [name: string, input: Omit<UpdateServiceRequest, 'service'>, code: string])[] = [
    ['an unknown cluster', { cluster: 'no' }, 'ClusterNotFoundException'],
    ['an unknown definition', { taskDefinition: 'no' }, 'ClientException'],
    ['a negative count', { desiredCount: -1 }, REFUSED],
    ['a blocking configuration', { deploymentConfiguration: { maximumPercent: 100 } }, REFUSED],
    ['a platform version on EC2', { platformVersion: '1.4.0' }, REFUSED],
  ]
  for (const [name, input, code] of table)
    test(`refuses ${name}`, async () => {
      const { call, store } = await testWorkloads()
      await call(createService, shop)
      const before = store.get(services, SHOP)
      await assert.rejects(call(updateService, { service: 'shop', ...input }), { code })
      assert.equal(store.get(services, SHOP), before)
    })

  test('refuses a service that is not there or not ACTIVE', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(updateService, { service: 'shop' }), {
      code: 'ServiceNotFoundException',
      message: 'Service not found.',
    })
    await call(createService, shop)
    await call(deleteService, { service: 'shop', force: true })
    await assert.rejects(call(updateService, { service: 'shop', desiredCount: 1 }), {
      code: 'ServiceNotActiveException',
      message: 'Service was not ACTIVE.',
    })
  })
})

describe('DescribeServices', () => {
  test('counts tasks, and answers by name and ARN what is there and what is missing', async () => {
    const ecs = await testWorkloads()
    const { call } = ecs
    await call(createService, { ...shop, tags: [{ key: 'a', value: 'b' }] })
    await giveTasks(ecs, { lastStatus: 'RUNNING' }, { lastStatus: 'PENDING' }, { lastStatus: 'STOPPED' })
    const answer = await call(describeServices, { services: ['shop', SHOP, 'no'] })
    assert.deepEqual(
      answer.services?.map(({ runningCount, pendingCount, tags }) => [runningCount, pendingCount, tags]),
      [
        [1, 1, undefined],
        [1, 1, undefined],
      ],
    )
    assert.deepEqual(answer.failures, [{ arn: `${ARN}:service/default/no`, reason: 'MISSING' }])
    const tagged = await call(describeServices, { services: ['shop'], include: ['TAGS'] })
    assert.deepEqual(tagged.services?.[0]?.tags, [{ key: 'a', value: 'b' }])
  })

  test('shows the 100 newest events, newest first', async () => {
    const { call, store, clock } = await testWorkloads()
    await call(createService, shop)
    await store.write(tx => {
      for (let sequence = 1; sequence <= 120; sequence++)
        tx.put(serviceEvents, {
          id: `e${sequence}`,
          serviceArn: SHOP,
          sequence,
          createdAt: clock.now(),
          message: `event ${sequence}`,
        })
    })
    const { services: [service] = [] } = await call(describeServices, { services: ['shop'] })
    assert.equal(service?.events?.length, 100)
    assert.deepEqual([service?.events?.[0]?.message, service?.events?.[99]?.message], ['event 120', 'event 21'])
  })

  test('refuses none, more than ten, and an unknown cluster', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(describeServices, { services: [] }), {
      code: REFUSED,
      message: 'Services cannot be empty.',
    })
    await assert.rejects(call(describeServices, { services: Array.from({ length: 11 }, () => 'a') }), { code: REFUSED })
    await assert.rejects(call(describeServices, { services: ['a'], cluster: 'no' }), {
      code: 'ClusterNotFoundException',
    })
  })
})

describe('ListServices', () => {
  test('lists ACTIVE services of one cluster, ten a page', async () => {
    const { call } = await testWorkloads()
    await call(createCluster, { clusterName: 'other' })
    for (let at = 0; at < 12; at++)
      await call(createService, { ...shop, serviceName: `s${at.toString().padStart(2, '0')}` })
    await call(createService, { ...shop, cluster: 'other' })
    await call(deleteService, { service: 's03', force: true })
    const first = await call(listServices, {})
    assert.equal(first.serviceArns?.length, 10)
    const second = await call(listServices, { nextToken: first.nextToken })
    assert.deepEqual([second.serviceArns, second.nextToken], [[`${ARN}:service/default/s11`], undefined])
    assert.equal((await call(listServices, { maxResults: 100 })).serviceArns?.length, 11)
    assert.deepEqual((await call(listServices, { launchType: 'FARGATE' })).serviceArns, [])
    assert.deepEqual((await call(listServices, { schedulingStrategy: 'DAEMON' })).serviceArns, [])
    assert.equal((await call(listServices, { schedulingStrategy: 'REPLICA' })).serviceArns?.length, 10)
    assert.deepEqual((await call(listServices, { resourceManagementType: 'ECS' })).serviceArns, [])
  })

  test('refuses page sizes and clusters that are not there', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(listServices, { maxResults: 101 }), { code: REFUSED })
    await assert.rejects(call(listServices, { cluster: 'no' }), { code: 'ClusterNotFoundException' })
  })
})

describe('DeleteService', () => {
  test('a service scaled to 0, or any by force, is DRAINING; again is the same', async () => {
    const { call } = await testWorkloads()
    await call(createService, shop)
    await assert.rejects(call(deleteService, { service: 'shop' }), {
      code: REFUSED,
      message: 'The service cannot be stopped while it is scaled above 0.',
    })
    const { service } = await call(deleteService, { service: 'shop', force: true })
    assert.deepEqual([service?.status, service?.desiredCount], ['DRAINING', 0])
    assert.equal((await call(deleteService, { service: 'shop' })).service?.status, 'DRAINING')
    await call(createService, { ...shop, serviceName: 'empty', desiredCount: 0 })
    assert.equal((await call(deleteService, { service: 'empty' })).service?.status, 'DRAINING')
  })

  test('refuses what is not there', async () => {
    const { call, store } = await testWorkloads()
    await assert.rejects(call(deleteService, { service: 'shop' }), { code: 'ServiceNotFoundException' })
    await assert.rejects(call(deleteService, { service: 'shop', cluster: 'no' }), { code: 'ClusterNotFoundException' })
    await call(createService, shop)
    const row = store.get(services, SHOP)
    await store.write(tx => row && tx.put(services, { ...row, status: 'INACTIVE' }))
    await assert.rejects(call(deleteService, { service: 'shop', force: true }), { code: 'ServiceNotFoundException' })
  })
})
