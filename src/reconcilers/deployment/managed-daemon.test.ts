// Daemons: where their tasks are, how a new revision is rolled out, and what waits for them. The loops together over a store in
// memory, the agents played by the test.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DaemonFields } from '../../domain/daemon.ts'
import type { Deployment } from '../../domain/service.ts'
import { newServiceDeployment } from '../../domain/service-deployment.ts'
import type { Task } from '../../domain/task.ts'
import { containerInstances, deployments, serviceDeployments, serviceEvents, services } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { CLUSTER, deploymentRow, instanceArn, instanceRow, SCOPE, serviceRow } from '../testing/rows.ts'

const rack = (name: string) => instanceRow(name, { attributes: [{ name: 'stowage.capacity-provider', value: 'rack' }] })

const FIELDS: DaemonFields = {
  capacityProviders: ['rack'],
  critical: true,
  drainPercent: 25,
  bakeTimeInMinutes: 0,
  deploymentArn: '',
  updatedAt: 0,
}

const daemonWorld = async (fields: Partial<DaemonFields>, ...hosts: readonly string[]) => {
  const plane = await testPlane(['deployment', 'placement', 'instance'])
  await plane.register(instanceRow('other'), ...hosts.map(rack))
  const daemon = serviceRow({
    arn: `${SCOPE}:daemon/default/logs`,
    name: 'logs',
    schedulingStrategy: 'DAEMON',
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true, resetOnHealthyTask: false } },
    daemon: { ...FIELDS, ...fields },
  })
  const { capacityProviders, critical } = { ...FIELDS, ...fields }
  const revision = { capacityProviders, critical, propagateTags: 'NONE', enableECSManagedTags: false } as const
  const own = (more: Partial<Deployment>) =>
    deploymentRow(daemon, { daemon: revision, createdAt: plane.clock.now(), ...more })
  /** What CreateDaemon and UpdateDaemon write. */
  const begin = async (number: number): Promise<void> => {
    await plane.store.write(tx => {
      for (const one of [...tx.byIndex(deployments, 'liveByService', daemon.arn)])
        tx.put(deployments, { ...one, status: 'ACTIVE' })
      const deployment = own({ id: `ecs-svc/000000000000000000${number}` })
      tx.put(deployments, deployment)
      const spec = { service: daemon, deployment, sources: [], id: `${number}`, now: plane.clock.now() }
      tx.put(serviceDeployments, newServiceDeployment(spec))
    })
    await plane.settled()
  }
  await plane.store.write(tx => tx.put(services, daemon))
  await begin(1)
  const wanted = () => plane.tasks().filter(task => task.desiredStatus === 'RUNNING' && task.group === 'daemon:logs')
  const nameOf = (task: Task) => task.containerInstanceArn?.split('/').at(-1) ?? ''
  return {
    ...plane,
    begin,
    wanted,
    where: () => wanted().map(nameOf).sort(),
    /** Placed tasks run, those asked to stop have stopped, and all have done so for long enough. */
    round: async (): Promise<void> => {
      const now = plane.clock.now()
      const up = plane.tasks().filter(task => task.desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING')
      const down = plane.tasks().filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED')
      await plane.report(up, { lastStatus: 'RUNNING', startedAt: now })
      await plane.report(down, { lastStatus: 'STOPPED', stoppedAt: now })
      await plane.advance(3_000)
    },
    fail: () =>
      plane.report(
        plane.tasks().filter(task => task.desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING'),
        {
          desiredStatus: 'STOPPED',
          lastStatus: 'STOPPED',
          stopCode: 'TaskFailedToStart',
          stoppedAt: plane.clock.now(),
        },
      ),
    rollouts: () => [...plane.store.all(serviceDeployments)].map(({ status }) => status),
    by: (number: number) => wanted().filter(task => task.deploymentId?.endsWith(String(number))).length,
    change: (name: string, more: object) => {
      const row = plane.store.get(containerInstances, instanceArn(name)) ?? assert.fail()
      return plane.register({ ...row, ...more })
    },
  }
}

describe('a daemon', () => {
  test('is on every instance of its providers and on no other; one that joins gets it', async () => {
    const world = await daemonWorld({}, 'a', 'b')
    assert.deepEqual(world.where(), ['a', 'b'])
    assert.deepEqual(
      world.wanted().map(task => task.capacityProviderName),
      ['rack', 'rack'],
    )
    await world.register(rack('c'))
    assert.deepEqual(world.where(), ['a', 'b', 'c'])
    await world.round()
    assert.deepEqual(world.rollouts(), ['SUCCESSFUL'])
    // Nobody could read them.
    assert.equal(world.store.size(serviceEvents), 0)
    await world.stop()
  })

  test('of providers without instances is rolled out at once', async () => {
    const world = await daemonWorld({})
    assert.deepEqual([world.rollouts(), world.where()], [['SUCCESSFUL'], []])
    await world.stop()
  })

  test('is replaced in its place when it dies, and leaves an instance that leaves the provider', async () => {
    const world = await daemonWorld({}, 'a', 'b')
    await world.round()
    const [first] = world.wanted()
    assert.ok(first)
    const ended = { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' } as const
    await world.report([first], { ...ended, stoppedAt: world.clock.now() })
    assert.deepEqual(world.where(), ['a', 'b'])
    await world.change('b', { attributes: [] })
    assert.deepEqual(world.where(), ['a'])
    await world.stop()
  })

  test('goes when it is deleted; the deletion is what succeeded', async () => {
    const world = await daemonWorld({}, 'a', 'b')
    await world.round()
    const [daemon] = world.store.all(services)
    const [done] = world.store.all(serviceDeployments)
    assert.ok(daemon && done)
    await world.store.write(tx => {
      tx.put(services, { ...daemon, status: 'DRAINING', desiredCount: 0 })
      tx.put(serviceDeployments, { ...done, arn: 'deletion', status: 'IN_PROGRESS', deletes: true })
    })
    await world.settled()
    assert.deepEqual(world.where(), [])
    await world.round()
    assert.equal([...world.store.all(services)][0]?.status, 'INACTIVE')
    assert.deepEqual(world.rollouts(), ['SUCCESSFUL', 'SUCCESSFUL'])
    await world.stop()
  })
})

describe('a rollout', () => {
  for (const [drainPercent, atOnce] of [
    [50, 2],
    [25, 1],
    [0, 1],
    [100, 4],
  ] as const)
    test(`with drainPercent ${drainPercent} takes ${atOnce} of four instances at a time`, async () => {
      const world = await daemonWorld({ drainPercent }, 'a', 'b', 'c', 'd')
      await world.round()
      await world.begin(2)
      assert.equal(world.by(1), 4 - atOnce)
      for (let round = 0; round < 12; round++) {
        // Without one are those that are being replaced, and no others.
        assert.ok(world.wanted().filter(task => task.lastStatus === 'RUNNING').length >= 4 - atOnce)
        assert.equal(new Set(world.where()).size, world.where().length)
        await world.round()
      }
      assert.deepEqual([world.by(1), world.by(2)], [0, 4])
      assert.deepEqual(world.rollouts().toSorted(), ['SUCCESSFUL', 'SUCCESSFUL'])
      await world.stop()
    })

  test('bakes before it is complete; one that fails meanwhile starts it anew', async () => {
    const world = await daemonWorld({ bakeTimeInMinutes: 5 }, 'a', 'b')
    await world.round()
    assert.deepEqual(world.rollouts(), ['IN_PROGRESS'])
    await world.advance(299_000)
    assert.deepEqual(world.rollouts(), ['IN_PROGRESS'])
    const [task] = world.wanted()
    assert.ok(task)
    const ended = { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' } as const
    await world.report([task], { ...ended, stoppedAt: world.clock.now() })
    await world.round()
    await world.advance(299_000)
    assert.deepEqual(world.rollouts(), ['IN_PROGRESS'])
    await world.advance(1_000)
    assert.deepEqual(world.rollouts(), ['SUCCESSFUL'])
    assert.equal(world.deployments()[0]?.bakingSince, undefined)
    await world.stop()
  })

  test('that fails goes back to the revision before, with its providers', async () => {
    const world = await daemonWorld({ drainPercent: 100 }, 'a', 'b', 'c')
    await world.round()
    await world.begin(2)
    await world.round()
    for (let round = 0; round < 6 && world.rollouts()[0] !== 'ROLLBACK_IN_PROGRESS'; round++) {
      await world.fail()
      await world.advance(60_000)
    }
    for (let round = 0; round < 4; round++) await world.round()
    assert.deepEqual(new Set(world.rollouts()), new Set(['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']))
    assert.deepEqual([world.by(1), world.by(2)], [3, 0])
    await world.stop()
  })
})

describe('what waits for a critical daemon', () => {
  const web = { desiredCount: 2, name: 'web', clusterArn: CLUSTER }

  test('no other task comes before it on its instances, and comes as soon as it runs', async () => {
    const world = await daemonWorld({}, 'a')
    await world.change('other', { status: 'DRAINING' })
    await world.createService(web, { id: 'ecs-svc/0000000000000000009' })
    const app = () => world.tasks().filter(task => task.group === 'service:web')
    assert.deepEqual(new Set(app().map(task => task.containerInstanceArn)), new Set([undefined]))
    assert.match(app()[0]?.placementExplanation ?? '', /a: DAEMON, its daemon logs does not run/)
    await world.report(world.wanted(), { lastStatus: 'RUNNING', startedAt: world.clock.now() })
    assert.deepEqual(new Set(app().map(task => task.containerInstanceArn)), new Set([instanceArn('a')]))
    await world.stop()
  })

  for (const [what, change] of [
    ['is no longer critical', { daemon: { ...FIELDS, critical: false } }],
    ['is deleted', { status: 'DRAINING' }],
  ] as const)
    test(`nothing, once it ${what}`, async () => {
      const world = await daemonWorld({}, 'a')
      await world.change('other', { status: 'DRAINING' })
      await world.createService(web, { id: 'ecs-svc/0000000000000000009' })
      const [daemon] = [...world.store.all(services)].filter(row => row.daemon)
      assert.ok(daemon)
      await world.store.write(tx => tx.put(services, { ...daemon, ...change }))
      await world.settled()
      const app = world.tasks().filter(task => task.group === 'service:web')
      assert.deepEqual(new Set(app.map(task => task.containerInstanceArn)), new Set([instanceArn('a')]))
      await world.stop()
    })

  test('on an instance that drains it is the last to stop', async () => {
    const world = await daemonWorld({}, 'a')
    await world.round()
    await world.change('other', { status: 'DRAINING' })
    await world.createService({ ...web, desiredCount: 1 }, { id: 'ecs-svc/0000000000000000009' })
    await world.round()
    await world.change('other', { status: 'ACTIVE' })
    await world.change('a', { status: 'DRAINING' })
    assert.deepEqual(world.where(), ['a'])
    for (let round = 0; round < 3; round++) await world.round()
    assert.deepEqual(world.where(), [])
    await world.stop()
  })
})
