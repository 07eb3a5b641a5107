// availabilityZoneRebalancing of CreateService and UpdateService: what a service gets by itself, keeps, and can't have.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { services } from '../../../store/tables.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { createService } from './create-service.ts'
import { updateService } from './update-service.ts'

const shop = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }
const byZone = { type: 'spread', field: 'attribute:ecs.availability-zone' } as const

const created = async (more: Partial<CreateServiceRequest>) => {
  const { call } = await testWorkloads()
  const { service } = await call(createService, { ...shop, ...more })
  return service?.availabilityZoneRebalancing
}

test('a service that can be is rebalanced, unless the caller says otherwise', async () => {
  assert.equal(await created({}), 'ENABLED')
  assert.equal(await created({ placementStrategy: [byZone, { type: 'binpack', field: 'cpu' }] }), 'ENABLED')
  assert.equal(await created({ availabilityZoneRebalancing: 'DISABLED' }), 'DISABLED')
})

const INCOMPATIBLE: readonly [string, Partial<CreateServiceRequest>, RegExp][] = [
  [
    'binpack',
    { placementStrategy: [{ type: 'binpack', field: 'cpu' }] },
    /^The service couldn't be created because Av/,
  ],
  [
    'a spread over instances first',
    { placementStrategy: [{ type: 'spread', field: 'host' }, byZone] },
    /zone spread as/,
  ],
  [
    'no room for one task more',
    { deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 50 } },
    /^AvailabilityZoneRebalancing does not support maximumPercent <= 100$/,
  ],
  [
    'a constraint on the zone',
    { placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.availability-zone == a' }] },
    /placement constraint/,
  ],
  ['EXTERNAL launch type', { launchType: 'EXTERNAL' }, /EXTERNAL launch type/],
]
for (const [name, more, text] of INCOMPATIBLE)
  test(`${name}: DISABLED by itself, and refused when asked for`, async () => {
    assert.equal(await created(more), 'DISABLED')
    await assert.rejects(created({ ...more, availabilityZoneRebalancing: 'ENABLED' }), { code: REFUSED, message: text })
  })

test('a DAEMON service has none, nor has one whose task sets somebody else controls', async () => {
  const { call } = await testWorkloads()
  const { desiredCount: _, ...rest } = shop
  const asked: CreateServiceRequest = { ...rest, schedulingStrategy: 'DAEMON', availabilityZoneRebalancing: 'ENABLED' }
  await assert.rejects(call(createService, asked), { code: REFUSED, message: /DAEMON/ })
  await assert.rejects(
    call(createService, {
      serviceName: 'sets',
      desiredCount: 1,
      deploymentController: { type: 'EXTERNAL' },
      availabilityZoneRebalancing: 'ENABLED',
    }),
    { code: 'UnsupportedFeatureException' },
  )
})

test('UpdateService keeps it, changes it, and refuses what it does not go with; no deployment begins', async () => {
  const { call, store } = await testWorkloads()
  await call(createService, shop)
  const update = async (input: Partial<UpdateServiceRequest>) =>
    (await call(updateService, { service: 'shop', ...input })).service
  assert.equal((await update({ desiredCount: 3 }))?.availabilityZoneRebalancing, 'ENABLED')
  const tight = { deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 50 } }
  await assert.rejects(update(tight), { code: REFUSED, message: /maximumPercent <= 100/ })
  await assert.rejects(update({ placementStrategy: [{ type: 'random' }] }), {
    code: REFUSED,
    message:
      "The service couldn't be updated because Availability Zone Rebalancing only supports availability zone spread as task placement strategy.",
  })
  const off = await update({ ...tight, availabilityZoneRebalancing: 'DISABLED' })
  assert.deepEqual([off?.availabilityZoneRebalancing, off?.deployments?.length], ['DISABLED', 1])
  await assert.rejects(update({ availabilityZoneRebalancing: 'ENABLED' }), { code: REFUSED })
  assert.equal(store.get(services, `${ARN}:service/default/shop`)?.availabilityZoneRebalancing, 'DISABLED')
})

test('CreateService again answers a service from before, which has none', async () => {
  const { call, store } = await testWorkloads()
  await call(createService, shop)
  const row = store.get(services, `${ARN}:service/default/shop`) ?? assert.fail()
  await store.write(tx => tx.put(services, { ...row, availabilityZoneRebalancing: 'DISABLED' }))
  const { service } = await call(createService, shop)
  assert.equal(service?.availabilityZoneRebalancing, 'DISABLED')
  await assert.rejects(call(createService, { ...shop, availabilityZoneRebalancing: 'ENABLED' }), /not idempotent/)
})
