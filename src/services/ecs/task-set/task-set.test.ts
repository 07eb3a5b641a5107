import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateServiceRequest, CreateTaskSetRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { deployments, services } from '../../../store/tables.ts'
import { createService } from '../service/create-service.ts'
import { deleteService } from '../service/delete-service.ts'
import { describeServices } from '../service/describe-services.ts'
import { updateService } from '../service/update-service.ts'
import { listTagsForResource } from '../tag/list-tags-for-resource.ts'
import { tagResource } from '../tag/tag-resource.ts'
import { ARN, REFUSED, type TestWorkloads, testWorkloads } from '../task/test-workloads.ts'
import { createTaskSet } from './create-task-set.ts'
import { deleteTaskSet } from './delete-task-set.ts'
import { describeTaskSets } from './describe-task-sets.ts'
import { updateServicePrimaryTaskSet } from './update-service-primary-task-set.ts'
import { updateTaskSet } from './update-task-set.ts'

const SHOP = `${ARN}:service/default/shop`
const shop: CreateServiceRequest = {
  serviceName: 'shop',
  desiredCount: 3,
  deploymentController: { type: 'EXTERNAL' },
}
const named = { cluster: 'default', service: 'shop' }

const withShop = async (): Promise<TestWorkloads> => {
  const ecs = await testWorkloads()
  await ecs.call(createService, shop)
  return ecs
}

const create = async ({ call }: TestWorkloads, more: Partial<CreateTaskSetRequest> = {}): Promise<string> => {
  const { taskSet } = await call(createTaskSet, { ...named, taskDefinition: 'web', ...more })
  return taskSet?.id ?? ''
}

describe('a service with the EXTERNAL deployment controller', () => {
  test('begins without deployment, and is the same when asked for again', async () => {
    const { call, store } = await testWorkloads()
    const { service } = await call(createService, shop)
    assert.deepEqual(
      [service?.deployments, service?.taskSets, service?.taskDefinition, service?.launchType],
      [[], [], undefined, undefined],
    )
    assert.deepEqual(service?.deploymentController, { type: 'EXTERNAL' })
    assert.equal(store.size(deployments), 0)
    assert.equal((await call(createService, shop)).service?.serviceArn, SHOP)
  })

  const refused: readonly (readonly [name: string, input: Partial<CreateServiceRequest>])[] = [
    ['a task definition', { taskDefinition: 'web' }],
    ['a launch type', { launchType: 'EC2' }],
    ['DAEMON', { schedulingStrategy: 'DAEMON', desiredCount: undefined }],
    ['a circuit breaker', { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } }],
  ]
  for (const [name, input] of refused)
    test(`refuses ${name}`, async () => {
      const { call } = await testWorkloads()
      await assert.rejects(call(createService, { ...shop, ...input }), { code: REFUSED })
    })

  test('takes another desired count, but nothing that a task set has', async () => {
    const ecs = await withShop()
    const id = await create(ecs, { scale: { value: 50, unit: 'PERCENT' } })
    const { service } = await ecs.call(updateService, { service: 'shop', desiredCount: 9 })
    assert.deepEqual([service?.desiredCount, service?.taskSets?.[0]?.computedDesiredCount], [9, 5])
    assert.equal(service?.taskSets?.[0]?.id, id)
    const table: readonly Partial<UpdateServiceRequest>[] = [
      { taskDefinition: 'web' },
      { forceNewDeployment: true },
      { deploymentConfiguration: { maximumPercent: 150 } },
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } },
    ]
    for (const input of table)
      await assert.rejects(ecs.call(updateService, { service: 'shop', ...input }), { code: REFUSED })
    await assert.rejects(ecs.call(updateService, { service: 'shop', deploymentController: { type: 'ECS' } }), {
      code: 'UnsupportedFeatureException',
    })
  })
})

describe('CreateTaskSet', () => {
  test('answers the task set, ACTIVE and STABILIZING', async () => {
    const { call, clock } = await withShop()
    const tags = [{ key: 'a', value: 'b' }]
    const { taskSet } = await call(createTaskSet, {
      ...named,
      taskDefinition: 'web',
      externalId: 'green',
      scale: { value: 40, unit: 'PERCENT' },
      tags,
    })
    assert.match(taskSet?.id ?? '', /^ecs-svc\/[0-9]{19}$/)
    const now = new Date(clock.now())
    assert.deepEqual(taskSet, {
      id: taskSet?.id,
      taskSetArn: `${ARN}:task-set/default/shop/${taskSet?.id}`,
      serviceArn: SHOP,
      clusterArn: `${ARN}:cluster/default`,
      externalId: 'green',
      status: 'ACTIVE',
      taskDefinition: `${ARN}:task-definition/web:1`,
      computedDesiredCount: 2,
      pendingCount: 0,
      runningCount: 0,
      createdAt: now,
      updatedAt: now,
      launchType: 'EC2',
      networkConfiguration: undefined,
      loadBalancers: [],
      serviceRegistries: [],
      scale: { value: 40, unit: 'PERCENT' },
      stabilityStatus: 'STABILIZING',
      stabilityStatusAt: now,
      tags,
    })
  })

  test('the same token makes one; with other parameters it is refused', async () => {
    const ecs = await withShop()
    const id = await create(ecs, { clientToken: 'token' })
    assert.equal(await create(ecs, { clientToken: 'token' }), id)
    await assert.rejects(create(ecs, { clientToken: 'token', externalId: 'other' }), { code: REFUSED })
    assert.equal(ecs.store.size(deployments), 1)
  })

  const table: readonly (readonly [name: string, input: Partial<CreateTaskSetRequest>, code: string])[] = [
    ['an unknown cluster', { cluster: 'no' }, 'ClusterNotFoundException'],
    ['an unknown service', { service: 'no' }, 'ServiceNotFoundException'],
    ['an unknown definition', { taskDefinition: 'no' }, 'ClientException'],
    ['more than 100 percent', { scale: { value: 101, unit: 'PERCENT' } }, REFUSED],
    ['a platform version on EC2', { platformVersion: '1.4.0' }, REFUSED],
    ['a long token', { clientToken: 'a'.repeat(37) }, REFUSED],
  ]
  for (const [name, input, code] of table)
    test(`refuses ${name}`, async () => {
      const ecs = await withShop()
      await assert.rejects(create(ecs, input), { code })
      assert.equal(ecs.store.size(deployments), 0)
    })

  test('refuses a service of another controller, one that is not ACTIVE, and too many', async () => {
    const ecs = await withShop()
    await ecs.call(createService, { serviceName: 'own', taskDefinition: 'web', desiredCount: 1 })
    await assert.rejects(create(ecs, { service: 'own' }), { code: REFUSED })
    for (let made = 0; made < 20; made++) await create(ecs)
    await assert.rejects(create(ecs), { code: 'LimitExceededException' })
    await ecs.call(deleteService, { service: 'shop', force: true })
    await assert.rejects(create(ecs), { code: 'ServiceNotActiveException' })
  })
})

describe('UpdateTaskSet, UpdateServicePrimaryTaskSet, DeleteTaskSet, DescribeTaskSets', () => {
  test('scale, make PRIMARY, describe, delete', async () => {
    const ecs = await withShop()
    const { call, store } = ecs
    const blue = await create(ecs)
    await ecs.clock.advance(1)
    const green = await create(ecs, { scale: { value: 0, unit: 'PERCENT' } })
    await call(updateServicePrimaryTaskSet, { ...named, primaryTaskSet: blue })
    const arn = `${ARN}:task-set/default/shop/${green}`
    const { taskSet } = await call(updateTaskSet, { ...named, taskSet: arn, scale: { value: 33.4, unit: 'PERCENT' } })
    assert.deepEqual([taskSet?.computedDesiredCount, taskSet?.scale?.value], [2, 33.4])
    const statuses = async () => (await call(describeTaskSets, named)).taskSets?.map(({ id, status }) => [id, status])
    assert.deepEqual(await statuses(), [
      [blue, 'PRIMARY'],
      [green, 'ACTIVE'],
    ])
    const moved = await call(updateServicePrimaryTaskSet, { ...named, primaryTaskSet: arn })
    assert.equal(moved.taskSet?.status, 'PRIMARY')
    assert.equal(store.get(services, SHOP)?.taskDefinitionArn, `${ARN}:task-definition/web:1`)
    const { services: [shown] = [] } = await call(describeServices, { services: ['shop'] })
    assert.deepEqual([shown?.taskDefinition, shown?.deployments], [`${ARN}:task-definition/web:1`, []])
    // What the PRIMARY says of the service is not what was asked of it.
    assert.equal((await call(createService, shop)).service?.serviceArn, SHOP)

    await assert.rejects(call(deleteTaskSet, { ...named, taskSet: blue }), { code: REFUSED })
    const gone = await call(deleteTaskSet, { ...named, taskSet: blue, force: true })
    assert.deepEqual([gone.taskSet?.status, gone.taskSet?.computedDesiredCount], ['DRAINING', 0])
    await assert.rejects(call(updateTaskSet, { ...named, taskSet: blue, scale: { value: 1, unit: 'PERCENT' } }), {
      code: REFUSED,
    })
    await assert.rejects(call(updateServicePrimaryTaskSet, { ...named, primaryTaskSet: blue }), { code: REFUSED })
    assert.deepEqual(await statuses(), [
      [green, 'PRIMARY'],
      [blue, 'DRAINING'],
    ])
  })

  test('tags, and what is not there', async () => {
    const ecs = await withShop()
    const { call } = ecs
    const id = await create(ecs)
    const resourceArn = `${ARN}:task-set/default/shop/${id}`
    await call(tagResource, { resourceArn, tags: [{ key: 'k', value: 'v' }] })
    assert.deepEqual((await call(listTagsForResource, { resourceArn })).tags, [{ key: 'k', value: 'v' }])
    const described = await call(describeTaskSets, { ...named, taskSets: [id, 'ecs-svc/1'], include: ['TAGS'] })
    assert.deepEqual(described.taskSets?.[0]?.tags, [{ key: 'k', value: 'v' }])
    assert.deepEqual(described.failures, [{ arn: `${ARN}:task-set/default/shop/ecs-svc/1`, reason: 'MISSING' }])
    const taskSet = 'ecs-svc/1'
    const missing = { code: 'TaskSetNotFoundException', message: 'The specified task set does not exist.' }
    await assert.rejects(call(deleteTaskSet, { ...named, taskSet }), missing)
    await assert.rejects(call(updateTaskSet, { ...named, taskSet, scale: { value: 1, unit: 'PERCENT' } }), missing)
    await assert.rejects(call(updateServicePrimaryTaskSet, { ...named, primaryTaskSet: taskSet }), missing)
    await assert.rejects(call(describeTaskSets, { ...named, service: 'no' }), { code: 'ServiceNotFoundException' })
  })
})
