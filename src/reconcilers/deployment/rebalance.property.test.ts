// Rebalancing against hosts that come, go, drain and fill up, tasks that die and counts that change: never above the maximum,
// never below the minimum by its own doing, even when faults stop, and quiet from then on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Task } from '../../domain/task.ts'
import { changeOf } from '../../store/store.ts'
import { containerInstances, services, tasks } from '../../store/tables.ts'
import { type Plane, testPlane } from '../testing/plane.ts'
import { instanceArn, instanceRow } from '../testing/rows.ts'
import { boundsOf } from './targets.ts'

const ZONES = ['a', 'b', 'c']
const HOUR = 3_600_000

type Action = (plane: Plane) => Promise<void>

const isWanted = (task: Task): boolean => task.desiredStatus === 'RUNNING' && task.connectivity === undefined
const runs = (task: Task): boolean => isWanted(task) && task.lastStatus === 'RUNNING'

const play: Action = async plane => {
  const own = plane.tasks().filter(task => task.connectivity === undefined)
  const up = own.filter(task => isWanted(task) && task.lastStatus === 'PENDING')
  const down = own.filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED')
  await plane.report(up, { lastStatus: 'RUNNING', startedAt: plane.clock.now() })
  await plane.report(down, { lastStatus: 'STOPPED', stoppedAt: plane.clock.now() })
}

const change =
  (name: string, more: object): Action =>
  plane => {
    const row = plane.store.get(containerInstances, instanceArn(name)) ?? instanceRow(name, { availabilityZone: name })
    return plane.register({ ...row, ...more })
  }

const kill =
  (at: number): Action =>
  async plane => {
    const running = plane.tasks().filter(runs)
    const task = running[at % Math.max(1, running.length)]
    if (task === undefined) return
    const ended = { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' } as const
    await plane.report([task], { ...ended, stoppedAt: plane.clock.now() })
  }

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Action>(play) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 30_000 }).map<Action>(ms => plane => plane.advance(ms)) },
  { weight: 2, arbitrary: fc.nat(50).map(kill) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 7 })
      .map<Action>(desiredCount => plane => plane.updateService({ desiredCount })),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...ZONES),
        fc.constantFrom<object>(
          { status: 'DRAINING' },
          { status: 'ACTIVE', agentConnected: true },
          { agentConnected: false, silentSince: 0 },
          { registered: { cpu: 150, memory: 2048, ports: [], portsUdp: [] } },
          { registered: { cpu: 1024, memory: 2048, ports: [], portsUdp: [] } },
        ),
      )
      .map(([name, more]) => change(name, more)),
  },
)

/** Looks at every commit: what it started and stopped must have been within the bounds. */
const watchBounds = (plane: Plane): void => {
  const rows = new Map<string, Task>()
  plane.store.watch(changes => {
    let [started, stopped] = [0, 0]
    for (const one of changes) {
      const { before, after } = changeOf(one, tasks) ?? {}
      if (after === undefined) continue
      rows.set(after.arn, after)
      if (before === undefined) started++
      const asked = before !== undefined && runs(before) && after.desiredStatus === 'STOPPED'
      if (asked && after.stopCode === 'ServiceSchedulerInitiated' && after.lastStatus === 'RUNNING') stopped++
    }
    const [service] = plane.store.all(services)
    if (service === undefined) return
    const { minimum, maximum } = boundsOf(service)
    const all = [...rows.values()]
    const leaving = all.filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus === 'RUNNING')
    const up = all.filter(isWanted).length + leaving.filter(task => task.connectivity === undefined).length
    if (started > 0) assert.ok(up <= maximum, `${up} tasks, at most ${maximum}`)
    if (stopped > 0) assert.ok(all.filter(runs).length >= minimum, 'fewer run than must')
  })
}

const spread = (plane: Plane): number[] => {
  const counts = new Map(ZONES.map(zone => [zone, 0]))
  for (const { availabilityZone = '' } of plane.tasks().filter(isWanted))
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1)
  return [...counts.values()]
}

const percents = fc.constantFrom([100, 200], [50, 150], [0, 200], [100, 125])

test('within the bounds whatever happens; even and quiet when nothing happens any more', async () => {
  await fc.assert(
    fc.asyncProperty(
      percents,
      fc.integer({ min: 0, max: 7 }),
      fc.array(action, { maxLength: 40 }),
      async ([minimumHealthyPercent = 100, maximumPercent = 200], desiredCount, actions) => {
        const plane = await testPlane(['deployment', 'placement', 'instance'])
        watchBounds(plane)
        await plane.register(instanceRow('a', { availabilityZone: 'a' }))
        const deploymentConfiguration = { minimumHealthyPercent, maximumPercent }
        await plane.createService({ desiredCount, availabilityZoneRebalancing: 'ENABLED', deploymentConfiguration })
        for (const act of actions) await act(plane)

        await plane.updateService({ deploymentConfiguration: { minimumHealthyPercent, maximumPercent: 200 } })
        const registered = { cpu: 1024, memory: 2048, ports: [], portsUdp: [] }
        for (const zone of ZONES) await change(zone, { status: 'ACTIVE', agentConnected: true, registered })(plane)
        for (let round = 0; round < 60; round++) {
          await play(plane)
          await plane.advance(round < 20 ? 60_000 : 3_000)
        }
        const counts = spread(plane)
        assert.equal(plane.tasks().filter(runs).length, [...plane.store.all(services)][0]?.desiredCount)
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`)
        const before = plane.tasks().length
        for (let hour = 0; hour < 5; hour++) await plane.advance(HOUR)
        await play(plane)
        assert.equal(plane.tasks().length, before)
        await plane.stop()
      },
    ),
    { numRuns: 60 },
  )
})
