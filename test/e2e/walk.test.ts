// The whole walk, by the SDK, waiters included: containers that answer HTTP, a service scaled and rolled, everything deleted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { idleTask, webTask } from './definitions.ts'
import { KEYS, REGION, type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

let stowage: Stowage
const wait = () => ({ client: stowage.ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 })

before(async () => {
  await ensureTestImage(testDocker())
  stowage = await startStowage()
})
after(() => stowage?.dispose())

const portOf = (task: Task): number => {
  const port = task.containers?.[0]?.networkBindings?.[0]?.hostPort
  assert(port, 'the task has a host port')
  return port
}
const pageOf = (task: Task): Promise<string> =>
  waitFor('the container answers', async () => {
    const answer = await fetch(`http://127.0.0.1:${portOf(task)}/`).catch(() => undefined)
    return answer?.status === 200 ? (await answer.text()).trim() : undefined
  })

const tasksOf = async (serviceName: string): Promise<Task[]> => {
  const { taskArns = [] } = await stowage.ecs.send(new ListTasksCommand({ serviceName }))
  if (taskArns.length === 0) return []
  return (await stowage.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))).tasks ?? []
}

test('the caller is the root of the account', async () => {
  const sts = new STSClient({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
  const identity = await sts.send(new GetCallerIdentityCommand({}))
  assert.equal(identity.Arn, `arn:aws:iam::${stowage.accountId}:root`)
  sts.destroy()
})

test("this machine is a container instance of cluster 'default'", async () => {
  const instance = await waitFor('the instance is connected', async () => {
    const { containerInstanceArns = [] } = await stowage.ecs.send(new ListContainerInstancesCommand({}))
    if (containerInstanceArns.length === 0) return undefined
    const { containerInstances = [] } = await stowage.ecs.send(
      new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns }),
    )
    return containerInstances.find(one => one.agentConnected)
  })
  assert.equal(instance.status, 'ACTIVE')
  assert((instance.registeredResources?.find(resource => resource.name === 'CPU')?.integerValue ?? 0) >= 1024)
})

test('a task runs, answers HTTP, is stopped', async () => {
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(webTask('walk-web', 'one')))
  const { tasks = [], failures } = await stowage.ecs.send(
    new RunTaskCommand({ taskDefinition: 'walk-web', count: 2, startedBy: 'walk', tags: [{ key: 'a', value: 'b' }] }),
  )
  assert.deepEqual(failures, [])
  const arns = tasks.map(task => task.taskArn ?? '')
  assert.equal(arns.length, 2)
  await waitUntilTasksRunning(wait(), { tasks: arns })
  const running = await stowage.ecs.send(new DescribeTasksCommand({ tasks: arns, include: ['TAGS'] }))
  for (const task of running.tasks ?? []) {
    assert.equal(await pageOf(task), 'one')
    assert.deepEqual(task.tags, [{ key: 'a', value: 'b' }])
    assert.equal(task.containers?.[0]?.lastStatus, 'RUNNING')
  }
  const listed = await stowage.ecs.send(new ListTasksCommand({ startedBy: 'walk' }))
  assert.deepEqual(listed.taskArns?.toSorted(), arns.toSorted())
  for (const task of arns) await stowage.ecs.send(new StopTaskCommand({ task, reason: 'done' }))
  await waitUntilTasksStopped(wait(), { tasks: arns })
  const stopped = await stowage.ecs.send(new DescribeTasksCommand({ tasks: arns }))
  for (const task of stopped.tasks ?? []) {
    assert.equal(task.stoppedReason, 'done')
    assert.equal(task.stopCode, 'UserInitiated')
    assert.equal(task.containers?.[0]?.exitCode, 0)
  }
})

test('a task that ends says with what; one that cannot start says why', async () => {
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(idleTask('walk-exit', { command: ['sh', '-c', 'exit 3'] })))
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(idleTask('walk-absent', { image: 'localhost:1/absent:1' })))
  const run = async (taskDefinition: string): Promise<Task> => {
    const { tasks = [] } = await stowage.ecs.send(new RunTaskCommand({ taskDefinition }))
    const arns = tasks.map(task => task.taskArn ?? '')
    await waitUntilTasksStopped(wait(), { tasks: arns })
    const [task] = (await stowage.ecs.send(new DescribeTasksCommand({ tasks: arns }))).tasks ?? []
    assert(task)
    return task
  }
  const ended = await run('walk-exit')
  assert.equal(ended.stopCode, 'EssentialContainerExited')
  assert.equal(ended.stoppedReason, 'Essential container in task exited')
  assert.equal(ended.containers?.[0]?.exitCode, 3)
  const absent = await run('walk-absent')
  assert.equal(absent.stopCode, 'TaskFailedToStart')
  assert.match(absent.containers?.[0]?.reason ?? '', /^CannotPullContainerError: Error response from daemon: /)
})

test('a service: created, scaled up, rolled to a new revision, scaled down, deleted', async () => {
  const steady = () => waitUntilServicesStable(wait(), { services: ['web'] })
  await stowage.ecs.send(new CreateServiceCommand({ serviceName: 'web', taskDefinition: 'walk-web', desiredCount: 2 }))
  await steady()
  assert.deepEqual(await Promise.all((await tasksOf('web')).map(pageOf)), ['one', 'one'])
  await stowage.ecs.send(new UpdateServiceCommand({ service: 'web', desiredCount: 4 }))
  await steady()
  assert.equal((await tasksOf('web')).length, 4)
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(webTask('walk-web', 'two')))
  await stowage.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'walk-web' }))
  await steady()
  assert.deepEqual(await Promise.all((await tasksOf('web')).map(pageOf)), ['two', 'two', 'two', 'two'])
  await stowage.ecs.send(new UpdateServiceCommand({ service: 'web', desiredCount: 1 }))
  await steady()
  assert.equal((await tasksOf('web')).length, 1)
  const { services = [] } = await stowage.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  const [service] = services
  assert.equal(service?.runningCount, 1)
  assert.equal(service.deployments?.length, 1)
  assert.equal(service.deployments[0]?.rolloutState, 'COMPLETED')
  assert.match(service.deployments[0]?.id ?? '', /^ecs-svc\/\d+$/)
  assert(service.events?.some(event => event.message === '(service web) has reached a steady state.'))
  assert((await stowage.ecs.send(new ListServicesCommand({}))).serviceArns?.length === 1)
  await stowage.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await waitUntilServicesInactive(wait(), { services: ['web'] })
})

test('clusters and revisions go, and the tasks of all that ended', async () => {
  const { cluster } = await stowage.ecs.send(new CreateClusterCommand({ clusterName: 'walk' }))
  assert.equal(cluster?.clusterArn, `arn:aws:ecs:us-east-1:${stowage.accountId}:cluster/walk`)
  await stowage.ecs.send(new DeleteClusterCommand({ cluster: 'walk' }))
  const { clusters } = await stowage.ecs.send(new DescribeClustersCommand({ clusters: ['walk'] }))
  assert.equal(clusters?.[0]?.status, 'INACTIVE')
  await assert.rejects(stowage.ecs.send(new DeleteClusterCommand({ cluster: 'default' })), {
    name: 'ClusterContainsContainerInstancesException',
  })
  for (const revision of [1, 2]) {
    await stowage.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: `walk-web:${revision}` }))
  }
  await waitFor('no task runs any more', async () => {
    const { taskArns = [] } = await stowage.ecs.send(new ListTasksCommand({}))
    return taskArns.length === 0 || undefined
  })
})
