// Unhealthy tasks where there is no place for a replacement beside them: a fixed host port on the only instance, a full cluster.
// The loops together over a store in memory, the agents played by the test.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (maximumPercent: "as long as cluster
// resources for starting replacement tasks are available")
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Task } from '../../domain/task.ts'
import { taskDefinitions } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { definitionRow, instanceRow } from '../testing/rows.ts'

const CHECKED = definitionRow({
  containerDefinitions: [
    { name: 'app', image: 'b', cpu: 100, memory: 64, essential: true, healthCheck: { command: ['CMD', 'x'] } },
  ],
})

/** A steady service that fills its instance. */
const full = async (desiredCount: number) => {
  const plane = await testPlane(['deployment', 'placement', 'instance'])
  await plane.store.write(tx => tx.put(taskDefinitions, CHECKED))
  const registered = { cpu: desiredCount * 100, memory: 1024, ports: [], portsUdp: [] }
  await plane.register(instanceRow('a', { registered }))
  const up = () =>
    plane.report(
      plane.tasks().filter(task => task.lastStatus === 'PENDING' && task.desiredStatus === 'RUNNING'),
      { lastStatus: 'RUNNING', healthStatus: 'HEALTHY', startedAt: plane.clock.now() },
    )
  const stopping = () => plane.tasks().filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED')
  const down = (lastStatus: 'STOPPING' | 'STOPPED') => plane.report(stopping(), { lastStatus })
  await plane.createService({ desiredCount })
  await up()
  await plane.advance(3_000)
  return { ...plane, up, down, stopping, running: () => plane.tasks().filter(isServing) }
}

const isServing = (task: Task): boolean =>
  task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING' && task.healthStatus === 'HEALTHY'

describe('an unhealthy task in a full cluster', () => {
  test('goes so that its replacement has a place', async () => {
    const world = await full(1)
    const [sick] = world.tasks()
    await world.report(world.tasks(), { healthStatus: 'UNHEALTHY' })
    assert.equal(world.stopping().length, 0)
    await world.advance(1_000)
    assert.deepEqual(
      world.stopping().map(({ id, stoppedReason }) => [id, stoppedReason]),
      [[sick?.id, 'Task failed container health checks']],
    )
    await world.down('STOPPED')
    await world.up()
    assert.equal(world.running().length, 1)
    assert.equal(world.events().at(-1), '(service web) has reached a steady state.')
    assert.equal(world.deployments()[0]?.crowdedSince, undefined)
    await world.stop()
  })

  test('of several goes alone, and the next when the first one is replaced', async () => {
    const world = await full(3)
    await world.report(world.tasks(), { healthStatus: 'UNHEALTHY' })
    for (const replaced of [1, 2, 3]) {
      await world.advance(1_000)
      assert.equal(world.stopping().length, 1)
      await world.down('STOPPING')
      await world.advance(60_000)
      assert.equal(world.stopping().length, 1)
      await world.down('STOPPED')
      assert.equal(world.stopping().length, 0)
      await world.up()
      assert.equal(world.running().length, replaced)
    }
    await world.stop()
  })

  test('stays where it is not room that is missing', async () => {
    const world = await full(2)
    await world.register(instanceRow('b'))
    await world.updateService({ placementConstraints: [{ type: 'memberOf', expression: 'attribute:gone exists' }] })
    await world.register(instanceRow('a', { registered: { cpu: 1024, memory: 1024, ports: [], portsUdp: [] } }))
    await world.report(world.tasks(), { healthStatus: 'UNHEALTHY' })
    await world.advance(60_000)
    assert.equal(world.tasks().filter(task => task.lastStatus === 'RUNNING').length, 2)
    assert.match(world.tasks().at(-1)?.placementExplanation ?? '', /MemberOf/)
    await world.stop()
  })
})
