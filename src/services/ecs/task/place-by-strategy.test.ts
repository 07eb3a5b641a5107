import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CapacityProviderStrategyItem, RunTaskRequest } from '@aws-sdk/client-ecs'
import { CAPACITY_PROVIDER_ATTRIBUTE } from '../../../domain/capacity-provider.ts'
import { containerInstances, tasks } from '../../../store/tables.ts'
import { createCapacityProvider } from '../capacity-provider/create-capacity-provider.ts'
import { putClusterCapacityProviders } from '../cluster/put-cluster-capacity-providers.ts'
import { describeContainerInstances } from '../container-instance/describe-container-instances.ts'
import { runTask } from './run-task.ts'
import { startTask } from './start-task.ts'
import { stopTask } from './stop-task.ts'
import { REFUSED, testWorkloads } from './test-workloads.ts'

const provider = (name: string) => ({ name, autoScalingGroupProvider: { autoScalingGroupArn: name } })

const setUp = async () => {
  const workloads = await testWorkloads()
  const { call, join, store } = workloads
  for (const name of ['disk', 'gpu']) await call(createCapacityProvider, provider(name))
  const associate = (defaultCapacityProviderStrategy: CapacityProviderStrategyItem[] = []) =>
    call(putClusterCapacityProviders, {
      cluster: 'default',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT', 'disk', 'gpu'],
      defaultCapacityProviderStrategy,
    })
  await associate()
  const joinAs = async (name: string, memory = 4096) => {
    const arn = await join({ memory })
    await store.write(tx => {
      const row = tx.get(containerInstances, arn)
      const attributes = [...(row?.attributes ?? []), { name: CAPACITY_PROVIDER_ATTRIBUTE, value: name }]
      if (row) tx.put(containerInstances, { ...row, attributes })
    })
    return arn
  }
  // Without fixed ports, so that several fit on an instance.
  await workloads.define({
    family: 'job',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: 'fake/run' }],
  })
  const run = async (strategy: CapacityProviderStrategyItem[], more: Partial<RunTaskRequest> = {}) => {
    const asked = { taskDefinition: 'job', capacityProviderStrategy: strategy, ...more }
    const { tasks: made = [], failures = [] } = await call(runTask, asked)
    return { made, failures, providers: made.map(task => task.capacityProviderName).toSorted() }
  }
  return { ...workloads, associate, joinAs, run }
}

describe('RunTask by a capacity provider strategy', () => {
  test("goes to the provider's own instances only", async () => {
    const { call, join, joinAs, run } = await setUp()
    await join({ memory: 4096 })
    const gpu = await joinAs('gpu')
    const { made } = await run([{ capacityProvider: 'gpu', weight: 1 }], { count: 3 })
    assert.deepEqual(
      made.map(task => [task.capacityProviderName, task.launchType, task.containerInstanceArn, task.lastStatus]),
      Array.from({ length: 3 }, () => ['gpu', 'EC2', gpu, 'PENDING']),
    )
    const { containerInstances: described } = await call(describeContainerInstances, { containerInstances: [gpu] })
    assert.equal(described?.[0]?.capacityProviderName, 'gpu')
  })

  test('shares out by base and weight', async () => {
    const { joinAs, run } = await setUp()
    await joinAs('gpu', 16_384)
    await joinAs('disk', 16_384)
    const { providers } = await run(
      [
        { capacityProvider: 'disk', base: 2, weight: 1 },
        { capacityProvider: 'gpu', weight: 3 },
      ],
      { count: 10 },
    )
    assert.deepEqual(providers, [...Array(4).fill('disk'), ...Array(6).fill('gpu')])
  })

  test('waits in PROVISIONING for an instance, and can be stopped there', async () => {
    const { call, join, run, store } = await setUp()
    await join()
    const { made, failures } = await run([{ capacityProvider: 'gpu' }], { count: 2 })
    assert.deepEqual(failures, [])
    assert.deepEqual(
      made.map(task => [task.lastStatus, task.capacityProviderName, task.containerInstanceArn]),
      Array.from({ length: 2 }, () => ['PROVISIONING', 'gpu', undefined]),
    )
    const stopped = await call(stopTask, { task: made[0]?.taskArn })
    assert.equal(stopped.task?.lastStatus, 'STOPPED')
    assert.equal(store.get(tasks, made[1]?.taskArn ?? '')?.lastStatus, 'PROVISIONING')
  })

  test('no more than 500 tasks of a cluster wait', async () => {
    const { run } = await setUp()
    for (let at = 0; at < 50; at++) await run([{ capacityProvider: 'gpu' }], { count: 10 })
    const { made, failures } = await run([{ capacityProvider: 'gpu' }], { count: 2 })
    assert.equal(made.length, 0)
    assert.equal(failures.length, 2)
    assert.equal(failures[0]?.reason, 'EMPTY CAPACITY PROVIDER')
    assert.match(failures[0].detail ?? '', /500/)
  })

  test('both FARGATE providers are FARGATE capacity; what is not there is a failure', async () => {
    const { define, join, run } = await setUp()
    await define({
      family: 'job',
      cpu: '256',
      memory: '512',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [{ name: 'app', image: 'fake/run' }],
    })
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
    const spot = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]
    const none = await run(spot, { networkConfiguration })
    assert.equal(none.made.length, 0)
    assert.match(none.failures[0]?.reason ?? '', /^Capacity is unavailable/)
    await join({ fargate: true, memory: 16_384 })
    const { made } = await run(spot, { networkConfiguration })
    assert.equal(made[0]?.launchType, 'FARGATE')
    assert.equal(made[0].capacityProviderName, 'FARGATE_SPOT')
  })

  test('without strategy and launch type the default of the cluster holds; a launch type overrides it', async () => {
    const { call, associate, joinAs, run, join } = await setUp()
    await associate([{ capacityProvider: 'gpu', weight: 1 }])
    const plain = await join({ memory: 4096 })
    const gpu = await joinAs('gpu')
    const byDefault = await run([])
    assert.equal(byDefault.made[0]?.containerInstanceArn, gpu)
    const named = await run([], { launchType: 'EC2' })
    assert.equal(named.made[0]?.capacityProviderName, undefined)
    const started = await call(startTask, { taskDefinition: 'job', containerInstances: [plain] })
    assert.equal(started.tasks?.[0]?.capacityProviderName, undefined)
  })

  test('a provider that has tasks stays with the cluster', async () => {
    const { call, joinAs, run } = await setUp()
    await joinAs('gpu')
    const { made } = await run([{ capacityProvider: 'gpu' }])
    const remove = () =>
      call(putClusterCapacityProviders, {
        cluster: 'default',
        capacityProviders: ['FARGATE'],
        defaultCapacityProviderStrategy: [],
      })
    await assert.rejects(remove(), {
      code: 'ResourceInUseException',
      message: 'The specified capacity provider is in use and cannot be removed.',
    })
    await call(stopTask, { task: made[0]?.taskArn })
    await assert.rejects(remove(), { code: 'ResourceInUseException' })
  })

  test('refuses both at once, and strategies that are not sound', async () => {
    const { run } = await setUp()
    const refused = (attempt: Promise<unknown>, message: string | RegExp) =>
      assert.rejects(attempt, { code: REFUSED, message })
    await refused(
      run([{ capacityProvider: 'gpu' }], { launchType: 'EC2' }),
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    )
    await refused(
      run([{ capacityProvider: 'none' }]),
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.',
    )
    await refused(run([{ capacityProvider: 'gpu' }, { capacityProvider: 'disk' }]), /weight greater than 0/)
    await refused(
      run([{ capacityProvider: 'gpu', weight: 1 }, { capacityProvider: 'FARGATE' }]),
      /cannot contain a mix/,
    )
  })
})
