// Services while container instances vanish, come back, drain and join: the loops together, the agents played by the test.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { containerInstances, deployments, services, tasks } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { bounds } from '../testing/rounds.ts'
import { deploymentRow, instanceArn, instanceRow, runningRow, serviceRow, T0 } from '../testing/rows.ts'

const fleet = async (...names: readonly string[]) => {
  const plane = await testPlane(['deployment', 'placement', 'instance'])
  await plane.register(...names.map(name => instanceRow(name, { availabilityZone: `us-east-1${name}` })))
  const change = (name: string, more: Partial<ContainerInstance>) => {
    const row = plane.store.get(containerInstances, instanceArn(name)) ?? assert.fail()
    return plane.register({ ...row, ...more })
  }
  const wanted = () => plane.tasks().filter(task => task.desiredStatus === 'RUNNING')
  const nameOf = (task: Task) => task.containerInstanceArn?.split('/').at(-1) ?? ''
  return {
    ...plane,
    change,
    wanted,
    where: () => wanted().map(nameOf).sort(),
    on: (name: string) => plane.tasks().filter(task => nameOf(task) === name),
    /** All that is placed and wanted runs. */
    up: () =>
      plane.report(
        wanted().filter(task => task.lastStatus === 'PENDING'),
        { lastStatus: 'RUNNING', startedAt: plane.clock.now(), connectivityAt: plane.clock.now() },
      ),
    /** What was asked to stop has stopped. */
    down: () =>
      plane.report(
        plane.tasks().filter(task => task.desiredStatus === 'STOPPED'),
        { lastStatus: 'STOPPED', stoppedAt: plane.clock.now() },
      ),
    vanish: (name: string) => change(name, { agentConnected: false, silentSince: plane.clock.now() }),
    back: (name: string) => change(name, { agentConnected: true }),
    running: (service: Service) => plane.store.sum(tasks, 'byService', service.arn)['running'] ?? 0,
    service: () => [...plane.store.all(services)][0] ?? assert.fail(),
  }
}

describe('a lost instance', () => {
  test("its service's tasks are replaced elsewhere; back again, it is told to stop them", async () => {
    const world = await fleet('a', 'b')
    const service = await world.createService({ desiredCount: 2 })
    await world.up()
    await world.advance(3_000)
    assert.deepEqual(world.where(), ['a', 'b'])
    const [old] = world.on('a')
    await world.vanish('a')
    await world.advance(14_999)
    assert.equal(world.running(service), 2)
    await world.advance(1)
    assert.equal(world.running(service), 1)
    assert.deepEqual(world.where(), ['a', 'b', 'b'])
    await world.up()
    assert.deepEqual([world.where(), world.running(service)], [['b', 'b'], 2])
    const stopped = world.store.get(tasks, old?.arn ?? '')
    assert.deepEqual(
      [stopped?.desiredStatus, stopped?.lastStatus, stopped?.connectivity, stopped?.stopCode],
      ['STOPPED', 'RUNNING', 'DISCONNECTED', 'InfrastructureHealth'],
    )
    assert.match(stopped?.stoppedReason ?? '', /^Container instance a is disconnected/)
    assert.equal(world.events().at(-1), '(service web) has reached a steady state.')
    assert.ok(!world.events().some(message => message.includes('stopped')))

    await world.back('a')
    await world.down()
    await world.advance(60_000)
    assert.deepEqual([world.where(), world.running(service)], [['b', 'b'], 2])
    await world.stop()
  })

  test('leaves its zone its share: its tasks are replaced on other instances of it, where there are some', async () => {
    const world = await fleet('a', 'b', 'c')
    await world.createService({ desiredCount: 6 })
    await world.up()
    await world.advance(3_000)
    await world.register(instanceRow('b2', { availabilityZone: 'us-east-1b' }))
    await world.vanish('b')
    await world.advance(15_000)
    await world.up()
    assert.deepEqual(world.where(), ['a', 'a', 'b2', 'b2', 'c', 'c'])
    await world.stop()
  })

  test('that comes back before there was a place for its tasks keeps them', async () => {
    const world = await fleet('a')
    const service = await world.createService({ desiredCount: 2 })
    await world.up()
    await world.advance(3_000)
    const before = world.wanted()
    await world.vanish('a')
    await world.advance(20_000)
    assert.deepEqual([world.where(), world.running(service)], [['', '', 'a', 'a'], 0])
    await world.back('a')
    assert.deepEqual(
      world.wanted().map(({ arn }) => arn),
      before.map(({ arn }) => arn),
    )
    assert.equal(world.running(service), 2)
    await world.stop()
  })

  test('a deleted service is over although nobody can see its last task', async () => {
    const world = await fleet('a')
    await world.createService({ desiredCount: 1 })
    await world.up()
    await world.vanish('a')
    await world.advance(20_000)
    await world.updateService({ status: 'DRAINING', desiredCount: 0 })
    assert.equal(world.service().status, 'INACTIVE')
    await world.stop()
  })
})

describe('a draining instance', () => {
  const draining = async (percents: readonly [number, number], desiredCount = 2) => {
    const world = await fleet('a', 'b')
    await world.createService({ desiredCount, ...bounds(...percents) })
    await world.up()
    await world.advance(3_000)
    await world.change('a', { status: 'DRAINING' })
    return world
  }

  test('100/200: its task stops when another serves in its place', async () => {
    const world = await draining([100, 200])
    assert.deepEqual(world.where(), ['a', 'b', 'b'])
    await world.up()
    assert.deepEqual(world.where(), ['b', 'b'])
    await world.down()
    await world.advance(60_000)
    assert.deepEqual(world.where(), ['b', 'b'])
    await world.stop()
  })

  test('50/100: its task stops first, and is then replaced', async () => {
    const world = await draining([50, 100])
    assert.deepEqual(world.where(), ['b'])
    await world.down()
    assert.deepEqual(world.where(), ['b', 'b'])
    await world.stop()
  })

  test('100/125 of two: neither may be done, and the service says so', async () => {
    const world = await draining([100, 125])
    assert.deepEqual(world.where(), ['a', 'b'])
    assert.match(world.events().at(-1) ?? '', /was unable to stop or start tasks during a deployment/)
    await world.change('a', { status: 'ACTIVE' })
    assert.deepEqual(world.where(), ['a', 'b'])
    await world.stop()
  })

  test('a task that does not run yet stops at once; standalone ones stay', async () => {
    const world = await fleet('a', 'b')
    await world.createService({ desiredCount: 2 })
    const { serviceArn: _, deploymentId: __, ...alone } = world.on('a')[0] ?? assert.fail()
    await world.store.write(tx => tx.put(tasks, { ...alone, arn: `${alone.arn}x`, group: 'family:web' }))
    await world.change('a', { status: 'DRAINING' })
    const [pending, standalone] = world.on('a')
    assert.deepEqual([pending?.desiredStatus, standalone?.desiredStatus], ['STOPPED', 'RUNNING'])
    assert.deepEqual(world.where(), ['a', 'b', 'b'])
    await world.stop()
  })
})

describe('tasks that found no place', () => {
  test('get one when an instance is ACTIVE again, gets what they ask for, or is given more', async () => {
    const world = await fleet('a')
    await world.change('a', { status: 'DRAINING' })
    const expression = 'attribute:role == edge'
    await world.createService({ desiredCount: 1, placementConstraints: [{ type: 'memberOf', expression }] })
    assert.deepEqual(world.where(), [''])
    await world.change('a', { status: 'ACTIVE', registered: { cpu: 50, memory: 1024, ports: [], portsUdp: [] } })
    await world.change('a', { attributes: [{ name: 'role', value: 'edge' }] })
    assert.deepEqual(world.where(), [''])
    await world.change('a', { registered: { cpu: 500, memory: 1024, ports: [], portsUdp: [] } })
    assert.deepEqual(world.where(), ['a'])
    await world.stop()
  })
})

describe('a DAEMON service', () => {
  const daemon = (more: Partial<Service> = {}) => ({
    schedulingStrategy: 'DAEMON' as const,
    desiredCount: 0,
    ...bounds(0, 100),
    ...more,
  })

  test('has one task on every instance; instances join, leave, vanish and drain', async () => {
    const world = await fleet('a', 'b')
    const service = await world.createService(daemon())
    assert.deepEqual(world.where(), ['a', 'b'])
    assert.equal(world.service().desiredCount, 2)
    await world.up()
    await world.advance(3_000)
    assert.equal(world.events().at(-1), '(service web) has reached a steady state.')
    await world.register(instanceRow('c'))
    assert.deepEqual([world.where(), world.service().desiredCount], [['a', 'b', 'c'], 3])
    await world.up()
    await world.change('b', { status: 'DRAINING' })
    assert.deepEqual([world.where(), world.service().desiredCount], [['a', 'c'], 2])
    await world.down()
    await world.vanish('c')
    await world.advance(15_000)
    assert.deepEqual([world.where(), world.service().desiredCount, world.running(service)], [['a', 'c'], 1, 1])
    await world.back('c')
    assert.deepEqual([world.where(), world.service().desiredCount, world.running(service)], [['a', 'c'], 2, 2])
    await world.change('a', { status: 'INACTIVE', agentConnected: false })
    assert.deepEqual([world.where(), world.service().desiredCount], [['c'], 1])
    await world.stop()
  })

  test('waits for the agent of an instance that has just registered, without a word about no room', async () => {
    const world = await fleet('a')
    await world.createService(daemon())
    await world.register(instanceRow('b', { agentConnected: false, registeredAt: world.clock.now() }))
    assert.deepEqual([world.where(), world.service().desiredCount], [['a'], 1])
    await world.back('b')
    assert.deepEqual([world.where(), world.service().desiredCount], [['a', 'b'], 2])
    assert.ok(!world.events().some(message => message.includes('unable to place')))
    await world.stop()
  })

  test('an instance that its constraints or attributes exclude has none, and loses it when that changes', async () => {
    const world = await fleet('a', 'b')
    const expression = 'attribute:role == edge'
    const edge = [{ name: 'role', value: 'edge' }]
    await world.change('a', { attributes: edge })
    await world.createService(daemon({ placementConstraints: [{ type: 'memberOf', expression }] }))
    assert.deepEqual([world.where(), world.service().desiredCount], [['a'], 1])
    await world.up()
    await world.change('b', { attributes: edge })
    await world.change('a', { attributes: [] })
    assert.deepEqual([world.where(), world.service().desiredCount], [['b'], 1])
    await world.stop()
  })

  test('leaves a draining instance after the tasks of other services', async () => {
    const world = await fleet('a', 'b')
    const web = serviceRow({ name: 'other', desiredCount: 1 })
    const deployment = deploymentRow(web, { id: 'ecs-svc/0000000000000000009', rolloutState: 'COMPLETED' })
    await world.store.write(tx => {
      tx.put(services, web)
      tx.put(deployments, deployment)
      tx.put(tasks, runningRow(web, deployment, 'e', { startedAt: T0 }))
    })
    await world.createService(daemon())
    await world.up()
    await world.change('a', { status: 'DRAINING' })
    const isDaemon = (task: Task) => task.serviceArn === serviceRow().arn
    assert.equal(world.on('a').filter(isDaemon)[0]?.desiredStatus, 'RUNNING')
    await world.up()
    assert.equal(world.on('a').find(task => !isDaemon(task))?.desiredStatus, 'STOPPED')
    assert.equal(world.on('a').filter(isDaemon)[0]?.desiredStatus, 'RUNNING')
    await world.down()
    assert.equal(world.on('a').filter(isDaemon)[0]?.desiredStatus, 'STOPPED')
    await world.stop()
  })

  test('a deployment replaces as many at a time as the minimum leaves, the old before the new', async () => {
    const world = await fleet('a', 'b', 'c', 'd')
    const service = await world.createService(daemon(bounds(50, 100)))
    await world.up()
    await world.advance(3_000)
    const id = 'ecs-svc/0000000000000000002'
    await world.store.write(tx => {
      const [old] = [...tx.all(deployments)]
      if (old) tx.put(deployments, { ...old, status: 'ACTIVE' })
      tx.put(deployments, deploymentRow(service, { id, createdAt: T0 + 1 }))
    })
    await world.settled()
    assert.equal(world.wanted().length, 2)
    for (let rounds = 0; rounds < 4; rounds++) {
      await world.down()
      await world.up()
      assert.ok(world.running(service) >= 2)
      await world.advance(3_000)
    }
    assert.deepEqual(world.where(), ['a', 'b', 'c', 'd'])
    assert.ok(world.wanted().every(task => task.deploymentId === id))
    assert.equal(world.deployments().find(one => one.id === id)?.rolloutState, 'COMPLETED')
    await world.stop()
  })

  test('a deployment does not count on what leaves a draining instance at the same time', async () => {
    const world = await fleet('a', 'b', 'c', 'd')
    const service = await world.createService(daemon(bounds(50, 100)))
    await world.up()
    await world.advance(3_000)
    await world.store.write(tx => {
      const [old] = [...tx.all(deployments)]
      const draining = tx.get(containerInstances, instanceArn('d'))
      if (old) tx.put(deployments, { ...old, status: 'ACTIVE' })
      if (draining) tx.put(containerInstances, { ...draining, status: 'DRAINING' })
      tx.put(deployments, deploymentRow(service, { id: 'ecs-svc/0000000000000000002', createdAt: T0 + 1 }))
    })
    await world.settled()
    // Three instances are left, of which the minimum needs two.
    assert.equal(world.wanted().length, 2)
    await world.stop()
  })

  test('one that is killed is replaced where it was; one that finds no room waits and says so', async () => {
    const world = await fleet('a', 'b')
    await world.change('b', { registered: { cpu: 50, memory: 1024, ports: [], portsUdp: [] } })
    await world.createService(daemon())
    assert.deepEqual(world.where(), ['', 'a'])
    assert.match(world.events().join(), /The closest matching \(container-instance b\) has insufficient CPU/)
    await world.up()
    await world.report(world.on('a'), { desiredStatus: 'STOPPED', stopCode: 'EssentialContainerExited' })
    assert.deepEqual(world.where(), ['', 'a'])
    await world.change('b', { registered: { cpu: 500, memory: 1024, ports: [], portsUdp: [] } })
    assert.deepEqual(world.where(), ['a', 'b'])
    await world.stop()
  })
})

test('binpack: scaling in empties the instance with the most left, not the one with the fewest tasks', async () => {
  const world = await fleet('a', 'b')
  await world.change('b', { registered: { cpu: 8_192, memory: 8_192, ports: [], portsUdp: [] } })
  const service = serviceRow({ desiredCount: 2, placementStrategy: [{ type: 'binpack', field: 'cpu' }] })
  const deployment = deploymentRow(service, { rolloutState: 'COMPLETED' })
  await world.store.write(tx => {
    tx.put(services, service)
    tx.put(deployments, deployment)
    for (const [at, host] of ['a', 'b', 'b'].entries())
      tx.put(tasks, runningRow(service, deployment, `${at}`, { containerInstanceArn: instanceArn(host) }))
  })
  await world.settled()
  assert.deepEqual(world.where(), ['a', 'b'])
  await world.updateService({ desiredCount: 1 })
  assert.deepEqual(world.where(), ['a'])
  await world.stop()
})
