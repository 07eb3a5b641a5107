// Daemons, by the SDK against a whole `stowage up` with simulated instances: registered, made, described, rolled out, rolled back and
// deleted; and each error that the operations document.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

const HOSTS = 4
let stowage: Stowage
let client: ecs.ECSClient
let instances: readonly string[]
let scope: string

before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: HOSTS, args: ['--capacity-provider', 'rack'] })
  client = stowage.ecs
  scope = `arn:aws:ecs:us-east-1:${stowage.accountId}`
  const { containerInstanceArns = [] } = await client.send(new ecs.ListContainerInstancesCommand({}))
  instances = containerInstanceArns
  const autoScalingGroupProvider = { autoScalingGroupArn: 'rack', managedScaling: { status: 'DISABLED' as const } }
  await client.send(new ecs.CreateCapacityProviderCommand({ name: 'rack', autoScalingGroupProvider }))
  await client.send(
    new ecs.PutClusterCapacityProvidersCommand({
      cluster: 'default',
      capacityProviders: ['rack'],
      defaultCapacityProviderStrategy: [],
    }),
  )
})
after(() => stowage?.dispose())

const register = async (image: string, more: Partial<ecs.RegisterDaemonTaskDefinitionCommandInput> = {}) => {
  const containerDefinitions = [{ name: 'agent', image, memory: 32 }]
  const input = { family: 'agent', containerDefinitions, ...more }
  const { daemonTaskDefinitionArn } = await client.send(new ecs.RegisterDaemonTaskDefinitionCommand(input))
  return daemonTaskDefinitionArn ?? assert.fail()
}
const create = async (daemonName: string, definition: string, more: Partial<ecs.CreateDaemonCommandInput> = {}) =>
  client.send(
    new ecs.CreateDaemonCommand({
      daemonName,
      daemonTaskDefinitionArn: definition,
      capacityProviderArns: [`${scope}:capacity-provider/rack`],
      ...more,
    }),
  )
const update = (daemonArn: string, definition: string, more: Partial<ecs.UpdateDaemonCommandInput> = {}) =>
  client.send(
    new ecs.UpdateDaemonCommand({
      daemonArn,
      daemonTaskDefinitionArn: definition,
      capacityProviderArns: ['rack'],
      ...more,
    }),
  )
const detailOf = async (daemonArn: string) => (await client.send(new ecs.DescribeDaemonCommand({ daemonArn }))).daemon
const deploymentOf = async (arn: string | undefined) => {
  const { daemonDeployments } = await client.send(
    new ecs.DescribeDaemonDeploymentsCommand({ daemonDeploymentArns: [arn ?? ''] }),
  )
  return daemonDeployments?.[0] ?? assert.fail(`there is no ${arn}`)
}
const reaches = (arn: string | undefined, status: ecs.DaemonDeploymentStatus) =>
  waitFor(`${arn} is ${status}`, async () => {
    const deployment = await deploymentOf(arn)
    return deployment.status === status ? deployment : undefined
  })
const tasksOf = async (daemonName: string): Promise<readonly ecs.Task[]> => {
  const { taskArns = [] } = await client.send(new ecs.ListTasksCommand({}))
  if (taskArns.length === 0) return []
  const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: taskArns, include: ['TAGS'] }))
  return tasks.filter(({ group, lastStatus }) => group === `daemon:${daemonName}` && lastStatus === 'RUNNING')
}
const gone = (daemonArn: string) =>
  waitFor(`${daemonArn} is gone`, async () => {
    const error = await detailOf(daemonArn).catch((refusal: unknown) => refusal)
    return error instanceof ecs.DaemonNotFoundException || undefined
  })
const remove = async (daemonArn: string) => {
  const answer = await client.send(new ecs.DeleteDaemonCommand({ daemonArn }))
  await gone(daemonArn)
  return answer
}

test('a daemon runs on every instance, is described, and leaves nothing behind when it is deleted', async () => {
  const definition = await register('fake/run')
  assert.equal(definition, `${scope}:daemon-task-definition/agent:1`)
  const made = await create('logs', definition, { tags: [{ key: 'team', value: 'ops' }], propagateTags: 'DAEMON' })
  assert.deepEqual([made.daemonArn, made.status], [`${scope}:daemon/default/logs`, 'ACTIVE'])
  assert.match(made.deploymentArn ?? '', /:daemon-deployment\/default\/logs\/[\w-]{21}$/)
  const done = await reaches(made.deploymentArn, 'SUCCESSFUL')
  assert.equal(done.targetDaemonRevision?.totalRunningInstanceCount, HOSTS)
  assert.deepEqual(done.deploymentConfiguration, { drainPercent: 25, bakeTimeInMinutes: 0 })
  assert.equal(done.circuitBreaker?.status, 'MONITORING_COMPLETE')

  const tasks = await tasksOf('logs')
  assert.deepEqual(tasks.map(({ containerInstanceArn }) => containerInstanceArn).sort(), [...instances].sort())
  assert.ok(tasks.every(task => task.taskDefinitionArn === definition && task.capacityProviderName === 'rack'))
  assert.deepEqual(tasks[0]?.tags, [{ key: 'team', value: 'ops' }])

  const daemonArn = made.daemonArn ?? ''
  const daemon = await detailOf(daemonArn)
  const [revision] = daemon?.currentRevisions ?? []
  assert.match(revision?.arn ?? '', /:daemon-revision\/default\/logs\/\d{19}$/)
  assert.deepEqual(revision?.capacityProviders, [
    { arn: `${scope}:capacity-provider/rack`, runningCount: HOSTS, withoutDaemonCount: 0 },
  ])
  const { daemonRevisions } = await client.send(
    new ecs.DescribeDaemonRevisionsCommand({ daemonRevisionArns: [revision?.arn ?? ''] }),
  )
  const [told] = daemonRevisions ?? []
  assert.deepEqual(
    [told?.daemonArn, told?.daemonTaskDefinitionArn, told?.propagateTags, told?.critical],
    [daemonArn, definition, 'DAEMON', true],
  )
  assert.deepEqual(
    told?.containerImages?.map(({ image }) => image),
    ['fake/run'],
  )

  // Nothing of it among services.
  const { serviceArns } = await client.send(new ecs.ListServicesCommand({}))
  assert.deepEqual(serviceArns, [])
  const { daemonSummariesList } = await client.send(new ecs.ListDaemonsCommand({ capacityProviderArns: ['rack'] }))
  assert.deepEqual(
    daemonSummariesList?.map(one => one.daemonArn),
    [daemonArn],
  )
  await client.send(new ecs.TagResourceCommand({ resourceArn: daemonArn, tags: [{ key: 'a', value: 'b' }] }))
  assert.equal((await client.send(new ecs.ListTagsForResourceCommand({ resourceArn: daemonArn }))).tags?.length, 2)

  const deleted = await remove(daemonArn)
  assert.equal(deleted.status, 'DELETE_IN_PROGRESS')
  assert.equal((await reaches(deleted.deploymentArn, 'SUCCESSFUL')).targetDaemonRevision, undefined)
  assert.deepEqual(await tasksOf('logs'), [])
})

test('the same request again answers the same daemon; another under its name is refused', async () => {
  const definition = await register('fake/run')
  const made = await create('twice', definition, { clientToken: 'token' })
  const again = await create('twice', definition, { clientToken: 'token' })
  assert.deepEqual([again.daemonArn, again.deploymentArn], [made.daemonArn, made.deploymentArn])
  assert.equal((await create('twice', definition)).deploymentArn, made.deploymentArn)
  await assert.rejects(create('twice', definition, { critical: false }), /not idempotent/)
  await remove(made.daemonArn ?? '')
})

test('an update replaces the tasks, a share of the instances at a time', async () => {
  const made = await create('metrics', await register('fake/run'))
  const daemonArn = made.daemonArn ?? ''
  await reaches(made.deploymentArn, 'SUCCESSFUL')
  const next = await register('fake/run')
  const { deploymentArn } = await update(daemonArn, next, { deploymentConfiguration: { drainPercent: 50 } })
  const done = await reaches(deploymentArn, 'SUCCESSFUL')
  assert.equal(done.sourceDaemonRevisions?.length, 1)
  assert.equal(done.deploymentConfiguration?.drainPercent, 50)
  const tasks = await tasksOf('metrics')
  assert.equal(tasks.length, HOSTS)
  assert.ok(tasks.every(task => task.taskDefinitionArn === next))
  const { daemonDeployments } = await client.send(new ecs.ListDaemonDeploymentsCommand({ daemonArn }))
  assert.deepEqual(
    daemonDeployments?.map(one => one.daemonDeploymentArn),
    [deploymentArn, made.deploymentArn],
  )
  const bare = await client.send(new ecs.ListDaemonDeploymentsCommand({ daemonArn, status: ['STOPPED'] }))
  assert.deepEqual(bare.daemonDeployments, [])
  await remove(daemonArn)
})

test('a revision that does not start is rolled back', async () => {
  const good = await register('fake/run')
  const made = await create('flaky', good)
  const daemonArn = made.daemonArn ?? ''
  await reaches(made.deploymentArn, 'SUCCESSFUL')
  const { deploymentArn } = await update(daemonArn, await register('fake/no-pull'), {
    deploymentConfiguration: { drainPercent: 100 },
  })
  const back = await reaches(deploymentArn, 'ROLLBACK_SUCCESSFUL')
  assert.equal(back.circuitBreaker?.status, 'TRIGGERED')
  assert.match(back.statusReason ?? '', /^Daemon deployment rolled back because the circuit breaker threshold/)
  assert.deepEqual(back.rollback?.rollbackCapacityProviders, [`${scope}:capacity-provider/rack`])
  const tasks = await tasksOf('flaky')
  assert.equal(tasks.length, HOSTS)
  assert.ok(tasks.every(task => task.taskDefinitionArn === good))
  await remove(daemonArn)
})

test('nothing else is placed where a critical daemon does not run; with one that is not critical it is', async () => {
  const containerDefinitions = [{ name: 'main', image: 'fake/run', memory: 32 }]
  await client.send(new ecs.RegisterTaskDefinitionCommand({ family: 'app', containerDefinitions }))
  const broken = await register('fake/no-pull')
  const made = await create('guard', broken)
  const daemonArn = made.daemonArn ?? ''
  const refused = await client.send(new ecs.RunTaskCommand({ taskDefinition: 'app' }))
  assert.deepEqual(new Set(refused.failures?.map(({ reason }) => reason)), new Set(['DAEMON']))
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'app', taskDefinition: 'app', desiredCount: 2 }))
  await waitFor('the service says that it waits', async () => {
    const { services } = await client.send(new ecs.DescribeServicesCommand({ services: ['app'] }))
    return services?.[0]?.events?.find(({ message }) => message?.includes('encountered error "DAEMON"'))
  })
  // No revision to go back to: the deployment stops, and the daemon waits for a better one.
  const stopped = await reaches(made.deploymentArn, 'ROLLBACK_FAILED')
  assert.match(stopped.statusReason ?? '', /^No rollback candidate/)
  assert.equal(stopped.circuitBreaker?.status, 'TRIGGERED')
  const { deploymentArn } = await update(daemonArn, broken, { critical: false })
  await ecs.waitUntilServicesStable({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 }, { services: ['app'] })
  const lacking = await detailOf(daemonArn)
  assert.equal(lacking?.currentRevisions?.[0]?.totalWithoutDaemonCount, HOSTS)
  assert.notEqual(deploymentArn, made.deploymentArn)
  await client.send(new ecs.DeleteServiceCommand({ service: 'app', force: true }))
  await remove(daemonArn)
})

test('daemon task definitions: described, listed, deleted', async () => {
  const family = 'shape'
  const volumes = [{ name: 'var', host: { sourcePath: '/var/log' } }]
  const mountPoints = [{ sourceVolume: 'var', containerPath: '/logs', readOnly: true }]
  const containerDefinitions = [{ name: 'a', image: 'fake/run', memoryReservation: 16, privileged: true, mountPoints }]
  const arn = await register('', { family, containerDefinitions, volumes, pidMode: 'shared', cpu: '128' })
  const next = await register('', { family, containerDefinitions, volumes })
  const describe = async (daemonTaskDefinition: string) =>
    (await client.send(new ecs.DescribeDaemonTaskDefinitionCommand({ daemonTaskDefinition }))).daemonTaskDefinition
  const first = await describe(`${family}:1`)
  assert.deepEqual([first?.daemonTaskDefinitionArn, first?.pidMode, first?.cpu], [arn, 'shared', '128'])
  assert.deepEqual([first?.volumes, first?.status, first?.revision], [volumes, 'ACTIVE', 1])
  assert.equal(first?.containerDefinitions?.[0]?.privileged, true)
  assert.equal((await describe(family))?.revision, 2)

  const list = async (more: ecs.ListDaemonTaskDefinitionsCommandInput) => {
    const answer = await client.send(new ecs.ListDaemonTaskDefinitionsCommand({ familyPrefix: 'sha', ...more }))
    return { arns: answer.daemonTaskDefinitions?.map(one => one.arn), next: answer.nextToken }
  }
  assert.deepEqual((await list({})).arns, [arn, next])
  assert.deepEqual((await list({ sort: 'DESC' })).arns, [next, arn])
  assert.deepEqual((await list({ revision: 'LAST_REGISTERED' })).arns, [next])
  const page = await list({ maxResults: 1, sort: 'DESC' })
  assert.deepEqual(page.arns, [next])
  assert.deepEqual((await list({ maxResults: 1, sort: 'DESC', nextToken: page.next })).arns, [arn])

  const remove = (daemonTaskDefinition: string) =>
    client.send(new ecs.DeleteDaemonTaskDefinitionCommand({ daemonTaskDefinition }))
  assert.equal((await remove(arn)).daemonTaskDefinitionArn, arn)
  assert.deepEqual((await list({})).arns, [next])
  await assert.rejects(create('none', arn), ecs.ClientException)
  await assert.rejects(remove(arn), ecs.ClientException)
  await assert.rejects(remove(family), ecs.ClientException)
  await assert.rejects(describe('nothing'), ecs.ClientException)
  await assert.rejects(describe(`${scope}:cluster/default`), ecs.InvalidParameterException)
  const logs = [{ name: 'logs', logDriverVolumeConfiguration: { driver: 'json-file' as const } }]
  await assert.rejects(register('fake/run', { volumes: logs }), /'logDriverVolumeConfiguration'/)
  await assert.rejects(register('fake/run', { taskRoleArn: 'role' }), /'taskRoleArn'/)
  await assert.rejects(register('fake/run', { family: '' }), ecs.ClientException)
  // Families of services are others.
  const { families } = await client.send(new ecs.ListTaskDefinitionFamiliesCommand({}))
  assert.ok(!families?.includes(family))
})

test('what does not go, and how it is said', async () => {
  const definition = await register('fake/run')
  const invalid = ecs.InvalidParameterException
  const unsupported = ecs.UnsupportedFeatureException
  await assert.rejects(create('', definition), invalid)
  await assert.rejects(create('a b', definition), invalid)
  await assert.rejects(create('a', `${scope}:daemon-task-definition/none:1`), ecs.ClientException)
  await assert.rejects(create('a', definition, { clusterArn: `${scope}:cluster/none` }), ecs.ClusterNotFoundException)
  await assert.rejects(create('a', definition, { capacityProviderArns: [] }), invalid)
  await assert.rejects(create('a', definition, { capacityProviderArns: ['FARGATE'] }), invalid)
  await assert.rejects(create('a', definition, { capacityProviderArns: ['other'] }), /not associated with the cluster/)
  await assert.rejects(create('a', definition, { enableExecuteCommand: true }), unsupported)
  const alarms = { enable: true, alarmNames: ['a'] }
  await assert.rejects(create('a', definition, { deploymentConfiguration: { alarms } }), unsupported)
  await assert.rejects(create('a', definition, { deploymentConfiguration: { drainPercent: 101 } }), invalid)
  await assert.rejects(create('a', definition, { deploymentConfiguration: { bakeTimeInMinutes: 1441 } }), invalid)
  const none = `${scope}:daemon/default/none`
  await assert.rejects(detailOf(none), ecs.DaemonNotFoundException)
  await assert.rejects(update(none, definition), ecs.DaemonNotFoundException)
  await assert.rejects(remove(none), ecs.DaemonNotFoundException)
  await assert.rejects(detailOf(`${scope}:service/default/none`), invalid)
  await assert.rejects(detailOf(`${scope}:daemon/other/none`), ecs.ClusterNotFoundException)
  await assert.rejects(client.send(new ecs.ListDaemonDeploymentsCommand({ daemonArn: none })), invalid)
  const missing = `${scope}:daemon-deployment/default/none/1`
  const { failures } = await client.send(new ecs.DescribeDaemonDeploymentsCommand({ daemonDeploymentArns: [missing] }))
  assert.deepEqual(failures, [{ arn: missing, reason: 'MISSING' }])
  await assert.rejects(client.send(new ecs.DescribeDaemonRevisionsCommand({ daemonRevisionArns: [] })), invalid)

  const made = await create('busy', definition)
  const daemonArn = made.daemonArn ?? ''
  await assert.rejects(
    client.send(
      new ecs.PutClusterCapacityProvidersCommand({
        cluster: 'default',
        capacityProviders: [],
        defaultCapacityProviderStrategy: [],
      }),
    ),
    ecs.ResourceInUseException,
  )
  await remove(daemonArn)
  await assert.rejects(update(daemonArn, definition), ecs.DaemonNotFoundException)
})
