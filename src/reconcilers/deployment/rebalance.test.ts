// Availability Zone rebalancing: the loops together over a store in memory, the agents played by the test.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { containerInstances } from '../../store/tables.ts'
import { type Plane, testPlane } from '../testing/plane.ts'
import { instanceArn, instanceRow } from '../testing/rows.ts'

const inZone = (zone: string, name = zone) => instanceRow(name, { availabilityZone: zone })

/** What is placed runs, what was asked to stop has stopped; until nothing changes, or for so many rounds. */
const play = async (plane: Plane, rounds = 40): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    const [up, down] = movesOf(plane)
    if (up.length + down.length === 0 && round > 1) return
    await plane.report(up, { lastStatus: 'RUNNING', startedAt: plane.clock.now() })
    await plane.report(down, { lastStatus: 'STOPPED', stoppedAt: plane.clock.now() })
    await plane.advance(3_000)
  }
}
const movesOf = (plane: Plane): readonly [Task[], Task[]] => [
  plane.tasks().filter(task => task.desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING'),
  plane.tasks().filter(task => task.desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED'),
]

const zones = (plane: Plane): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { availabilityZone = '', desiredStatus } of plane.tasks())
    if (desiredStatus === 'RUNNING') counts[availabilityZone] = (counts[availabilityZone] ?? 0) + 1
  return counts
}

/** A steady service whose tasks are all in zone a; zone b comes after it. */
const skewed = async (service: Partial<Service> = {}) => {
  const plane = await testPlane(['deployment', 'placement', 'instance'])
  await plane.register(inZone('a'))
  await plane.createService({ desiredCount: 4, availabilityZoneRebalancing: 'ENABLED', ...service })
  await play(plane)
  return plane
}

describe('rebalancing', () => {
  test('a zone that comes gets its share, one task after the other, told as ECS tells it', async () => {
    const plane = await skewed()
    const before = plane.events().length
    await plane.register(inZone('b'))
    assert.deepEqual(zones(plane), { a: 4, b: 1 })
    await play(plane)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    const told = plane.events().slice(before)
    const plain = told.map(message => message.replace(/\(task [^)]*\)/g, '(task)'))
    const move = [
      '(service web) has started 1 tasks in b to AZ Rebalance: (task).',
      '(service web) has stopped 1 running tasks in a due to AZ rebalancing: (task).',
    ]
    assert.deepEqual(plain, [
      '(service web) is not AZ balanced with 4 tasks in a, 0 tasks in b. AZ Rebalancing in progress.',
      ...move,
      ...move,
      '(service web) is AZ balanced with 2 tasks in a, 2 tasks in b.',
    ])
    assert.equal(plane.deployments()[0]?.rebalancing, undefined)
    await plane.advance(3_600_000)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    await plane.stop()
  })

  test('the old task stays until the new one has run long enough', async () => {
    const plane = await skewed()
    await plane.register(inZone('b'))
    const [[replacement] = []] = movesOf(plane)
    assert.ok(replacement)
    await plane.report([replacement], { lastStatus: 'RUNNING', startedAt: plane.clock.now() })
    await plane.advance(2_999)
    assert.deepEqual(zones(plane), { a: 4, b: 1 })
    await plane.advance(1)
    assert.deepEqual(zones(plane), { a: 3, b: 1 })
    await plane.stop()
  })

  for (const [why, service] of [
    ['that is not to be rebalanced', { availabilityZoneRebalancing: 'DISABLED' }],
    ['without room above its desired count', { deploymentConfiguration: { maximumPercent: 124 } }],
    ['of one task', { desiredCount: 1 }],
  ] satisfies [string, Partial<Service>][])
    test(`a service ${why} stays as it is`, async () => {
      const plane = await skewed(service)
      const before = zones(plane)
      await plane.register(inZone('b'))
      await plane.advance(600_000)
      assert.deepEqual(zones(plane), before)
      await plane.stop()
    })

  test('one zone is nothing to even out, and costs no look at its instances', async () => {
    const plane = await skewed()
    plane.rowsRead()
    const many = Array.from({ length: 50 }, (_, at) => inZone('a', `a${at}`))
    await plane.register(...many)
    assert.deepEqual(zones(plane), { a: 4 })
    // The index of what may be rebalanced has the service, once for each.
    assert.ok(plane.rowsRead() <= 50)
    await plane.stop()
  })

  test('a zone that is full is told of once, and tried again', async () => {
    const plane = await skewed()
    const full = { registered: { cpu: 10, memory: 10, ports: [], portsUdp: [] } }
    await plane.register({ ...inZone('b'), ...full })
    await plane.advance(300_000)
    const unable =
      '(service web) is unable to place a task in b because no container instance met all of its requirements.'
    assert.equal(plane.events().filter(message => message === unable).length, 1)
    assert.deepEqual(zones(plane), { a: 4 })
    await plane.register(inZone('b'))
    await plane.advance(60_000)
    await play(plane)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    await plane.stop()
  })

  test('a replacement that dies is given up; nothing was stopped for it', async () => {
    const plane = await skewed()
    await plane.register(inZone('b'))
    const [[replacement] = []] = movesOf(plane)
    assert.ok(replacement)
    await plane.report([replacement], {
      desiredStatus: 'STOPPED',
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedAt: plane.clock.now(),
    })
    assert.deepEqual(zones(plane), { a: 4 })
    assert.equal(plane.events().at(-1), '(service web) stopped AZ Rebalancing.')
    await plane.advance(59_000)
    assert.deepEqual(zones(plane), { a: 4 })
    await plane.advance(2_000)
    assert.deepEqual(zones(plane), { a: 4, b: 1 })
    await plane.stop()
  })

  test('the zone loses its room before the task is placed: the task goes, the service keeps what it has', async () => {
    const plane = await skewed()
    await plane.loop('placement').stop()
    await plane.register(inZone('b'))
    const { b = 0, a = 0, '': nowhere = 0 } = zones(plane)
    assert.deepEqual([a, b, nowhere], [4, 0, 1])
    const row = plane.store.get(containerInstances, instanceArn('b')) ?? assert.fail()
    await plane.register({ ...row, status: 'DRAINING' })
    await plane.stop()
    plane.start()
    await plane.settled()
    assert.deepEqual(zones(plane), { a: 4 })
    assert.match(plane.events().slice(-2).join(), /unable to place a task in b .*stopped AZ Rebalancing\.$/)
    await plane.stop()
  })

  test('protected tasks are not traded', async () => {
    const plane = await skewed()
    await plane.report(plane.tasks(), { protectedUntil: plane.clock.now() + 600_000 })
    await plane.register(inZone('b'))
    await plane.advance(120_000)
    assert.deepEqual(zones(plane), { a: 4 })
    assert.match(plane.events().at(-1) ?? '', /was unable to AZ Rebalance because task set \(ecs-svc\/\d+\) was unable/)
    await plane.advance(600_000)
    await play(plane)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    await plane.stop()
  })

  test('a restart in the middle of a move goes on with it', async () => {
    const plane = await skewed()
    await plane.register(inZone('b'))
    await plane.stop()
    plane.start()
    await plane.settled()
    await play(plane)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    await plane.stop()
  })

  test('a service that is told to stop it does, with what it has', async () => {
    const plane = await skewed()
    await plane.register(inZone('b'))
    await plane.updateService({ availabilityZoneRebalancing: 'DISABLED' })
    await play(plane)
    assert.equal(
      Object.values(zones(plane)).reduce((sum, count) => sum + count),
      4,
    )
    assert.ok(plane.events().includes('(service web) stopped AZ Rebalancing.'))
    await plane.stop()
  })

  test('tasks go from and come to instances of one capacity provider: shares stay', async () => {
    const attributes = (value: string) => ({ attributes: [{ name: 'stowage.capacity-provider', value }] })
    const plane = await testPlane(['deployment', 'placement'])
    await plane.register({ ...inZone('a', 'a1'), ...attributes('one') }, { ...inZone('a', 'a2'), ...attributes('two') })
    const capacityProviderStrategy = [
      { capacityProvider: 'one', weight: 1 },
      { capacityProvider: 'two', weight: 1 },
    ]
    const service = { desiredCount: 4, availabilityZoneRebalancing: 'ENABLED', capacityProviderStrategy } as const
    await plane.createService(service, { capacityProviderStrategy })
    await play(plane)
    await plane.register({ ...inZone('b', 'b2'), ...attributes('two') })
    await play(plane)
    assert.deepEqual(zones(plane), { a: 2, b: 2 })
    const wanted = plane.tasks().filter(task => task.desiredStatus === 'RUNNING')
    assert.deepEqual(wanted.map(task => task.capacityProviderName).sort(), ['one', 'one', 'two', 'two'])
    await plane.stop()
  })
})
