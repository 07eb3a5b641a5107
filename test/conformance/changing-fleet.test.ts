// DAEMON services, draining and task protection, by the SDK against a whole `stowage up` with simulated instances: what they do.
// Each error that the operations document is in cases/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { runningTasks } from '../e2e/service-tasks.ts'
import { waitFor } from '../e2e/wait-for.ts'
import { FREE, fleetForTests } from './fleet.ts'

const cluster = 'default'
const fleet = fleetForTests()

const stable = (service: string) =>
  ecs.waitUntilServicesStable(
    { client: fleet().client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 },
    { services: [service] },
  )
const hostsOf = async (service: string): Promise<string[]> =>
  (await runningTasks(fleet().client, service)).map(task => task.containerInstanceArn ?? '').sort()
const setStatus = (instance: string, status: 'ACTIVE' | 'DRAINING') =>
  fleet().client.send(new ecs.UpdateContainerInstancesStateCommand({ containerInstances: [instance], status }))
const delivers = (service: string, what: string, hosts: readonly string[]) =>
  waitFor(what, async () => {
    const now = await hostsOf(service)
    return now.join() === hosts.toSorted().join() || undefined
  })
const refusedWith = (message: RegExp) => (error: unknown) => {
  assert(error instanceof ecs.InvalidParameterException)
  assert.match(error.message, message)
  return true
}

test('a DAEMON service runs on every instance, leaves one that drains, and comes back', async () => {
  const { client, instances } = fleet()
  const [first = '', ...others] = instances
  const daemon = { serviceName: 'logs', taskDefinition: FREE, schedulingStrategy: 'DAEMON' } as const
  const { service } = await client.send(new ecs.CreateServiceCommand(daemon))
  assert.deepEqual([service?.schedulingStrategy, service?.deploymentConfiguration?.maximumPercent], ['DAEMON', 100])
  await delivers('logs', 'one task an instance', instances)
  await setStatus(first, 'DRAINING')
  await delivers('logs', 'none on the draining one', others)
  await setStatus(first, 'ACTIVE')
  await delivers('logs', 'one task an instance again', instances)
  await client.send(new ecs.UpdateServiceCommand({ service: 'logs', forceNewDeployment: true }))
  await stable('logs')
  const { services = [] } = await client.send(new ecs.DescribeServicesCommand({ services: ['logs'] }))
  assert.deepEqual([services[0]?.desiredCount, services[0]?.runningCount], [3, 3])
  await assert.rejects(
    client.send(new ecs.UpdateServiceCommand({ service: 'logs', desiredCount: 1 })),
    refusedWith(/does not support a desired count/),
  )
  const other = { ...daemon, serviceName: 'other' }
  await assert.rejects(
    client.send(new ecs.CreateServiceCommand({ ...other, placementStrategy: [{ type: 'random' }] })),
    refusedWith(/does not support placement strategies/),
  )
  await assert.rejects(
    client.send(new ecs.CreateServiceCommand({ ...other, deploymentConfiguration: { maximumPercent: 200 } })),
    refusedWith(/does not support values above 100 for maximumPercent/),
  )
  await client.send(new ecs.DeleteServiceCommand({ service: 'logs' }))
})

test('draining moves the tasks of services, not others', async () => {
  const { client, instances } = fleet()
  const [first = '', ...others] = instances
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'moved', taskDefinition: FREE, desiredCount: 3 }))
  await stable('moved')
  const { tasks: [alone] = [] } = await client.send(
    new ecs.StartTaskCommand({ taskDefinition: FREE, containerInstances: [first] }),
  )
  const lone = { tasks: [alone?.taskArn ?? ''] }
  await ecs.waitUntilTasksRunning({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 }, lone)
  await setStatus(first, 'DRAINING')
  await waitFor('none is left there', async () => {
    const hosts = await hostsOf('moved')
    return (hosts.length === 3 && hosts.every(host => others.includes(host))) || undefined
  })
  const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand(lone))
  assert.equal(tasks[0]?.lastStatus, 'RUNNING')
  await setStatus(first, 'ACTIVE')
  await client.send(new ecs.DeleteServiceCommand({ service: 'moved', force: true }))
})

test('protection holds a task through scale-in, and is told and taken away', async () => {
  const { client } = fleet()
  const protect = (tasks: string[], more: Partial<ecs.UpdateTaskProtectionCommandInput> = {}) =>
    client.send(new ecs.UpdateTaskProtectionCommand({ cluster, tasks, protectionEnabled: true, ...more }))
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'safe', taskDefinition: FREE, desiredCount: 3 }))
  await stable('safe')
  const [one = '', two = ''] = (await runningTasks(client, 'safe')).map(({ taskArn = '' }) => taskArn)
  const { protectedTasks = [] } = await protect([one, two], { expiresInMinutes: 5 })
  assert((protectedTasks[0]?.expirationDate?.getTime() ?? 0) > Date.now())
  await client.send(new ecs.UpdateServiceCommand({ service: 'safe', desiredCount: 1 }))
  await waitFor('the service says why it stays larger', async () => {
    const { services } = await client.send(new ecs.DescribeServicesCommand({ services: ['safe'] }))
    return services?.[0]?.events?.find(({ message }) => message?.includes('The number of protected tasks are more'))
  })
  await waitFor('the protected ones are left', async () => {
    const left = (await runningTasks(client, 'safe')).map(({ taskArn = '' }) => taskArn)
    assert(left.includes(one) && left.includes(two))
    return left.length === 2 || undefined
  })
  const blocked = await protect([one])
  assert.equal(blocked.failures?.[0]?.reason, 'DEPLOYMENT_BLOCKED')
  await protect([two], { protectionEnabled: false })
  await stable('safe')
  assert.deepEqual(
    (await runningTasks(client, 'safe')).map(({ taskArn }) => taskArn),
    [one],
  )

  const missing = 'f'.repeat(32)
  const got = await client.send(new ecs.GetTaskProtectionCommand({ cluster, tasks: [one, missing] }))
  assert.deepEqual(got.protectedTasks?.[0]?.protectionEnabled, true)
  assert.deepEqual(
    got.failures?.map(({ reason }) => reason),
    ['MISSING'],
  )
  const { tasks: [alone] = [] } = await client.send(new ecs.RunTaskCommand({ taskDefinition: FREE }))
  assert.equal((await protect([alone?.taskArn ?? ''])).failures?.[0]?.reason, 'TASK_NOT_VALID')
  await assert.rejects(protect([]), refusedWith(/Tasks cannot be empty/))
  await client.send(new ecs.DeleteServiceCommand({ service: 'safe', force: true }))
})
