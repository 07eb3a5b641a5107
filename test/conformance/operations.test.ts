// Every operation that is built, once on its happy path, by the SDK against a whole `stowage up` with simulated instances;
// and what the fake runtime's images do, seen through the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

const INSTANCES = 3
let stowage: Stowage
let client: ecs.ECSClient
before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: INSTANCES })
  client = stowage.ecs
})
after(() => stowage?.dispose())

const wait = () => ({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 })
const register = async (family: string, image: string, change: Partial<ecs.ContainerDefinition> = {}) => {
  const containerDefinitions = [{ name: 'main', image, cpu: 64, memory: 32, ...change }]
  const answer = await client.send(new ecs.RegisterTaskDefinitionCommand({ family, containerDefinitions }))
  assert(answer.taskDefinition?.taskDefinitionArn)
  return answer.taskDefinition
}
const run = async (input: ecs.RunTaskCommandInput): Promise<ecs.Task> => {
  const { tasks = [], failures } = await client.send(new ecs.RunTaskCommand(input))
  assert.deepEqual(failures, [])
  assert(tasks[0])
  return tasks[0]
}
const look = async (task: ecs.Task): Promise<ecs.Task> => {
  const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: [task.taskArn ?? ''] }))
  assert(tasks[0])
  return tasks[0]
}
const ended = async (task: ecs.Task): Promise<ecs.Task> => {
  await ecs.waitUntilTasksStopped(wait(), { tasks: [task.taskArn ?? ''] })
  return look(task)
}

test('clusters: create, describe, list, delete', async () => {
  const tags = [{ key: 'team', value: 'a' }]
  const { cluster } = await client.send(new ecs.CreateClusterCommand({ clusterName: 'one', tags }))
  assert.equal(cluster?.status, 'ACTIVE')
  const again = await client.send(new ecs.CreateClusterCommand({ clusterName: 'one', tags }))
  assert.equal(again.cluster?.clusterArn, cluster.clusterArn)
  const { clusterArns } = await client.send(new ecs.ListClustersCommand({}))
  assert(clusterArns?.includes(cluster.clusterArn ?? ''))
  const described = await client.send(
    new ecs.DescribeClustersCommand({ clusters: ['one', 'none'], include: ['TAGS', 'STATISTICS'] }),
  )
  assert.deepEqual(described.clusters?.[0]?.tags, tags)
  assert.equal(described.failures?.[0]?.reason, 'MISSING')
  const gone = await client.send(new ecs.DeleteClusterCommand({ cluster: 'one' }))
  assert.equal(gone.cluster?.status, 'INACTIVE')
})

test('task definitions: register, describe, list, deregister, with their defaults', async () => {
  const first = await register('defined', 'fake/run', { portMappings: [{ containerPort: 80 }] })
  const [container] = first.containerDefinitions ?? []
  assert.equal(container?.essential, true)
  assert.deepEqual(container.portMappings, [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }])
  const second = await register('defined', 'fake/run')
  assert.equal(second.revision, 2)
  for (const name of ['defined', 'defined:2', second.taskDefinitionArn]) {
    const found = await client.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: name }))
    assert.equal(found.taskDefinition?.revision, 2)
  }
  const families = await client.send(new ecs.ListTaskDefinitionFamiliesCommand({ familyPrefix: 'def' }))
  assert.deepEqual(families.families, ['defined'])
  const removed = await client.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition: 'defined:1' }))
  assert.equal(removed.taskDefinition?.status, 'INACTIVE')
  const gone = await client.send(new ecs.DeleteTaskDefinitionsCommand({ taskDefinitions: ['defined:1', 'defined:2'] }))
  assert.deepEqual(
    gone.taskDefinitions?.map(({ revision, status }) => [revision, status]),
    [[1, 'DELETE_IN_PROGRESS']],
  )
  assert.deepEqual(
    gone.failures?.map(({ arn }) => arn),
    [second.taskDefinitionArn],
  )
  const active = await client.send(new ecs.ListTaskDefinitionsCommand({ familyPrefix: 'defined' }))
  assert.deepEqual(active.taskDefinitionArns, [second.taskDefinitionArn])
})

test('tasks: run with overrides and tags, list, describe, stop', async () => {
  await register('job', 'fake/run')
  const input: ecs.RunTaskCommandInput = {
    taskDefinition: 'job',
    count: 3,
    group: 'batch',
    startedBy: 'conformance',
    clientToken: 'only-once',
    tags: [{ key: 'a', value: 'b' }],
    overrides: { containerOverrides: [{ name: 'main', environment: [{ name: 'X', value: 'y' }] }] },
  }
  const { tasks = [] } = await client.send(new ecs.RunTaskCommand(input))
  const again = await client.send(new ecs.RunTaskCommand(input))
  const arns = tasks.map(task => task.taskArn ?? '')
  assert.deepEqual(again.tasks?.map(task => task.taskArn).toSorted(), arns.toSorted())
  await ecs.waitUntilTasksRunning(wait(), { tasks: arns })
  const hosts = new Set((await Promise.all(tasks.map(look))).map(task => task.containerInstanceArn))
  assert.equal(hosts.size, INSTANCES, 'spread over the zones')
  const pages: string[] = []
  for await (const page of ecs.paginateListTasks({ client, pageSize: 2 }, { startedBy: 'conformance' })) {
    pages.push(...(page.taskArns ?? []))
  }
  assert.deepEqual(pages.toSorted(), arns.toSorted())
  for (const task of arns) await client.send(new ecs.StopTaskCommand({ task, reason: 'over' }))
  await ecs.waitUntilTasksStopped(wait(), { tasks: arns })
  const [stopped] = tasks
  assert(stopped)
  assert.equal((await look(stopped)).stoppedReason, 'over')
})

test('StartTask runs on the instance that is named', async () => {
  const { containerInstanceArns = [] } = await client.send(new ecs.ListContainerInstancesCommand({}))
  const [instance = ''] = containerInstanceArns
  const started = await client.send(new ecs.StartTaskCommand({ taskDefinition: 'job', containerInstances: [instance] }))
  const [task] = started.tasks ?? []
  assert(task)
  assert.equal(task.containerInstanceArn, instance)
  await ecs.waitUntilTasksRunning(wait(), { tasks: [task.taskArn ?? ''] })
  const { containerInstances } = await client.send(
    new ecs.DescribeContainerInstancesCommand({ containerInstances: [instance] }),
  )
  assert.equal(containerInstances?.[0]?.runningTasksCount, 1)
  const left = (name: string) =>
    containerInstances[0]?.remainingResources?.find(resource => resource.name === name)?.integerValue ?? 0
  const all = (name: string) =>
    containerInstances[0]?.registeredResources?.find(resource => resource.name === name)?.integerValue ?? 0
  assert.equal(all('CPU') - left('CPU'), 64)
  assert.equal(all('MEMORY') - left('MEMORY'), 32)
  await client.send(new ecs.StopTaskCommand({ task: task.taskArn }))
})

test('services: create, describe, list, update, tag, delete', async () => {
  await register('web', 'fake/run')
  const { service } = await client.send(
    new ecs.CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 5,
      clientToken: 't1',
    }),
  )
  assert.equal(service?.status, 'ACTIVE')
  await ecs.waitUntilServicesStable(wait(), { services: ['web'] })
  await register('web', 'fake/run')
  const updated = await client.send(
    new ecs.UpdateServiceCommand({ service: 'web', taskDefinition: 'web', desiredCount: 3 }),
  )
  assert.deepEqual(
    updated.service?.deployments?.map(deployment => deployment.status),
    ['PRIMARY', 'ACTIVE'],
  )
  await ecs.waitUntilServicesStable(wait(), { services: ['web'] })
  const { services = [] } = await client.send(new ecs.DescribeServicesCommand({ services: ['web'] }))
  assert.equal(services[0]?.runningCount, 3)
  assert.match(services[0].taskDefinition ?? '', /web:2$/)
  const resourceArn = service.serviceArn
  await client.send(new ecs.TagResourceCommand({ resourceArn, tags: [{ key: 'k', value: 'v' }] }))
  assert.deepEqual((await client.send(new ecs.ListTagsForResourceCommand({ resourceArn }))).tags, [
    { key: 'k', value: 'v' },
  ])
  await client.send(new ecs.UntagResourceCommand({ resourceArn, tagKeys: ['k'] }))
  assert.deepEqual((await client.send(new ecs.ListTagsForResourceCommand({ resourceArn }))).tags, [])
  assert.deepEqual((await client.send(new ecs.ListServicesCommand({}))).serviceArns, [resourceArn])
  await client.send(new ecs.UpdateServiceCommand({ service: 'web', desiredCount: 0 }))
  await ecs.waitUntilServicesStable(wait(), { services: ['web'] })
  const deleted = await client.send(new ecs.DeleteServiceCommand({ service: 'web' }))
  assert.equal(deleted.service?.status, 'DRAINING')
  await ecs.waitUntilServicesInactive(wait(), { services: ['web'] })
})

test('a task that fits nowhere says what was short, per instance', async () => {
  await register('huge', 'fake/run', { memory: 1_000_000 })
  const { tasks, failures = [] } = await client.send(new ecs.RunTaskCommand({ taskDefinition: 'huge' }))
  assert.deepEqual(tasks, [])
  assert.deepEqual(
    failures.map(failure => failure.reason),
    Array.from({ length: INSTANCES }, () => 'RESOURCE:MEMORY'),
  )
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'huge', taskDefinition: 'huge', desiredCount: 1 }))
  const event = await waitFor('the service says why', async () => {
    const { services } = await client.send(new ecs.DescribeServicesCommand({ services: ['huge'] }))
    return services?.[0]?.events?.find(({ message }) => message?.includes('was unable to place a task'))
  })
  assert.match(event.message ?? '', /insufficient memory available/)
  await client.send(new ecs.DeleteServiceCommand({ service: 'huge', force: true }))
})

test('what the images of the fake runtime do', async () => {
  await register('exit', 'fake/exit-7')
  await register('no-pull', 'fake/no-pull')
  await register('slow', 'fake/slow-start-400')
  const exited = await ended(await run({ taskDefinition: 'exit' }))
  assert.equal(exited.stopCode, 'EssentialContainerExited')
  assert.equal(exited.containers?.[0]?.exitCode, 7)
  const unpulled = await ended(await run({ taskDefinition: 'no-pull' }))
  assert.equal(unpulled.stopCode, 'TaskFailedToStart')
  assert.match(unpulled.containers?.[0]?.reason ?? '', /^CannotPullContainerError/)
  const slow = await run({ taskDefinition: 'slow' })
  const running = await waitFor('it runs', async () => {
    const now = await look(slow)
    return now.lastStatus === 'RUNNING' ? now : undefined
  })
  assert((running.startedAt?.getTime() ?? 0) - (running.createdAt?.getTime() ?? 0) >= 400)
  await client.send(new ecs.StopTaskCommand({ task: slow.taskArn }))
})

test('an unhealthy container: its task is UNHEALTHY', async () => {
  const healthCheck = { command: ['CMD', 'true'], interval: 5 }
  await register('ill', 'fake/unhealthy', { healthCheck })
  await register('well', 'fake/run', { healthCheck })
  const ill = await run({ taskDefinition: 'ill' })
  const well = await run({ taskDefinition: 'well' })
  for (const [task, status] of [
    [ill, 'UNHEALTHY'],
    [well, 'HEALTHY'],
  ] as const) {
    await waitFor(`${status} is seen`, async () => (await look(task)).healthStatus === status || undefined)
    await client.send(new ecs.StopTaskCommand({ task: task.taskArn }))
  }
})

test('an instance joins, is deregistered and is gone', async () => {
  const totalResources = [
    { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
    { name: 'MEMORY', type: 'INTEGER', integerValue: 512 },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
    { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
  ]
  const joined = await client.send(new ecs.RegisterContainerInstanceCommand({ totalResources }))
  const arn = joined.containerInstance?.containerInstanceArn ?? ''
  assert.equal(joined.containerInstance?.status, 'ACTIVE')
  const { endpoint, telemetryEndpoint } = await client.send(
    new ecs.DiscoverPollEndpointCommand({ containerInstance: arn }),
  )
  assert(endpoint?.startsWith(stowage.endpoint) && telemetryEndpoint?.startsWith(stowage.endpoint))
  const left = await client.send(new ecs.DeregisterContainerInstanceCommand({ containerInstance: arn }))
  assert.equal(left.containerInstance?.status, 'INACTIVE')
  const { containerInstanceArns } = await client.send(new ecs.ListContainerInstancesCommand({}))
  assert(!containerInstanceArns?.includes(arn))
})
