import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateServiceRequest, LoadBalancer } from '@aws-sdk/client-ecs'
import { groupArn, groupRow, putLoadBalancer } from '../../../reconcilers/testing/load-balancing-rows.ts'
import { rules, targetGroups } from '../../../store/load-balancing-tables.ts'
import { deployments } from '../../../store/tables.ts'
import { ON_FARGATE, REFUSED, SIZED, testWorkloads } from '../task/test-workloads.ts'
import { createTaskSet } from '../task-set/create-task-set.ts'
import { createService } from './create-service.ts'
import { describeServiceRevisions } from './describe-service-revisions.ts'
import { describeServices } from './describe-services.ts'
import { updateService } from './update-service.ts'

const HTTP: LoadBalancer = { targetGroupArn: groupArn('http'), containerName: 'app', containerPort: 80 }
const ADMIN: LoadBalancer = { ...HTTP, targetGroupArn: groupArn('admin') }
const IP: LoadBalancer = { ...HTTP, targetGroupArn: groupArn('ip') }
const shop: CreateServiceRequest = { serviceName: 'shop', taskDefinition: 'web', desiredCount: 2 }
const ROLE = 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'

const withGroups = async () => {
  const ecs = await testWorkloads()
  await ecs.store.write(tx => {
    putLoadBalancer(tx, groupRow('http'), groupRow('admin'), groupRow('ip', { targetType: 'ip' }))
    tx.put(targetGroups, groupRow('unused'))
  })
  return ecs
}

describe('a service with load balancers', () => {
  test('answers them, and so does its revision; its deployment has them resolved', async () => {
    const { call, store } = await withGroups()
    const { service } = await call(createService, {
      ...shop,
      loadBalancers: [HTTP, ADMIN],
      healthCheckGracePeriodSeconds: 9,
    })
    assert.deepEqual(service?.loadBalancers, [HTTP, ADMIN])
    assert.deepEqual([service?.roleArn, service?.healthCheckGracePeriodSeconds], [ROLE, 9])
    const [deployment] = store.all(deployments)
    assert.deepEqual(deployment?.loadBalancers, [HTTP, ADMIN])
    const [revision] = service?.currentServiceRevisions ?? []
    const { serviceRevisions } = await call(describeServiceRevisions, { serviceRevisionArns: [revision?.arn ?? ''] })
    assert.deepEqual(serviceRevisions?.[0]?.loadBalancers, [HTTP, ADMIN])
    assert.deepEqual(serviceRevisions?.[0]?.resolvedConfiguration, {
      loadBalancers: [{ targetGroupArn: HTTP.targetGroupArn }, { targetGroupArn: ADMIN.targetGroupArn }],
    })
    const described = await call(describeServices, { services: ['shop'] })
    assert.deepEqual(described.services?.[0]?.loadBalancers, [HTTP, ADMIN])
  })

  test('is the same service when it is asked for again, and another one with others', async () => {
    const { call } = await withGroups()
    await call(createService, { ...shop, loadBalancers: [HTTP] })
    const { service } = await call(createService, { ...shop, loadBalancers: [HTTP] })
    assert.equal(service?.deployments?.length, 1)
    await assert.rejects(call(createService, { ...shop, loadBalancers: [ADMIN] }), {
      code: REFUSED,
      message: /idempotent/,
    })
  })

  test('may name a role where no service-linked one is needed', async () => {
    const { call } = await withGroups()
    const { service } = await call(createService, { ...shop, loadBalancers: [HTTP], role: 'elb' })
    assert.equal(service?.roleArn, 'arn:aws:iam::123456789012:role/elb')
  })

  const table: readonly (readonly [name: string, input: Partial<CreateServiceRequest>, code: string, text: RegExp])[] =
    [
      [
        'a classic one',
        { loadBalancers: [{ ...HTTP, loadBalancerName: 'a' }] },
        'UnsupportedFeatureException',
        /loadBalancerName/,
      ],
      [
        'a rule that is none',
        {
          loadBalancers: [
            {
              ...HTTP,
              advancedConfiguration: { alternateTargetGroupArn: 'a', productionListenerRule: 'b', roleArn: 'c' },
            },
          ],
        },
        'InvalidParameterException',
        /^productionListenerRule has an invalid ARN format/,
      ],
      [
        'no group',
        { loadBalancers: [{ containerName: 'app', containerPort: 80 }] },
        REFUSED,
        /^Target Group ARN can not be blank/,
      ],
      [
        'no container',
        { loadBalancers: [{ ...HTTP, containerName: '' }] },
        REFUSED,
        /^Container Name can not be blank\.$/,
      ],
      ['no port', { loadBalancers: [{ ...HTTP, containerPort: undefined }] }, REFUSED, /^Container Port/],
      [
        'an unknown container',
        { loadBalancers: [{ ...HTTP, containerName: 'db' }] },
        REFUSED,
        /^The container db does not exist in the task definition\.$/,
      ],
      [
        'an unmapped port',
        { loadBalancers: [{ ...HTTP, containerPort: 81 }] },
        REFUSED,
        /^The container app did not have a container port 81 defined\.$/,
      ],
      ['the same group twice', { loadBalancers: [HTTP, HTTP] }, REFUSED, /^Duplicate targetGroupArn found: arn:/],
      ['six groups', { loadBalancers: Array.from({ length: 6 }, () => HTTP) }, REFUSED, /at most 5/],
      ['an unknown group', { loadBalancers: [{ ...HTTP, targetGroupArn: groupArn('no') }] }, REFUSED, /does not exist/],
      [
        'a group without a load balancer',
        { loadBalancers: [{ ...HTTP, targetGroupArn: groupArn('unused') }] },
        REFUSED,
        /^The target group with targetGroupArn arn:\S+ does not have an associated load balancer\.$/,
      ],
      [
        'a group of ips with bridge',
        { loadBalancers: [IP] },
        REFUSED,
        /has target type ip, which is incompatible with the bridge network mode/,
      ],
      [
        'a group of instances with awsvpc',
        { ...ON_FARGATE, loadBalancers: [HTTP] },
        REFUSED,
        /has target type instance, which is incompatible with the awsvpc network mode specified in the task definition\.$/,
      ],
      ['a role without load balancers', { role: 'elb' }, REFUSED, /^Role is only valid/],
      [
        'a role with awsvpc',
        { ...ON_FARGATE, loadBalancers: [IP], role: 'elb' },
        REFUSED,
        /^You cannot specify an IAM role for services that require a service linked role\.$/,
      ],
      ['a role with two groups', { loadBalancers: [HTTP, ADMIN], role: 'elb' }, REFUSED, /service linked role/],
      [
        'load balancers of a service whose task sets have them',
        { deploymentController: { type: 'EXTERNAL' }, taskDefinition: undefined, loadBalancers: [HTTP] },
        REFUSED,
        /loadBalancers/,
      ],
    ]
  for (const [name, input, code, message] of table)
    test(`refuses ${name}`, async () => {
      const { call, define } = await withGroups()
      await define(SIZED)
      await assert.rejects(call(createService, { ...shop, ...input }), { code, message })
      const { failures } = await call(describeServices, { services: ['shop'] })
      assert.equal(failures?.length, 1)
    })
})

describe('UpdateService with load balancers', () => {
  test('begins a deployment with the new ones; the older one keeps its own', async () => {
    const { call, store } = await withGroups()
    await call(createService, { ...shop, loadBalancers: [HTTP] })
    const { service } = await call(updateService, { service: 'shop', loadBalancers: [ADMIN] })
    assert.deepEqual(service?.loadBalancers, [ADMIN])
    const own = [...store.all(deployments)].map(({ status, loadBalancers }) => [status, loadBalancers])
    assert.deepEqual(
      new Map(own as [string, unknown][]),
      new Map<string, unknown>([
        ['ACTIVE', [HTTP]],
        ['PRIMARY', [ADMIN]],
      ]),
    )
    const again = await call(updateService, { service: 'shop', loadBalancers: [ADMIN] })
    assert.equal(again.service?.deployments?.length, 2)
  })

  test('takes them away with an empty list', async () => {
    const { call } = await withGroups()
    await call(createService, { ...shop, loadBalancers: [HTTP] })
    const { service } = await call(updateService, { service: 'shop', loadBalancers: [] })
    assert.deepEqual([service?.loadBalancers, service?.roleArn, service?.deployments?.length], [[], undefined, 2])
  })

  test('refuses a revision whose container lost the port', async () => {
    const { call, define } = await withGroups()
    await call(createService, { ...shop, loadBalancers: [HTTP] })
    await define({ containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 64 }] })
    await assert.rejects(call(updateService, { service: 'shop', taskDefinition: 'web:2' }), {
      code: REFUSED,
      message: 'The container app did not have a container port 80 defined.',
    })
  })

  test('scales a service whose group has lost its load balancer', async () => {
    const { call, store } = await withGroups()
    await call(createService, { ...shop, loadBalancers: [HTTP] })
    await store.write(tx => {
      for (const rule of [...tx.all(rules)]) tx.delete(rules, rules.key(rule))
    })
    const { service } = await call(updateService, { service: 'shop', desiredCount: 0 })
    assert.equal(service?.desiredCount, 0)
    await assert.rejects(call(updateService, { service: 'shop', loadBalancers: [HTTP] }), { code: REFUSED })
  })
})

describe('a task set with load balancers', () => {
  const external = { serviceName: 'shop', desiredCount: 2, deploymentController: { type: 'EXTERNAL' as const } }

  test('answers them', async () => {
    const { call, store } = await withGroups()
    await call(createService, external)
    const { taskSet } = await call(createTaskSet, {
      service: 'shop',
      cluster: 'default',
      taskDefinition: 'web',
      loadBalancers: [HTTP],
    })
    assert.deepEqual(taskSet?.loadBalancers, [HTTP])
    assert.deepEqual([...store.all(deployments)][0]?.loadBalancers, [HTTP])
  })

  test('refuses a group without a load balancer', async () => {
    const { call } = await withGroups()
    await call(createService, external)
    const loadBalancers = [{ ...HTTP, targetGroupArn: groupArn('unused') }]
    await assert.rejects(
      call(createTaskSet, { service: 'shop', cluster: 'default', taskDefinition: 'web', loadBalancers }),
      { code: REFUSED, message: /associated load balancer/ },
    )
  })
})
