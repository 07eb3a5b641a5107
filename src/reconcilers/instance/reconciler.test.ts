import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import { newTask } from '../../domain/new-task.ts'
import { containerInstances, tasks } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { CLUSTER, definitionRow, deploymentRow, instanceRow, runningRow, serviceRow, T0 } from '../testing/rows.ts'

const plane = async (count = 2) => {
  const made = await testPlane(['instance'])
  const service = serviceRow()
  const alone = newTask({
    definition: definitionRow(),
    clusterArn: CLUSTER,
    id: 'f'.repeat(32),
    containerUuids: ['uuid'],
    group: 'family:web',
    launchType: 'EC2',
    tags: [],
    placementConstraints: [],
    placementStrategy: [],
    host: { containerInstanceArn: instanceRow('a').arn, availabilityZone: 'us-east-1a' },
    now: T0,
  })
  await made.register(instanceRow('a'))
  await made.store.write(tx => {
    for (let n = 1; n <= count; n++)
      tx.put(tasks, runningRow(service, deploymentRow(service), n.toString(16), { connectivityAt: T0 }))
    tx.put(tasks, alone)
  })
  await made.settled()
  const instance = () => made.store.get(containerInstances, instanceRow('a').arn) ?? assert.fail()
  const change = (more: Partial<ContainerInstance>) => made.register({ ...instance(), ...more })
  return {
    ...made,
    instance,
    silent: () => change({ agentConnected: false, silentSince: made.clock.now() }),
    back: () => {
      const { silentSince: _, ...known } = instance()
      return made.register({ ...known, agentConnected: true })
    },
    lost: () => made.tasks().filter(task => task.connectivity === 'DISCONNECTED').length,
    counts: () => made.store.sum(tasks, 'byService', service.arn),
  }
}

describe('an instance', () => {
  test('is not lost as soon as it registers, though its agent is yet to connect', async () => {
    const { register, advance, clock, instance, stop } = await plane()
    await advance(60_000)
    const { silentSince: _, ...known } = instance()
    await register({ ...known, agentConnected: false, registeredAt: clock.now() })
    await advance(14_999)
    assert.equal(instance().lostAt, undefined)
    await advance(1)
    assert.equal(instance().lostAt, clock.now())
    await stop()
  })

  test('is lost after 15 s of silence: its tasks are DISCONNECTED, stay as they were seen, and count no more', async () => {
    const { silent, advance, instance, lost, counts, tasks: rows, stop } = await plane()
    await silent()
    await advance(14_999)
    assert.deepEqual([instance().lostAt, lost(), counts()], [undefined, 0, { running: 2 }])
    await advance(1)
    assert.deepEqual([instance().lostAt, lost(), counts()], [T0 + 15_000, 3, { stopping: 2 }])
    assert.deepEqual(
      rows().map(task => [task.desiredStatus, task.lastStatus]),
      [
        ['RUNNING', 'RUNNING'],
        ['RUNNING', 'RUNNING'],
        ['RUNNING', 'PENDING'],
      ],
    )
    await stop()
  })

  test('that comes back in time was never lost', async () => {
    const { silent, back, advance, instance, lost, stop } = await plane()
    await silent()
    await advance(14_000)
    await back()
    await advance(60_000)
    assert.deepEqual([instance().lostAt, lost()], [undefined, 0])
    await stop()
  })

  test('is found when its agent is back: its tasks are CONNECTED since then', async () => {
    const { silent, back, advance, instance, lost, counts, tasks: rows, stop } = await plane()
    await silent()
    await advance(20_000)
    await back()
    assert.deepEqual([instance().lostAt, lost(), counts()], [undefined, 0, { running: 2 }])
    assert.deepEqual(
      rows().map(task => task.connectivityAt),
      [T0 + 20_000, T0 + 20_000, undefined],
    )
    await stop()
  })

  test("a server's start begins the silence anew", async () => {
    const { silent, advance, start, settled, clock, instance, stop } = await plane()
    await silent()
    await stop()
    await advance(3_600_000)
    start()
    await settled()
    const startedAt = clock.now()
    await advance(14_999)
    assert.equal(instance().lostAt, undefined)
    await advance(1)
    assert.equal(instance().lostAt, startedAt + 15_000)
    await stop()
  })

  test('with more tasks than one commit marks: all are marked, and all taken back', async () => {
    const { silent, back, advance, lost, stop } = await plane(1_200)
    await silent()
    await advance(15_000)
    assert.equal(lost(), 1_201)
    await back()
    assert.equal(lost(), 0)
    await stop()
  })

  test('that was deregistered meanwhile is nobody to wait for', async () => {
    const { silent, register, advance, instance, stop } = await plane()
    await silent()
    await register({ ...instance(), status: 'INACTIVE' })
    await advance(60_000)
    assert.equal(instance().lostAt, undefined)
    await stop()
  })
})
