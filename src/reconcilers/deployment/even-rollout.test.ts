// A rolling deployment leaves the new revision as even over the Availability Zones as a new service would be, by placement alone,
// without rebalancing. The loops together over a store in memory, the agents played by the test.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Task } from '../../domain/task.ts'
import { deployments } from '../../store/tables.ts'
import { type Plane, testPlane } from '../testing/plane.ts'
import { bounds } from '../testing/rounds.ts'
import { instanceRow } from '../testing/rows.ts'

const NEW = 'ecs-svc/0000000000000000002'

const wanted = (plane: Plane): readonly Task[] =>
  plane.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING')

/** Of the tasks that stay, how many more the fullest has than the emptiest. */
const unevenness = (plane: Plane, zones: readonly string[]): number => {
  const counts = zones.map(zone => wanted(plane).filter(task => task.availabilityZone === zone).length)
  return Math.max(...counts) - Math.min(...counts)
}

/** One round of the agents, `most` tasks each way. */
const round = async (plane: Plane, most: number): Promise<void> => {
  const up = wanted(plane).filter(({ lastStatus }) => lastStatus === 'PENDING')
  const down = plane.tasks().filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED')
  await plane.report(up.slice(0, most), { lastStatus: 'RUNNING', startedAt: plane.clock.now() })
  await plane.report(down.slice(0, most), { lastStatus: 'STOPPED', stoppedAt: plane.clock.now() })
  await plane.advance(3_000)
}

const rolledOut = (plane: Plane): boolean =>
  plane.deployments().every(({ rolloutState }) => rolloutState === 'COMPLETED')

const deploy = async (plane: Plane): Promise<void> => {
  await plane.store.write(tx => {
    const [old] = tx.all(deployments)
    if (old === undefined) return
    tx.put(deployments, { ...old, status: 'ACTIVE' })
    tx.put(deployments, { ...old, id: NEW, rolloutState: 'IN_PROGRESS', createdAt: plane.clock.now() })
  })
  await plane.settled()
}

const rollout = fc
  .record({
    desiredCount: fc.integer({ min: 1, max: 8 }),
    zones: fc.constantFrom(['a', 'b'], ['a', 'b', 'c']),
    hostsEach: fc.integer({ min: 1, max: 2 }),
    percents: fc.constantFrom([100, 200], [100, 150], [50, 100], [0, 100], [50, 200]) as fc.Arbitrary<[number, number]>,
    /** How many tasks the agents move at a time: whether the revisions stand beside one another for long. */
    most: fc.integer({ min: 1, max: 8 }),
    /** By how much the service is scaled out in the midst of it; scaled in, tasks that do not serve yet go first, wherever they are. */
    more: fc.integer({ min: 0, max: 4 }),
  })
  // Percentages that block the deployment, as ECS's do: one task, of which none may go and to which none may come.
  .filter(({ desiredCount, more, percents: [minimum, maximum] }) =>
    [desiredCount, desiredCount + more].every(
      count => Math.ceil((count * minimum) / 100) < count || Math.floor((count * maximum) / 100) > count,
    ),
  )

test('a rolling deployment ends even over the zones', async () => {
  await fc.assert(
    fc.asyncProperty(rollout, async ({ desiredCount, zones, hostsEach, percents, most, more }) => {
      const plane = await testPlane(['deployment', 'placement'])
      const names = zones.flatMap(zone => Array.from({ length: hostsEach }, (_, at) => `${zone}${at}`))
      const registered = { cpu: 1e5, memory: 1e5, ports: [], portsUdp: [] }
      await plane.register(...names.map(name => instanceRow(name, { availabilityZone: name.slice(0, 1), registered })))
      await plane.createService({ desiredCount, ...bounds(...percents) })
      for (let at = 0; at < 60 && !rolledOut(plane); at++) await round(plane, most)
      await deploy(plane)
      for (let at = 0; at < 90 && !rolledOut(plane); at++) {
        if (at === 2) await plane.updateService({ desiredCount: desiredCount + more })
        await round(plane, most)
      }
      assert.ok(rolledOut(plane))
      assert.ok(wanted(plane).every(({ deploymentId }) => deploymentId === NEW))
      assert.ok(unevenness(plane, zones) <= 1, 'zones')
      await plane.stop()
    }),
    { numRuns: 60 },
  )
})
