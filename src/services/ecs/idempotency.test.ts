import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createCluster } from './cluster/create-cluster.ts'
import { requestHash } from './idempotency.ts'
import { createService } from './service/create-service.ts'
import { describeServices } from './service/describe-services.ts'
import { updateService } from './service/update-service.ts'
import { runTask } from './task/run-task.ts'
import { REFUSED, testWorkloads } from './task/test-workloads.ts'

const HOUR = 60 * 60 * 1000

const setUp = async () => {
  const workloads = await testWorkloads()
  await workloads.define({ family: 'free', containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 64 }] })
  await workloads.join()
  return workloads
}

describe('a client token', () => {
  test('is of its cluster: the same in another one is another request', async () => {
    const { call, join } = await setUp()
    await call(createCluster, { clusterName: 'other' })
    await join({ cluster: 'other' })
    const asked = { taskDefinition: 'free', clientToken: 'token' }
    const here = await call(runTask, asked)
    const there = await call(runTask, { ...asked, cluster: 'other', count: 2 })
    assert.equal(there.tasks?.length, 2)
    const again = await call(runTask, asked)
    assert.deepEqual(again.tasks, here.tasks)
    const service = { serviceName: 'a', taskDefinition: 'free', desiredCount: 0, clientToken: 'token' }
    const first = await call(createService, service)
    const second = await call(createService, { ...service, cluster: 'other' })
    assert.notEqual(first.service?.serviceArn, second.service?.serviceArn)
  })

  test('of RunTask is free an hour after the last of its tasks is over', async () => {
    const { call, clock, report } = await setUp()
    const asked = { taskDefinition: 'free', count: 2, clientToken: 'token' }
    const first = await call(runTask, asked)
    const [a = '', b = ''] = first.tasks?.map(task => task.taskArn ?? '') ?? []
    const stopped = (task: string) =>
      report({ task, status: 'STOPPED', containers: [{ containerName: 'app', status: 'STOPPED' }] })
    const arns = async () => (await call(runTask, asked)).tasks?.map(task => task.taskArn)
    await stopped(a)
    await clock.advance(2 * HOUR)
    assert.deepEqual(await arns(), [a, b])
    await stopped(b)
    await clock.advance(HOUR - 1)
    assert.deepEqual(await arns(), [a, b])
    await clock.advance(1)
    assert.notDeepEqual(await arns(), [a, b])
  })

  test('of RunTask stands for failures too', async () => {
    const { call } = await setUp()
    const asked = { taskDefinition: 'free', clientToken: 'token', overrides: { memory: '999999' } }
    const first = await call(runTask, asked)
    assert.equal(first.tasks?.length, 0)
    assert.deepEqual(await call(runTask, asked), first)
    await assert.rejects(call(runTask, { ...asked, count: 2 }), {
      code: 'ConflictException',
      members: { resourceIds: [] },
    })
  })

  test('of CreateService stands for the service as it is now; another request under it is refused', async () => {
    const { call, clock } = await setUp()
    const asked = { serviceName: 'a', taskDefinition: 'free', desiredCount: 1, clientToken: 'token' }
    await call(createService, asked)
    await call(updateService, { service: 'a', desiredCount: 5 })
    const again = await call(createService, asked)
    assert.equal(again.service?.desiredCount, 5)
    await assert.rejects(call(createService, { ...asked, serviceName: 'b' }), {
      code: REFUSED,
      message: 'Creation of service was not idempotent.',
    })
    const { services } = await call(describeServices, { services: ['b'] })
    assert.deepEqual(services, [])
    await clock.advance(24 * HOUR)
    const other = await call(createService, { ...asked, serviceName: 'b' })
    assert.equal(other.service?.serviceName, 'b')
  })
})

test('property: the order of members does not change what a request is, its values do', () => {
  const requests = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(requests, fc.string(), (request, token) => {
      const turned = Object.fromEntries(Object.entries(request).reverse())
      assert.equal(requestHash({ ...request, clientToken: token }), requestHash({ ...turned, clientToken: 'another' }))
      const changed: typeof request = { ...request, count: 'changed' }
      assert.notEqual(requestHash(request), requestHash(changed))
    }),
  )
})
