// A service's tasks follow its zones: all of them on the one host that was there, then a share on the host of a zone that comes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Task,
  UpdateContainerInstancesStateCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { runningTasks } from './service-tasks.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const TASKS = 4
let fleet: Fleet

before(async () => {
  await ensureTestImage(testDocker())
  fleet = await startFleet(['a', 'b'])
})
after(() => fleet?.dispose())

/** As they are at one moment: a task that comes between the two answers is in the first list or changes the second one. */
const runningNow = (): Promise<readonly Task[]> =>
  waitFor('two lists alike', async () => {
    const listed = async () => (await fleet.ecs.send(new ListTasksCommand({ serviceName: 'web' }))).taskArns?.sort()
    const before = await listed()
    const tasks = await runningTasks(fleet.ecs, 'web')
    return String(before) === String(await listed()) ? tasks : undefined
  })

test('a zone that comes gets its share, and there are never fewer tasks than desired', async () => {
  const { ecs } = fleet
  const there = (await fleet.instances()).get('b') ?? assert.fail()
  const setStatus = (status: 'ACTIVE' | 'DRAINING') =>
    ecs.send(new UpdateContainerInstancesStateCommand({ containerInstances: [there], status }))
  await setStatus('DRAINING')
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('web')))
  const { service } = await ecs.send(
    new CreateServiceCommand({ serviceName: 'web', taskDefinition: 'web', desiredCount: TASKS }),
  )
  assert.equal(service?.availabilityZoneRebalancing, 'ENABLED')
  await waitUntilServicesStable({ client: ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { services: ['web'] })
  await setStatus('ACTIVE')
  await waitFor(
    'half of the tasks are in the other zone',
    async () => {
      const tasks = await runningNow()
      assert.ok(tasks.length >= TASKS && tasks.length <= TASKS + 1, `${tasks.length} run`)
      const moved = tasks.filter(task => task.containerInstanceArn === there).length
      return (tasks.length === TASKS && moved === TASKS / 2) || undefined
    },
    120_000,
  )
  const { services } = await ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  const told = services?.[0]?.events?.map(({ message = '' }) => message) ?? []
  assert.ok(told.some(message => /is not AZ balanced with 4 tasks in us-east-1a, 0 tasks in us-east-1b/.test(message)))
})
