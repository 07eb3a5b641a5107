// A host is lost: its agent is killed and says nothing any more. Its service's tasks are replaced on the other host; when it is
// back, only the right ones live on. STOWAGE_DISCONNECTED_AFTER: the silence allowed, in seconds (15 unless said).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { runningTasks } from './service-tasks.ts'
import { inspectAll } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const AFTER_S = Number(process.env['STOWAGE_DISCONNECTED_AFTER'] ?? 15)
/** From the loss: some 16 s on a machine that is quiet. More than the silence and this is no slow machine, but another wait. */
const WITHIN_MS = (AFTER_S + 15) * 1_000
const TASKS = 4
let fleet: Fleet

before(async () => {
  await ensureTestImage(testDocker())
  fleet = await startFleet(['a', 'b'], ['--disconnected-after', String(AFTER_S)])
})
after(() => fleet?.dispose())

const counts = async (): Promise<number> => {
  const { services = [] } = await fleet.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  return services[0]?.runningCount ?? 0
}

const upContainers = async (): Promise<number> => {
  const infos = await inspectAll(fleet)
  return infos.filter(info => info.State.Running).length
}

const start = async () => {
  const { ecs } = fleet
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('web')))
  // They would go back as soon as the host is there again.
  const web = { serviceName: 'web', taskDefinition: 'web', availabilityZoneRebalancing: 'DISABLED' } as const
  await ecs.send(new CreateServiceCommand({ ...web, desiredCount: TASKS }))
  await waitUntilServicesStable({ client: ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { services: ['web'] })
  const instances = await fleet.instances()
  const tasks = await runningTasks(ecs, 'web')
  const lost = tasks.filter(task => task.containerInstanceArn === instances.get('a'))
  assert.equal(lost.length, TASKS / 2)
  return { ecs, there: instances.get('b'), lost: lost.map(({ taskArn = '' }) => taskArn) }
}

test('a lost host is replaced, and comes back', async t => {
  const { ecs, there, lost } = await start()
  const alone = await ecs.send(new RunTaskCommand({ taskDefinition: 'web' }))
  assert.equal(alone.tasks?.length, 1)
  await waitFor('all that the hosts were given is up', async () => (await upContainers()) === TASKS + 1 || undefined)

  const killedAt = Date.now()
  await fleet.agents.get('a')?.kill()
  await waitFor('the tasks run on the other host', async () => {
    const tasks = await runningTasks(ecs, 'web')
    const replaced = tasks.filter(task => task.containerInstanceArn === there)
    return replaced.length === TASKS || undefined
  })
  const replacedMs = Date.now() - killedAt
  t.diagnostic(
    `kill -9 of the agent to ${TASKS} tasks RUNNING on the other: ${replacedMs} ms, of which ${AFTER_S} s silence`,
  )
  assert(replacedMs <= WITHIN_MS, `${replacedMs} ms`)
  await waitFor('the lost are told from the rest', async () => {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ tasks: lost }))
    return tasks.every(task => task.desiredStatus === 'STOPPED') || undefined
  })
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ tasks: lost }))
  for (const task of tasks)
    assert.deepEqual(
      [task.connectivity, task.lastStatus, task.stopCode],
      ['DISCONNECTED', 'RUNNING', 'InfrastructureHealth'],
    )
  assert.equal(await counts(), TASKS)
  assert.equal(await upContainers(), TASKS + lost.length + 1)

  const backAt = Date.now()
  await fleet.agents.get('a')?.start()
  await waitFor('only the right ones live on', async () => (await upContainers()) === TASKS + 1 || undefined)
  t.diagnostic(`start of the agent to ${TASKS} containers of the service: ${Date.now() - backAt} ms`)
  await waitFor('the lost have stopped', async () => {
    const { tasks: ended = [] } = await ecs.send(new DescribeTasksCommand({ tasks: lost }))
    return ended.every(task => task.lastStatus === 'STOPPED') || undefined
  })
  assert.equal(await counts(), TASKS)
  assert((await runningTasks(ecs, 'web')).every(task => task.containerInstanceArn === there))
  const { tasks: standalone = [] } = await ecs.send(
    new DescribeTasksCommand({ tasks: [alone.tasks?.[0]?.taskArn ?? ''] }),
  )
  assert.deepEqual([standalone[0]?.lastStatus, standalone[0]?.connectivity], ['RUNNING', 'CONNECTED'])
})

test('a host that hangs is lost as well: its connection stays open, but it does not answer', async t => {
  const { ecs } = fleet
  const instances = await fleet.instances()
  const before = await runningTasks(ecs, 'web')
  const [host = ''] = before.map(task => task.containerInstanceArn ?? '')
  const zone = [...instances].find(([, arn]) => arn === host)?.[0] ?? ''
  const hungAt = Date.now()
  fleet.agents.get(zone)?.hang()
  await waitFor('the tasks run on the other host', async () => {
    const tasks = await runningTasks(ecs, 'web')
    const replaced = tasks.filter(task => task.containerInstanceArn !== host)
    return replaced.length === TASKS || undefined
  })
  const replacedMs = Date.now() - hungAt
  t.diagnostic(`SIGSTOP of the agent to ${TASKS} tasks RUNNING on the other: ${replacedMs} ms`)
  assert(replacedMs <= WITHIN_MS, `${replacedMs} ms`)
  fleet.agents.get(zone)?.goOn()
  await waitFor('only the right ones live on', async () => (await upContainers()) === TASKS + 1 || undefined)
  assert((await runningTasks(ecs, 'web')).every(task => task.containerInstanceArn !== host))
})
