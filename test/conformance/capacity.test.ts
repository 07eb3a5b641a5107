// Capacity providers, cluster updates, account settings, instances' states and throttling, by the SDK against a whole
// `stowage up` with simulated instances of the capacity provider `rack`: the happy paths, and each error that is documented.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

const INSTANCES = 3
let stowage: Stowage
let client: ecs.ECSClient
before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: INSTANCES, args: ['--capacity-provider', 'rack'] })
  client = stowage.ecs
  const containerDefinitions = [{ name: 'main', image: 'fake/run', memory: 32 }]
  await client.send(new ecs.RegisterTaskDefinitionCommand({ family: 'free', containerDefinitions }))
  for (const name of ['rack', 'empty']) {
    const autoScalingGroupProvider = { autoScalingGroupArn: name }
    await client.send(new ecs.CreateCapacityProviderCommand({ name, autoScalingGroupProvider }))
  }
  await associate(['FARGATE', 'FARGATE_SPOT', 'rack', 'empty'])
})
after(() => stowage?.dispose())

const associate = (
  capacityProviders: string[],
  defaultCapacityProviderStrategy: ecs.CapacityProviderStrategyItem[] = [],
) =>
  client.send(
    new ecs.PutClusterCapacityProvidersCommand({
      cluster: 'default',
      capacityProviders,
      defaultCapacityProviderStrategy,
    }),
  )
const refused = (attempt: Promise<unknown>, name: string, message: RegExp = /./) =>
  assert.rejects(attempt, (error: Error) => {
    assert.equal(error.name, name)
    assert.match(error.message, message)
    return true
  })
const wait = () => ({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 })
const instances = async () => (await client.send(new ecs.ListContainerInstancesCommand({}))).containerInstanceArns ?? []

describe('capacity providers', () => {
  test('create, describe, update, tag, delete', async () => {
    const autoScalingGroupProvider = { autoScalingGroupArn: 'shelf' }
    const tags = [{ key: 'row', value: '2' }]
    const { capacityProvider } = await client.send(
      new ecs.CreateCapacityProviderCommand({ name: 'shelf', autoScalingGroupProvider, tags }),
    )
    assert.equal(capacityProvider?.status, 'ACTIVE')
    const resourceArn = capacityProvider.capacityProviderArn
    assert.deepEqual((await client.send(new ecs.ListTagsForResourceCommand({ resourceArn }))).tags, tags)
    const update = { managedScaling: { targetCapacity: 50 } }
    const updated = await client.send(
      new ecs.UpdateCapacityProviderCommand({ name: 'shelf', autoScalingGroupProvider: update }),
    )
    assert.equal(updated.capacityProvider?.autoScalingGroupProvider?.managedScaling?.targetCapacity, 50)
    const names: (string | undefined)[] = []
    let nextToken: string | undefined
    do {
      const page = await client.send(new ecs.DescribeCapacityProvidersCommand({ maxResults: 2, nextToken }))
      names.push(...(page.capacityProviders ?? []).map(one => one.name))
      nextToken = page.nextToken
    } while (nextToken)
    assert.deepEqual(names, ['FARGATE', 'FARGATE_SPOT', 'empty', 'rack', 'shelf'])
    const gone = await client.send(new ecs.DeleteCapacityProviderCommand({ capacityProvider: 'shelf' }))
    assert.equal(gone.capacityProvider?.status, 'INACTIVE')
    const kept = await client.send(new ecs.DeleteCapacityProviderCommand({ capacityProvider: 'rack' }))
    assert.equal(kept.capacityProvider?.updateStatus, 'DELETE_FAILED')
  })

  test('errors', async () => {
    const create = (name: string, more: Partial<ecs.AutoScalingGroupProvider> = {}) =>
      client.send(
        new ecs.CreateCapacityProviderCommand({
          name,
          autoScalingGroupProvider: { autoScalingGroupArn: 'other', ...more },
        }),
      )
    await refused(create('rack'), 'ClientException', /already exists/)
    await refused(create('fargate'), 'InvalidParameterException', /name is invalid/)
    await refused(create('more', { managedScaling: { status: 'ENABLED' } }), 'UnsupportedFeatureException')
    await refused(
      client.send(new ecs.UpdateCapacityProviderCommand({ name: 'none', autoScalingGroupProvider: {} })),
      'InvalidParameterException',
    )
    await refused(
      client.send(new ecs.DeleteCapacityProviderCommand({ capacityProvider: 'FARGATE' })),
      'ClientException',
    )
    const { failures } = await client.send(new ecs.DescribeCapacityProvidersCommand({ capacityProviders: ['none'] }))
    assert.equal(failures?.[0]?.reason, 'MISSING')
    await refused(
      client.send(new ecs.DescribeCapacityProvidersCommand({ cluster: 'none' })),
      'ClusterNotFoundException',
    )
    await refused(associate(['none']), 'InvalidParameterException', /not in an ACTIVE state/)
  })

  test('tasks run with the provider that the strategy or the cluster names, or wait for one', async () => {
    const run = (more: Partial<ecs.RunTaskCommandInput>) =>
      client.send(new ecs.RunTaskCommand({ taskDefinition: 'free', ...more }))
    const { tasks = [] } = await run({ capacityProviderStrategy: [{ capacityProvider: 'rack' }], count: 2 })
    const arns = tasks.map(task => task.taskArn ?? '')
    await ecs.waitUntilTasksRunning(wait(), { tasks: arns })
    const { tasks: seen = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: arns }))
    assert(seen.every(task => task.capacityProviderName === 'rack' && task.launchType === 'EC2'))
    const { containerInstances = [] } = await client.send(
      new ecs.DescribeContainerInstancesCommand({ containerInstances: await instances() }),
    )
    assert(containerInstances.every(instance => instance.capacityProviderName === 'rack'))
    await associate(['rack', 'empty'], [{ capacityProvider: 'empty', weight: 1 }])
    const waiting = (await run({})).tasks?.[0]
    assert.equal(waiting?.lastStatus, 'PROVISIONING')
    assert.equal(waiting.capacityProviderName, 'empty')
    await refused(associate(['rack']), 'ResourceInUseException')
    for (const task of [...arns, waiting.taskArn]) await client.send(new ecs.StopTaskCommand({ task }))
    await ecs.waitUntilTasksStopped(wait(), { tasks: arns })
    await associate(['FARGATE', 'FARGATE_SPOT', 'rack', 'empty'])
    await refused(
      run({ launchType: 'EC2', capacityProviderStrategy: [{ capacityProvider: 'rack' }] }),
      'InvalidParameterException',
      /^Specifying both a launch type and capacity provider strategy/,
    )
  })

  test('a service keeps its shares through scaling, and changes its strategy', async () => {
    const strategy = [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', base: 0, weight: 3 },
    ]
    const containerDefinitions = [{ name: 'main', image: 'fake/run' }]
    await client.send(
      new ecs.RegisterTaskDefinitionCommand({
        family: 'serverless',
        containerDefinitions,
        cpu: '256',
        memory: '512',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
      }),
    )
    const { service } = await client.send(
      new ecs.CreateServiceCommand({
        serviceName: 'spotty',
        taskDefinition: 'serverless',
        desiredCount: 5,
        capacityProviderStrategy: strategy,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    )
    assert.deepEqual(service?.capacityProviderStrategy, strategy)
    const counts = async () => {
      const { taskArns = [] } = await client.send(new ecs.ListTasksCommand({ serviceName: 'spotty' }))
      if (taskArns.length === 0) return {}
      const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: taskArns }))
      return Object.fromEntries(
        [...Map.groupBy(tasks, task => task.capacityProviderName ?? '')].map(([name, own]) => [name, own.length]),
      )
    }
    const scaled = async (desiredCount: number, to: Record<string, number>) => {
      await client.send(new ecs.UpdateServiceCommand({ service: 'spotty', desiredCount }))
      await waitFor(`${desiredCount} tasks`, async () => {
        const found = await counts()
        return Object.entries(to).every(([name, count]) => found[name] === count) &&
          Object.keys(found).length === Object.keys(to).length
          ? true
          : undefined
      })
      await ecs.waitUntilServicesStable(wait(), { services: ['spotty'] })
    }
    await scaled(5, { FARGATE: 2, FARGATE_SPOT: 3 })
    await scaled(9, { FARGATE: 3, FARGATE_SPOT: 6 })
    await scaled(1, { FARGATE: 1 })
    const change = { service: 'spotty', capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }] }
    await refused(
      client.send(new ecs.UpdateServiceCommand(change)),
      'InvalidParameterException',
      /you must force a new deployment\.$/,
    )
    await client.send(new ecs.UpdateServiceCommand({ ...change, forceNewDeployment: true }))
    await ecs.waitUntilServicesStable(wait(), { services: ['spotty'] })
    await client.send(new ecs.DeleteServiceCommand({ service: 'spotty', force: true }))
  })
})

test('clusters: UpdateCluster, UpdateClusterSettings', async () => {
  await client.send(new ecs.CreateClusterCommand({ clusterName: 'changing' }))
  const settings = [{ name: 'containerInsights' as const, value: 'enabled' }]
  const updated = await client.send(new ecs.UpdateClusterCommand({ cluster: 'changing', settings }))
  assert.deepEqual(updated.cluster?.settings, settings)
  const set = await client.send(new ecs.UpdateClusterSettingsCommand({ cluster: 'changing', settings }))
  assert.deepEqual(set.cluster?.settings, settings)
  await refused(
    client.send(new ecs.UpdateClusterCommand({ cluster: 'none', settings })),
    'ClusterNotFoundException',
    /^Cluster not found\.$/,
  )
  await refused(
    client.send(
      new ecs.UpdateClusterSettingsCommand({
        cluster: 'changing',
        settings: [{ name: 'containerInsights', value: 'maybe' }],
      }),
    ),
    'InvalidParameterException',
    /not valid/,
  )
})

test('account settings: put, put default, list, delete', async () => {
  const name = 'awsvpcTrunking'
  const put = await client.send(new ecs.PutAccountSettingCommand({ name, value: 'enabled' }))
  assert.equal(put.setting?.value, 'enabled')
  const listed = await client.send(new ecs.ListAccountSettingsCommand({ name, effectiveSettings: true }))
  assert.deepEqual(listed.settings, [put.setting])
  const byDefault = await client.send(new ecs.PutAccountSettingDefaultCommand({ name, value: 'disabled' }))
  assert.equal(byDefault.setting?.value, 'disabled')
  await client.send(new ecs.DeleteAccountSettingCommand({ name }))
  const { settings } = await client.send(new ecs.ListAccountSettingsCommand({ name }))
  assert.deepEqual(settings, [])
  await refused(
    client.send(new ecs.PutAccountSettingCommand({ name, value: 'ENABLED' })),
    'InvalidParameterException',
    /^Invalid setting 'value'$/,
  )
  await refused(
    client.send(new ecs.PutAccountSettingDefaultCommand({ name: 'fargateFIPSMode', value: 'enabled' })),
    'InvalidParameterException',
  )
  await refused(client.send(new ecs.ListAccountSettingsCommand({ value: 'x' })), 'InvalidParameterException')
  const principalArn = 'nobody'
  await refused(client.send(new ecs.DeleteAccountSettingCommand({ name, principalArn })), 'InvalidParameterException')
})

test("container instances: their state, their agent's update; services by namespace", async () => {
  const [first = ''] = await instances()
  const set = (status: ecs.ContainerInstanceStatus, containerInstances = [first]) =>
    client.send(new ecs.UpdateContainerInstancesStateCommand({ containerInstances, status }))
  const drained = await set('DRAINING', [first, '0'.repeat(32)])
  assert.equal(drained.containerInstances?.[0]?.status, 'DRAINING')
  assert.equal(drained.failures?.[0]?.reason, 'MISSING')
  const { tasks = [] } = await client.send(new ecs.RunTaskCommand({ taskDefinition: 'free', count: 6 }))
  assert.equal(tasks.length, 6)
  assert(tasks.every(task => task.containerInstanceArn !== first))
  for (const { taskArn: task } of tasks) await client.send(new ecs.StopTaskCommand({ task }))
  assert.equal((await set('ACTIVE')).containerInstances?.[0]?.status, 'ACTIVE')
  await refused(set('REGISTERING'), 'InvalidParameterException')
  const update = (containerInstance: string) => client.send(new ecs.UpdateContainerAgentCommand({ containerInstance }))
  await refused(update(first), 'NoUpdateAvailableException')
  await refused(update('0'.repeat(32)), 'InvalidParameterException')
  await refused(
    client.send(new ecs.ListServicesByNamespaceCommand({ namespace: 'internal' })),
    'NamespaceNotFoundException',
  )
})

test('all of it is there after kill -9, and what waits still waits', async () => {
  const name = 'awsvpcTrunking'
  await client.send(new ecs.PutAccountSettingDefaultCommand({ name, value: 'enabled' }))
  await associate(['FARGATE', 'empty'], [{ capacityProvider: 'empty', weight: 1 }])
  const { tasks = [] } = await client.send(new ecs.RunTaskCommand({ taskDefinition: 'free' }))
  const arns = tasks.map(task => task.taskArn ?? '')
  await stowage.kill()
  await stowage.start()
  const { clusters = [] } = await client.send(new ecs.DescribeClustersCommand({}))
  assert.deepEqual(clusters[0]?.capacityProviders, ['FARGATE', 'empty'])
  assert.deepEqual(clusters[0].defaultCapacityProviderStrategy, [{ capacityProvider: 'empty', weight: 1, base: 0 }])
  const { settings } = await client.send(new ecs.ListAccountSettingsCommand({ name }))
  assert.equal(settings?.[0]?.value, 'enabled')
  const { tasks: seen = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: arns }))
  assert.equal(seen[0]?.lastStatus, 'PROVISIONING')
  const { task } = await client.send(new ecs.StopTaskCommand({ task: arns[0] }))
  assert.equal(task?.lastStatus, 'STOPPED')
})

test('throttling: off on loopback, as AWS does it with --throttle on', async () => {
  // Of these operations 20 may come at once, and one a second after that.
  const burst = Array.from({ length: 60 })
  const settle = (of: ecs.ECSClient) => Promise.allSettled(burst.map(() => of.send(new ecs.CreateClusterCommand({}))))
  const once = new ecs.ECSClient({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS, maxAttempts: 1 })
  assert((await settle(once)).every(answer => answer.status === 'fulfilled'))
  once.destroy()
  const throttled = await startStowage({ runtime: 'fake', args: ['--throttle', 'on'] })
  const clientOf = (maxAttempts: number) =>
    new ecs.ECSClient({ endpoint: throttled.endpoint, region: REGION, credentials: KEYS, maxAttempts })
  const [impatient, patient] = [clientOf(1), clientOf(10)]
  try {
    const reasons = (await settle(impatient)).flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
    assert(reasons.length > 0 && reasons.length <= 40, `${reasons.length} of ${burst.length} were refused`)
    for (const reason of reasons) {
      assert.equal(reason.name, 'ThrottlingException')
      assert.equal(reason.message, 'Rate exceeded')
    }
    // The SDK's own retries get through, given a few: one is let in each second.
    await patient.send(new ecs.CreateClusterCommand({}))
  } finally {
    patient.destroy()
    impatient.destroy()
    await throttled.dispose()
  }
})
