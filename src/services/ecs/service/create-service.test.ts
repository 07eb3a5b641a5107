import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateServiceRequest } from '@aws-sdk/client-ecs'
import { deployments, serviceEvents, services } from '../../../store/tables.ts'
import { ARN, ON_FARGATE, REFUSED, SIZED, testWorkloads } from '../task/test-workloads.ts'
import { deregisterTaskDefinition } from '../task-definition/deregister-task-definition.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { updateService } from './update-service.ts'

const SHOP = `${ARN}:service/default/shop`
const shop = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }

describe('CreateService', () => {
  test('answers the service with its first deployment', async () => {
    const { call, clock } = await testWorkloads()
    const { service } = await call(createService, { ...shop, tags: [{ key: 'a', value: 'b' }] })
    const [deployment] = service?.deployments ?? []
    assert.match(deployment?.id ?? '', /^ecs-svc\/[0-9]{19}$/)
    const now = new Date(clock.now())
    assert.match(service?.currentServiceDeployment ?? '', /:service-deployment\/default\/shop\/[\w-]{21}$/)
    assert.deepEqual(service?.currentServiceRevisions, [
      {
        arn: `${ARN}:service-revision/default/shop/${deployment?.id?.slice('ecs-svc/'.length)}`,
        requestedTaskCount: 2,
        runningTaskCount: 0,
        pendingTaskCount: 0,
      },
    ])
    assert.deepEqual(
      { ...service, deployments: [], currentServiceDeployment: '', currentServiceRevisions: [] },
      {
        currentServiceDeployment: '',
        currentServiceRevisions: [],
        serviceArn: SHOP,
        serviceName: 'shop',
        clusterArn: `${ARN}:cluster/default`,
        status: 'ACTIVE',
        desiredCount: 2,
        runningCount: 0,
        pendingCount: 0,
        launchType: 'EC2',
        platformVersion: undefined,
        taskDefinition: `${ARN}:task-definition/web:1`,
        schedulingStrategy: 'REPLICA',
        deploymentConfiguration: {
          deploymentCircuitBreaker: { enable: false, rollback: false },
          maximumPercent: 200,
          minimumHealthyPercent: 100,
          alarms: { alarmNames: [], rollback: false, enable: false },
          strategy: 'ROLLING',
          bakeTimeInMinutes: 0,
        },
        deploymentController: { type: 'ECS' },
        deployments: [],
        events: [],
        loadBalancers: [],
        serviceRegistries: [],
        placementConstraints: [],
        placementStrategy: [],
        networkConfiguration: undefined,
        healthCheckGracePeriodSeconds: undefined,
        enableECSManagedTags: false,
        propagateTags: 'NONE',
        enableExecuteCommand: false,
        availabilityZoneRebalancing: 'ENABLED',
        createdAt: now,
        createdBy: 'arn:aws:iam::123456789012:root',
        tags: [{ key: 'a', value: 'b' }],
      },
    )
    assert.deepEqual(deployment, {
      id: deployment?.id,
      status: 'PRIMARY',
      taskDefinition: `${ARN}:task-definition/web:1`,
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      failedTasks: 0,
      launchType: 'EC2',
      networkConfiguration: undefined,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${deployment?.id} in progress.`,
      createdAt: now,
      updatedAt: now,
    })
  })

  test('a circuit breaker that is on says how it counts', async () => {
    const { call } = await testWorkloads()
    const breaker = { enable: true, rollback: true }
    const { service } = await call(createService, {
      ...shop,
      deploymentConfiguration: { deploymentCircuitBreaker: breaker },
    })
    assert.deepEqual(service?.deploymentConfiguration?.deploymentCircuitBreaker, {
      ...breaker,
      resetOnHealthyTask: true,
      thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 50 },
    })
  })

  test('on FARGATE it has a platform version', async () => {
    const { call, define } = await testWorkloads()
    await define(SIZED)
    const { service } = await call(createService, { ...shop, ...ON_FARGATE })
    assert.deepEqual([service?.platformVersion, service?.platformFamily], ['LATEST', 'Linux'])
    assert.deepEqual(
      [service?.deployments?.[0]?.platformVersion, service?.deployments?.[0]?.launchType],
      ['1.4.0', 'FARGATE'],
    )
  })

  test('the same again answers what is there; another is refused', async () => {
    const { call, store } = await testWorkloads()
    const first = await call(createService, shop)
    const again = await call(createService, shop)
    assert.equal(again.service?.deployments?.[0]?.id, first.service?.deployments?.[0]?.id)
    await assert.rejects(call(createService, { ...shop, desiredCount: 3 }), {
      code: REFUSED,
      message: 'Creation of service was not idempotent.',
    })
    assert.equal(store.size(deployments), 1)
  })

  test('a token answers its service even when that was updated; other parameters are refused', async () => {
    const { call } = await testWorkloads()
    const asked = { ...shop, clientToken: 'token' }
    await call(createService, asked)
    await call(updateService, { service: 'shop', desiredCount: 5 })
    assert.equal((await call(createService, asked)).service?.desiredCount, 5)
    await assert.rejects(call(createService, { ...asked, serviceName: 'other' }), {
      code: REFUSED,
      message: 'Creation of service was not idempotent.',
    })
  })

  test('a name that is DRAINING waits; one that is INACTIVE starts anew, without old events', async () => {
    const { call, store, clock } = await testWorkloads()
    await call(createService, { ...shop, clientToken: 'token' })
    await store.write(tx =>
      tx.put(serviceEvents, { id: 'e', serviceArn: SHOP, sequence: 1, createdAt: clock.now(), message: 'old' }),
    )
    await call(deleteService, { service: 'shop', force: true })
    await assert.rejects(call(createService, shop), {
      code: REFUSED,
      message: 'Unable to Start a service that is still Draining.',
    })
    const draining = store.get(services, SHOP)
    const [old] = [...store.all(deployments)]
    assert.ok(draining && old)
    await store.write(tx => {
      tx.put(services, { ...draining, status: 'INACTIVE' })
      tx.put(deployments, { ...old, status: 'INACTIVE' })
    })
    await clock.advance(1000)
    const { service } = await call(createService, { ...shop, clientToken: 'token' })
    assert.deepEqual([service?.status, service?.events, service?.deployments?.length], ['ACTIVE', [], 1])
    assert.notEqual(service?.deployments?.[0]?.id, old.id)
  })

  const unsupported = 'UnsupportedFeatureException'
  const configured = (deploymentConfiguration: CreateServiceRequest['deploymentConfiguration']) => ({
    ...shop,
    deploymentConfiguration,
  })
  const table: readonly (readonly [
    name: string,
    input: CreateServiceRequest,
    code: string,
    message: string | RegExp,
  ])[] = [
    ['an unknown cluster', { ...shop, cluster: 'no' }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['an unknown definition', { ...shop, taskDefinition: 'no' }, 'ClientException', 'TaskDefinition not found.'],
    ['no definition', { serviceName: 'shop', desiredCount: 1 }, REFUSED, 'TaskDefinition can not be blank.'],
    ['no desired count', { serviceName: 'shop', taskDefinition: 'web' }, REFUSED, /Desired count/],
    ['a negative desired count', { ...shop, desiredCount: -1 }, REFUSED, /Desired count/],
    ['no name', { ...shop, serviceName: '' }, REFUSED, /name/],
    ['a bad name', { ...shop, serviceName: 'a b' }, REFUSED, 'Service name contains invalid characters.'],
    ['a long token', { ...shop, clientToken: 'a'.repeat(37) }, REFUSED, /token/],
    ['bad tags', { ...shop, tags: [{ key: '', value: '' }] }, REFUSED, /Tag/],
    ['a registry', { ...shop, serviceRegistries: [{ registryArn: 'a' }] }, unsupported, /serviceRegistries/],
    ['service connect', { ...shop, serviceConnectConfiguration: { enabled: true } }, unsupported, /serviceConnect/],
    ['volumes', { ...shop, volumeConfigurations: [{ name: 'a' }] }, unsupported, /volumeConfigurations/],
    ['exec', { ...shop, enableExecuteCommand: true }, unsupported, /enableExecuteCommand/],
    [
      "a strategy with a provider that is not the cluster's",
      { ...shop, capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      REFUSED,
      /not associated with the cluster/,
    ],
    ['CODE_DEPLOY', { ...shop, deploymentController: { type: 'CODE_DEPLOY' } }, unsupported, /CODE_DEPLOY/],
    [
      'a circuit breaker at more than 100 percent',
      configured({
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 101 },
        },
      }),
      REFUSED,
      /from 1 to 100 percent/,
    ],
    [
      'a circuit breaker at no failure',
      configured({
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: 'COUNT', value: 0 },
        },
      }),
      REFUSED,
      /at least 1/,
    ],
    ['canary without load balancers', configured({ strategy: 'CANARY' }), REFUSED, /requires loadBalancers/],
    ['a bake time', configured({ bakeTimeInMinutes: 1 }), unsupported, /bakeTime/],
    [
      '100 to 100 percent',
      configured({ maximumPercent: 100, minimumHealthyPercent: 100 }),
      REFUSED,
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    ['less than 100 percent at most', configured({ maximumPercent: 99, minimumHealthyPercent: 0 }), REFUSED, /maximum/],
    ['more than 100 percent at least', configured({ minimumHealthyPercent: 101 }), REFUSED, /minimum/],
    ['a negative grace period', { ...shop, healthCheckGracePeriodSeconds: -1 }, REFUSED, /grace/],
    [
      'FARGATE with what it does not take',
      { ...shop, launchType: 'FARGATE' },
      REFUSED,
      'Task definition does not support launch_type FARGATE.',
    ],
    [
      'a network for bridge',
      { ...shop, networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } },
      REFUSED,
      'Network Configuration is not valid for the given networkMode of this task definition.',
    ],
    [
      'memberOf',
      { ...shop, placementConstraints: [{ type: 'memberOf', expression: 'a' }] },
      REFUSED,
      /Invalid expression/,
    ],
  ]
  for (const [name, input, code, message] of table)
    test(`refuses ${name}`, async () => {
      const { call, store } = await testWorkloads()
      await assert.rejects(call(createService, input), { code, message })
      assert.equal(store.size(services), 0)
    })

  test('refuses an INACTIVE task definition', async () => {
    const { call } = await testWorkloads()
    await call(deregisterTaskDefinition, { taskDefinition: 'web:1' })
    await assert.rejects(call(createService, { ...shop, taskDefinition: 'web:1' }), { code: 'ClientException' })
  })

  test('what is switched off is echoed, not refused', async () => {
    const { call } = await testWorkloads()
    const { service } = await call(
      createService,
      configured({ deploymentCircuitBreaker: { enable: false, rollback: true }, maximumPercent: 150 }),
    )
    assert.deepEqual(service?.deploymentConfiguration?.deploymentCircuitBreaker, { enable: false, rollback: true })
    const { maximumPercent, minimumHealthyPercent } = service?.deploymentConfiguration ?? {}
    assert.deepEqual([maximumPercent, minimumHealthyPercent], [150, 100])
  })
})
