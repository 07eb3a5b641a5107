import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CapacityProviderStrategyItem, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { deployments, services } from '../../../store/tables.ts'
import { createCapacityProvider } from '../capacity-provider/create-capacity-provider.ts'
import { putClusterCapacityProviders } from '../cluster/put-cluster-capacity-providers.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServices } from './describe-services.ts'
import { listServices } from './list-services.ts'
import { updateService } from './update-service.ts'

const SHOP = `${ARN}:service/default/shop`
const shop = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }
const GPU = [{ capacityProvider: 'gpu', weight: 1, base: 0 }]
const BOTH = [
  { capacityProvider: 'gpu', weight: 3, base: 1 },
  { capacityProvider: 'disk', weight: 1, base: 0 },
]
const FORCE =
  'When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.'

const setUp = async (defaultCapacityProviderStrategy: CapacityProviderStrategyItem[] = []) => {
  const workloads = await testWorkloads()
  const { call, store } = workloads
  for (const name of ['disk', 'gpu'])
    await call(createCapacityProvider, { name, autoScalingGroupProvider: { autoScalingGroupArn: name } })
  const associate = (capacityProviders: string[]) =>
    call(putClusterCapacityProviders, { cluster: 'default', capacityProviders, defaultCapacityProviderStrategy })
  await associate(['disk', 'gpu'])
  const update = async (more: Partial<UpdateServiceRequest>) =>
    (await call(updateService, { service: 'shop', ...more })).service
  const count = () => [...store.byIndex(deployments, 'liveByService', SHOP)].length
  return { ...workloads, associate, update, count }
}

describe("a service's capacity", () => {
  test('a strategy stands in place of the launch type, in the service and its deployment', async () => {
    const { call } = await setUp()
    const { service } = await call(createService, { ...shop, capacityProviderStrategy: BOTH })
    assert.deepEqual(service?.capacityProviderStrategy, BOTH)
    assert.equal(service.launchType, undefined)
    assert.deepEqual(service.deployments?.[0]?.capacityProviderStrategy, BOTH)
    assert.equal(service.deployments[0]?.launchType, undefined)
    assert.deepEqual((await call(listServices, { launchType: 'EC2' })).serviceArns, [])
    const again = await call(createService, { ...shop, capacityProviderStrategy: BOTH })
    assert.deepEqual(again.service, service)
    await assert.rejects(call(createService, { ...shop, capacityProviderStrategy: GPU }), {
      message: 'Creation of service was not idempotent.',
    })
  })

  test("the cluster's default strategy holds where nothing is said, and stays the service's own", async () => {
    const { call, associate } = await setUp(GPU)
    const { service } = await call(createService, shop)
    assert.deepEqual(service?.capacityProviderStrategy, GPU)
    const named = await call(createService, { ...shop, serviceName: 'plain', launchType: 'EC2' })
    assert.equal(named.service?.launchType, 'EC2')
    assert.equal(named.service.capacityProviderStrategy, undefined)
    await assert.rejects(associate(['disk']), { code: REFUSED, message: /not associated with the cluster/ })
    await call(putClusterCapacityProviders, {
      cluster: 'default',
      capacityProviders: ['disk', 'gpu'],
      defaultCapacityProviderStrategy: [],
    })
    const { services: found } = await call(describeServices, { services: ['shop'] })
    assert.deepEqual(found?.[0]?.capacityProviderStrategy, GPU)
  })

  test('a change must force a new deployment; none is needed where nothing changes', async () => {
    const { call, update, count } = await setUp()
    await call(createService, { ...shop, launchType: 'EC2' })
    await assert.rejects(update({ capacityProviderStrategy: GPU }), { code: REFUSED, message: FORCE })
    const switched = await update({ capacityProviderStrategy: GPU, forceNewDeployment: true })
    assert.deepEqual(switched?.capacityProviderStrategy, GPU)
    assert.deepEqual(switched.deployments?.[0]?.capacityProviderStrategy, GPU)
    assert.equal(count(), 2)
    assert.deepEqual((await update({ capacityProviderStrategy: GPU }))?.capacityProviderStrategy, GPU)
    assert.deepEqual((await update({ desiredCount: 3 }))?.capacityProviderStrategy, GPU)
    await assert.rejects(update({ capacityProviderStrategy: BOTH }), { message: FORCE })
    assert.deepEqual(
      (await update({ capacityProviderStrategy: BOTH, forceNewDeployment: true }))?.capacityProviderStrategy,
      BOTH,
    )
    assert.equal(count(), 3)
  })

  test('an empty strategy goes back to the launch type, when there was one', async () => {
    const { call, store, update, count } = await setUp()
    await call(createService, shop)
    assert.equal((await update({ capacityProviderStrategy: [] }))?.launchType, 'EC2')
    assert.equal(count(), 1)
    await update({ capacityProviderStrategy: GPU, forceNewDeployment: true })
    await update({ capacityProviderStrategy: BOTH, forceNewDeployment: true })
    await assert.rejects(update({ capacityProviderStrategy: [] }), { message: FORCE })
    const back = await update({ capacityProviderStrategy: [], forceNewDeployment: true })
    assert.equal(back?.launchType, 'EC2')
    assert.equal(back.capacityProviderStrategy, undefined)
    await call(deleteService, { service: 'shop', force: true })
    await store.write(tx => {
      const row = tx.get(services, SHOP)
      if (row) tx.put(services, { ...row, status: 'INACTIVE' })
    })
    await call(createService, { ...shop, capacityProviderStrategy: GPU })
    await assert.rejects(update({ capacityProviderStrategy: [], forceNewDeployment: true }), {
      code: REFUSED,
      message:
        'No launch type to fall back to for empty capacity provider strategy. Your service was not created with a launch type.',
    })
  })

  test('a provider that a service uses stays with the cluster, until the service is gone', async () => {
    const { call, associate, store } = await setUp()
    await call(createService, { ...shop, capacityProviderStrategy: GPU })
    await associate(['gpu'])
    await assert.rejects(associate(['disk']), { code: 'ResourceInUseException' })
    await store.write(tx => {
      const row = tx.get(services, SHOP)
      if (row) tx.put(services, { ...row, status: 'INACTIVE' })
    })
    await associate(['disk'])
  })

  test('unsound strategies are refused', async () => {
    const { call, update } = await setUp()
    const created = (capacityProviderStrategy: CapacityProviderStrategyItem[], more = {}) =>
      call(createService, { ...shop, capacityProviderStrategy, ...more })
    await assert.rejects(created(GPU, { launchType: 'EC2' }), { code: REFUSED, message: /^Specifying both/ })
    await assert.rejects(created([{ capacityProvider: 'FARGATE' }]), { code: REFUSED, message: /not associated/ })
    const weightless = BOTH.map(item => ({ ...item, weight: 0 }))
    await assert.rejects(created(weightless), { code: REFUSED, message: /weight/ })
    await call(createService, shop)
    await assert.rejects(update({ capacityProviderStrategy: weightless, forceNewDeployment: true }), { code: REFUSED })
  })
})
