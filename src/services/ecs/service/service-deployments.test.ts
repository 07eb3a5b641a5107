import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import { serviceDeployments, serviceRevisions, services } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { ARN, REFUSED, type TestWorkloads, testWorkloads } from '../task/test-workloads.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServiceDeployments } from './describe-service-deployments.ts'
import { describeServiceRevisions } from './describe-service-revisions.ts'
import { describeServices } from './describe-services.ts'
import { listServiceDeployments } from './list-service-deployments.ts'
import { stopServiceDeployment } from './stop-service-deployment.ts'
import { updateService } from './update-service.ts'

const SHOP = `${ARN}:service/default/shop`
const shop = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }

/** As the deployment loop would: the newest service deployment has this status. */
const become = (ecs: TestWorkloads, status: ServiceDeploymentStatus): Promise<void> =>
  ecs.store.write(tx => {
    const [newest] = tx.byIndex(serviceDeployments, 'byService', SHOP)
    assert.ok(newest)
    tx.put(serviceDeployments, { ...newest, status })
  })

const deploy = async ({ call, clock }: TestWorkloads, times: number): Promise<void> => {
  for (let at = 0; at < times; at++) {
    await clock.advance(1_000)
    await call(updateService, { service: 'shop', forceNewDeployment: true })
  }
}

const list = ({ call }: TestWorkloads, more: Partial<Parameters<ReturnType<typeof listServiceDeployments>>[1]> = {}) =>
  call(listServiceDeployments, { service: 'shop', ...more })

describe('ListServiceDeployments', () => {
  test("shows the deployment that UpdateService begins at once, by its deployment's number (Terraform)", async () => {
    const ecs = await testWorkloads()
    const { call, clock } = ecs
    await call(createService, shop)
    const begin = new Date(clock.now())
    await clock.advance(1)
    const { service } = await call(updateService, { service: 'shop', forceNewDeployment: true })
    const primary = service?.deployments?.find(({ status }) => status === 'PRIMARY')
    assert.ok((primary?.createdAt?.getTime() ?? 0) > begin.getTime())
    const listed = await list(ecs, { createdAt: { after: begin } })
    assert.equal(listed.serviceDeployments?.length, 1)
    const [found] = listed.serviceDeployments ?? []
    assert.ok(found)
    assert.ok(found.targetServiceRevisionArn?.endsWith(`/${primary?.id?.split('/')[1]}`))
    assert.deepEqual([found.status, found.serviceDeploymentArn], ['PENDING', service?.currentServiceDeployment])
    assert.deepEqual([found.serviceArn, found.createdAt], [SHOP, primary?.createdAt])
  })

  test('newest first, twenty a page, by status and by time', async () => {
    const ecs = await testWorkloads()
    const { call, clock } = ecs
    const createdAt = clock.now()
    await call(createService, shop)
    await deploy(ecs, 24)
    const first = await list(ecs)
    assert.equal(first.serviceDeployments?.length, 20)
    const second = await list(ecs, { nextToken: first.nextToken })
    assert.deepEqual([second.serviceDeployments?.length, second.nextToken], [5, undefined])
    const times = [...(first.serviceDeployments ?? []), ...(second.serviceDeployments ?? [])].map(one =>
      one.createdAt?.getTime(),
    )
    assert.deepEqual(
      times,
      Array.from({ length: 25 }, (_, at) => createdAt + 1_000 * (24 - at)),
    )
    const between = { after: new Date(createdAt + 3_000), before: new Date(createdAt + 6_000) }
    const some = await list(ecs, { createdAt: between })
    assert.deepEqual(
      some.serviceDeployments?.map(one => one.createdAt?.getTime()),
      [createdAt + 5_000, createdAt + 4_000],
    )
    assert.equal((await list(ecs, { status: ['PENDING'] })).serviceDeployments?.length, 1)
    const stopping = await list(ecs, { status: ['STOP_REQUESTED', 'STOPPED'], maxResults: 100 })
    assert.equal(stopping.serviceDeployments?.length, 24)
    await assert.rejects(list(ecs, { nextToken: first.nextToken, status: ['PENDING'] }), { code: REFUSED })
    await assert.rejects(list(ecs, { maxResults: 101 }), { code: REFUSED })
  })

  test('a service that was made anew has no history of the one before', async () => {
    const ecs = await testWorkloads()
    const { call, store, clock } = ecs
    await call(createService, shop)
    const [old] = (await list(ecs)).serviceDeployments ?? []
    await call(deleteService, { service: 'shop', force: true })
    const row = store.get(services, SHOP)
    await store.write(tx => row && tx.put(services, { ...row, status: 'INACTIVE' }))
    await assert.rejects(list(ecs), { code: 'ServiceNotFoundException', message: 'Service not found.' })
    await clock.advance(1)
    await call(createService, shop)
    assert.equal((await list(ecs)).serviceDeployments?.length, 1)
    const serviceDeploymentArns = [old?.serviceDeploymentArn ?? '']
    const described = await call(describeServiceDeployments, { serviceDeploymentArns })
    assert.deepEqual(described, {
      serviceDeployments: [],
      failures: [{ arn: serviceDeploymentArns[0], reason: 'MISSING' }],
    })
  })

  test('refuses a service and a cluster that are not there', async () => {
    const ecs = await testWorkloads()
    await assert.rejects(list(ecs), { code: 'ServiceNotFoundException' })
    await assert.rejects(list(ecs, { cluster: 'no' }), { code: 'ClusterNotFoundException' })
    await ecs.call(createCluster, { clusterName: 'other' })
    await assert.rejects(list(ecs, { cluster: 'other', service: SHOP }), { code: REFUSED })
  })
})

describe('DescribeServiceDeployments', () => {
  test('tells of the target, the sources, the configuration and the circuit breaker', async () => {
    const ecs = await testWorkloads()
    const { call } = ecs
    const deploymentCircuitBreaker = { enable: true, rollback: true }
    await call(createService, { ...shop, deploymentConfiguration: { deploymentCircuitBreaker } })
    const before = (await call(describeServices, { services: ['shop'] })).services?.[0]
    await deploy(ecs, 1)
    const service = (await call(describeServices, { services: ['shop'] })).services?.[0]
    const { serviceDeployments: [found] = [] } = await call(describeServiceDeployments, {
      serviceDeploymentArns: [service?.currentServiceDeployment ?? ''],
    })
    assert.deepEqual(found?.targetServiceRevision, service?.currentServiceRevisions?.[0])
    assert.deepEqual(found?.sourceServiceRevisions, before?.currentServiceRevisions)
    assert.deepEqual(found?.deploymentCircuitBreaker, { status: 'MONITORING', failureCount: 0, threshold: 3 })
    assert.deepEqual(found?.alarms, { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] })
    assert.deepEqual(found?.deploymentConfiguration, service?.deploymentConfiguration)
    assert.deepEqual([found?.status, found?.startedAt, found?.rollback], ['PENDING', undefined, undefined])
  })

  test('refuses none, more than twenty, and what is no such ARN', async () => {
    const { call } = await testWorkloads()
    const describe = (serviceDeploymentArns: string[]) => call(describeServiceDeployments, { serviceDeploymentArns })
    await assert.rejects(describe([]), { code: REFUSED })
    await assert.rejects(describe(Array.from({ length: 21 }, () => `${ARN}:service-deployment/a/b/c`)), {
      code: REFUSED,
    })
    await assert.rejects(describe([SHOP]), { code: REFUSED })
    await assert.rejects(describe(['shop']), { code: REFUSED })
  })
})

describe('DescribeServiceRevisions', () => {
  test('tells what the tasks are made from, and what is missing', async () => {
    const ecs = await testWorkloads()
    const { call, clock } = ecs
    const { service } = await call(createService, shop)
    const arn = service?.currentServiceRevisions?.[0]?.arn ?? ''
    const missing = arn.replace(/[0-9]$/, digit => `${(Number(digit) + 1) % 10}`)
    const answer = await call(describeServiceRevisions, { serviceRevisionArns: [arn, missing] })
    assert.deepEqual(answer.failures, [{ arn: missing, reason: 'MISSING' }])
    const { serviceRevisions: [revision] = [] } = answer
    assert.deepEqual(
      [revision?.serviceRevisionArn, revision?.serviceArn, revision?.taskDefinition, revision?.launchType],
      [arn, SHOP, `${ARN}:task-definition/web:1`, 'EC2'],
    )
    assert.deepEqual(revision?.containerImages, [{ containerName: 'app', image: 'fake/run' }])
    assert.deepEqual(revision?.createdAt, new Date(clock.now()))
    await assert.rejects(call(describeServiceRevisions, { serviceRevisionArns: [] }), { code: REFUSED })
  })
})

describe('StopServiceDeployment', () => {
  const stop = async (ecs: TestWorkloads, stopType?: 'ABORT' | 'ROLLBACK') => {
    const [newest] = (await list(ecs)).serviceDeployments ?? []
    const serviceDeploymentArn = newest?.serviceDeploymentArn ?? ''
    const answer = await ecs.call(stopServiceDeployment, { serviceDeploymentArn, stopType })
    assert.deepEqual(answer, { serviceDeploymentArn })
    return (await list(ecs)).serviceDeployments?.[0]?.status
  }

  test('asks for a rollback, or for an end; what is on its way there goes on', async () => {
    const ecs = await testWorkloads()
    await ecs.call(createService, shop)
    assert.equal(await stop(ecs), 'ROLLBACK_REQUESTED')
    assert.equal(await stop(ecs, 'ABORT'), 'ROLLBACK_REQUESTED')
    await deploy(ecs, 1)
    assert.equal((await list(ecs)).serviceDeployments?.[1]?.status, 'ROLLBACK_FAILED')
    assert.equal(await stop(ecs, 'ABORT'), 'STOP_REQUESTED')
    await deploy(ecs, 1)
    await become(ecs, 'ROLLBACK_IN_PROGRESS')
    assert.equal(await stop(ecs, 'ROLLBACK'), 'ROLLBACK_IN_PROGRESS')
  })

  test('refuses one that is over, and one that is not there', async () => {
    const ecs = await testWorkloads()
    await ecs.call(createService, shop)
    for (const status of ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'] as const) {
      await become(ecs, status)
      await assert.rejects(stop(ecs), { code: 'ConflictException' })
    }
    await assert.rejects(
      ecs.call(stopServiceDeployment, { serviceDeploymentArn: `${ARN}:service-deployment/default/shop/none` }),
      { code: 'ServiceDeploymentNotFoundException' },
    )
  })
})

test('deployments of before Stowage kept revisions get theirs when the next one begins', async () => {
  const ecs = await testWorkloads()
  const { call, store } = ecs
  await call(createService, shop)
  await store.write(tx => {
    for (const { arn } of [...tx.all(serviceRevisions)]) tx.delete(serviceRevisions, arn)
    for (const row of [...tx.all(serviceDeployments)]) tx.delete(serviceDeployments, serviceDeployments.key(row))
  })
  const before = (await call(describeServices, { services: ['shop'] })).services?.[0]
  assert.deepEqual([before?.currentServiceDeployment, before?.currentServiceRevisions], [undefined, undefined])
  await deploy(ecs, 1)
  assert.equal(store.size(serviceRevisions), 2)
  assert.equal((await list(ecs)).serviceDeployments?.length, 1)
})
