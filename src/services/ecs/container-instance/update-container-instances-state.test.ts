import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { containerInstances } from '../../../store/tables.ts'
import { listServicesByNamespace } from '../service/list-services-by-namespace.ts'
import { runTask } from '../task/run-task.ts'
import { startTask } from '../task/start-task.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { deregisterContainerInstance } from './deregister-container-instance.ts'
import { listContainerInstances } from './list-container-instances.ts'
import { updateContainerAgent } from './update-container-agent.ts'
import { updateContainerInstancesState } from './update-container-instances-state.ts'

const NONE = `${ARN}:container-instance/default/${'0'.repeat(32)}`

describe('UpdateContainerInstancesState', () => {
  test('DRAINING takes no new tasks, ACTIVE takes them in again; what runs stays', async () => {
    const { call, join } = await testWorkloads()
    const instance = await join()
    const { tasks } = await call(runTask, { taskDefinition: 'web' })
    assert.equal(tasks?.length, 1)
    const set = (status: 'ACTIVE' | 'DRAINING') =>
      call(updateContainerInstancesState, { containerInstances: [instance], status })
    const drained = await set('DRAINING')
    assert.deepEqual(drained.failures, [])
    assert.equal(drained.containerInstances?.[0]?.status, 'DRAINING')
    assert.equal(drained.containerInstances[0]?.pendingTasksCount, 1)
    const again = await set('DRAINING')
    assert.equal(again.containerInstances?.[0]?.version, drained.containerInstances[0]?.version)
    const listed = await call(listContainerInstances, { status: 'DRAINING' })
    assert.deepEqual(listed.containerInstanceArns, [instance])
    await assert.rejects(call(runTask, { taskDefinition: 'web' }), {
      message: 'No Container Instances were found in your cluster.',
    })
    const started = await call(startTask, { taskDefinition: 'web', containerInstances: [instance] })
    assert.equal(started.failures?.[0]?.reason, 'INACTIVE')
    const active = await set('ACTIVE')
    assert.equal(active.containerInstances?.[0]?.status, 'ACTIVE')
  })

  test('unknown and deregistered instances are failures, others change all the same', async () => {
    const { call, join, store } = await testWorkloads()
    const [gone, good] = [await join(), await join()]
    await call(deregisterContainerInstance, { containerInstance: gone })
    const answer = await call(updateContainerInstancesState, {
      containerInstances: [NONE, gone, good],
      status: 'DRAINING',
    })
    assert.deepEqual(answer.failures, [
      { arn: NONE, reason: 'MISSING' },
      { arn: gone, reason: 'INACTIVE' },
    ])
    assert.equal(store.get(containerInstances, good)?.status, 'DRAINING')
    assert.equal(store.get(containerInstances, gone)?.status, 'INACTIVE')
  })

  test('refuses other statuses, none and more than ten instances, unknown clusters', async () => {
    const { call } = await testWorkloads()
    const ask = (input: Parameters<ReturnType<typeof updateContainerInstancesState>>[1]) =>
      call(updateContainerInstancesState, input)
    await assert.rejects(ask({ containerInstances: [NONE], status: 'REGISTERING' }), { code: REFUSED })
    await assert.rejects(ask({ containerInstances: [], status: 'ACTIVE' }), { code: REFUSED })
    const many = Array.from({ length: 11 }, () => NONE)
    await assert.rejects(ask({ containerInstances: many, status: 'ACTIVE' }), { code: REFUSED })
    await assert.rejects(ask({ cluster: 'none', containerInstances: [NONE], status: 'ACTIVE' }), {
      code: 'ClusterNotFoundException',
    })
  })
})

test('UpdateContainerAgent: there is no update, and without a version not even that is known', async () => {
  const { call, join, store } = await testWorkloads()
  const containerInstance = await join()
  await assert.rejects(call(updateContainerAgent, { containerInstance }), { code: 'MissingVersionException' })
  await store.write(tx => {
    const row = tx.get(containerInstances, containerInstance)
    if (row) tx.put(containerInstances, { ...row, versionInfo: { agentVersion: '1.2.3' } })
  })
  await assert.rejects(call(updateContainerAgent, { containerInstance }), {
    code: 'NoUpdateAvailableException',
    message: /1\.2\.3/,
  })
  await assert.rejects(call(updateContainerAgent, { containerInstance: NONE }), { code: REFUSED })
  await call(deregisterContainerInstance, { containerInstance })
  await assert.rejects(call(updateContainerAgent, { containerInstance }), { code: REFUSED, message: /deregistered/ })
  await assert.rejects(call(updateContainerAgent, { cluster: 'none', containerInstance }), {
    code: 'ClusterNotFoundException',
  })
})

test('ListServicesByNamespace: no namespace exists', async () => {
  const { call } = await testWorkloads()
  await assert.rejects(call(listServicesByNamespace, { namespace: 'internal' }), {
    code: 'NamespaceNotFoundException',
    message: /internal/,
  })
  await assert.rejects(call(listServicesByNamespace, { namespace: '' }), { code: REFUSED })
  await assert.rejects(call(listServicesByNamespace, { namespace: 'a', maxResults: 101 }), { code: REFUSED })
})
