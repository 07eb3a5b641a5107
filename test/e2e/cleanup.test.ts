// What Stowage leaves alone and what it takes away: tasks outlive its end, a death in its absence is noticed, and what tasks
// leave behind does not pile up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { killOne, runningTasks } from './service-tasks.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { leastMs, waitFor } from './wait-for.ts'

/** How many stopped tasks' containers the agent keeps for `docker logs`. */
const KEPT_STOPPED = 64
const SHORT_TASKS = KEPT_STOPPED + 6
const docker = testDocker()
let stowage: Stowage
const wait = () => ({ client: stowage.ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 })

before(async () => {
  await ensureTestImage(docker)
  stowage = await startStowage()
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(idleTask('stay')))
  await stowage.ecs.send(new CreateServiceCommand({ serviceName: 'stay', taskDefinition: 'stay', desiredCount: 2 }))
  await waitUntilServicesStable(wait(), { services: ['stay'] })
})
after(() => stowage?.dispose())

const TERMINATED_WITHIN_MS = 5_000

test('SIGTERM ends it within 5 s with 0; its tasks go on, and it knows them again', async () => {
  const before = (await runningTasks(stowage.ecs, 'stay')).map(task => task.taskArn).toSorted()
  const containers = await stowage.containers()
  const took = await leastMs(TERMINATED_WITHIN_MS, async () => {
    const began = Date.now()
    assert.equal(await stowage.terminate(), 0)
    const ended = Date.now()
    for (const id of containers) assert.equal((await docker.getContainer(id).inspect()).State.Running, true)
    await stowage.start()
    await stowage.connected()
    return ended - began
  })
  assert(took <= TERMINATED_WITHIN_MS, `${took} ms`)
  const again = (await runningTasks(stowage.ecs, 'stay')).map(task => task.taskArn).toSorted()
  assert.deepEqual(again, before)
  assert.deepEqual((await stowage.containers()).toSorted(), containers.toSorted())
})

test('a container that died while it was away is noticed and replaced', async () => {
  const before = await runningTasks(stowage.ecs, 'stay')
  const [victim] = before
  await stowage.kill()
  await killOne(before)
  await stowage.start()
  const after = await waitFor('two run again', async () => {
    const tasks = await runningTasks(stowage.ecs, 'stay')
    return tasks.length === 2 && tasks.every(task => task.taskArn !== victim?.taskArn) ? tasks : undefined
  })
  assert(after.some(task => task.taskArn === before[1]?.taskArn))
  const { tasks = [] } = await stowage.ecs.send(new DescribeTasksCommand({ tasks: [victim?.taskArn ?? ''] }))
  assert.equal(tasks[0]?.lastStatus, 'STOPPED')
  assert.equal(tasks[0].containers?.[0]?.exitCode, 137)
})

test('containers and volumes of tasks that are over do not pile up', async () => {
  await stowage.ecs.send(new DeleteServiceCommand({ service: 'stay', force: true }))
  await waitUntilServicesInactive(wait(), { services: ['stay'] })
  const short = {
    ...idleTask('short', {
      command: ['sh', '-c', 'echo >/data/file'],
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
    }),
    networkMode: 'none' as const,
    volumes: [{ name: 'data' }],
  }
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(short))
  for (let left = SHORT_TASKS; left > 0; left -= 10) {
    await stowage.ecs.send(new RunTaskCommand({ taskDefinition: 'short', count: Math.min(10, left) }))
  }
  await waitFor(
    'all have ended',
    async () => {
      const { taskArns = [] } = await stowage.ecs.send(new ListTasksCommand({ family: 'short' }))
      return taskArns.length === 0 || undefined
    },
    300_000,
  )
  await waitFor('the oldest are removed', async () => (await stowage.containers()).length <= KEPT_STOPPED || undefined)
  await waitFor('their volumes too', async () => {
    const { Volumes } = await docker.listVolumes({ filters: { label: ['com.amazonaws.ecs.task-arn'] } })
    const ours = (Volumes ?? []).filter(volume =>
      Object.values(volume.Labels ?? {}).some(value => value.includes(`:${stowage.accountId}:`)),
    )
    return ours.length <= KEPT_STOPPED || undefined
  })
})
