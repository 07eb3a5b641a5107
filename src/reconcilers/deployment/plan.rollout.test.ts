import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bounds, countIn, round, steady } from '../testing/rounds.ts'
import { makeWorld } from '../testing/world.ts'

describe('a rollout', () => {
  test('100/200: starts all the new, stops the old as they stand healthy', () => {
    const world = steady({ desiredCount: 3, ...bounds(100, 200) })
    const old = world.primary()?.id
    const id = world.deploy()
    world.settle()
    world.step()
    world.settle()
    assert.deepEqual([countIn(world, old), countIn(world, id)], [3, 3])
    world.advance(3_000)
    const plan = world.plan()
    assert.deepEqual(
      plan.stop.map(({ reason }) => reason),
      [1, 2, 3].map(() => `Scaling activity initiated by (deployment ${old})`),
    )
    const ids = plan.stop.map(({ task }) => `(task ${task.id})`).join(' ')
    world.settle()
    assert.equal(world.events().at(-1), `(service web) has stopped 3 running tasks: ${ids}.`)
    assert.deepEqual(
      world.deployments().map(one => one.id),
      [old, id],
    )
    // The old deployment is over when the stops have begun: nobody waits for the last container to end.
    world.step()
    world.settle()
    assert.deepEqual(
      world.deployments().map(one => [one.id, one.rolloutState]),
      [[id, 'COMPLETED']],
    )
  })

  test('50/100: gives up half of the old, then goes on in halves', () => {
    const world = steady({ desiredCount: 4, ...bounds(50, 100) })
    const old = world.primary()?.id
    const id = world.deploy()
    world.settle()
    assert.deepEqual([countIn(world, old), countIn(world, id)], [2, 0])
    world.step()
    world.settle()
    assert.deepEqual([countIn(world, old), countIn(world, id)], [2, 2])
    round(world)
    assert.deepEqual([countIn(world, old), countIn(world, id)], [0, 2])
    for (let rounds = 0; rounds < 4; rounds++) round(world)
    assert.deepEqual([countIn(world, old), countIn(world, id)], [0, 4])
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  })

  test('0/100 of one: stops it, starts the new one when the stop has begun', () => {
    const world = steady({ desiredCount: 1, ...bounds(0, 100) })
    const id = world.deploy()
    world.settle()
    assert.equal(countIn(world, id), 0)
    world.step()
    world.settle()
    assert.equal(countIn(world, id), 1)
  })

  for (const [name, desiredCount, minimum, maximum] of [
    ['125 % of 3 is 3', 3, 100, 125],
    ['75 % of 2 is 2', 2, 75, 100],
  ] as const)
    test(`${name}: says once that nothing may move, and goes on when it may`, () => {
      const world = steady({ desiredCount, ...bounds(minimum, maximum) })
      const before = world.events().length
      const id = world.deploy()
      for (let rounds = 0; rounds < 3; rounds++) round(world)
      assert.deepEqual(world.events().slice(before), [
        '(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
      ])
      world.update(bounds(50, 200))
      for (let rounds = 0; rounds < 4; rounds++) round(world)
      assert.deepEqual([countIn(world, id), world.primary()?.rolloutState], [desiredCount, 'COMPLETED'])
    })

  test('50/200: gives old tasks up when no instance has room for the new ones', () => {
    const world = steady({ desiredCount: 2, ...bounds(50, 200) })
    const old = world.primary()?.id
    const id = world.deploy()
    world.settle()
    assert.deepEqual([countIn(world, old), countIn(world, id)], [2, 2])
    const snapshot = world.snapshot()
    const waiting = world.live().filter(task => task.deploymentId === id)
    for (const task of waiting)
      Object.assign(task, { containerInstanceArn: undefined, placementExplanation: 'RESOURCE:PORTS' })
    assert.equal(snapshot.live.length, 4)
    assert.deepEqual(
      world.plan().stop.map(({ task }) => task.deploymentId),
      [old],
    )
  })

  test('an old task that dies is replaced by one of the same revision while the new one fails', () => {
    const world = steady({ desiredCount: 2, ...bounds(100, 200) })
    const old = world.primary()?.id
    world.behave(world.deploy(), 'fail')
    world.settle()
    for (let rounds = 0; rounds < 4; rounds++) round(world)
    world.kill(world.running()[0] ?? assert.fail())
    world.settle()
    round(world)
    assert.equal(world.running().filter(task => task.deploymentId === old).length, 2)
  })

  test('a revision that never worked is given no new tasks when the next one comes', () => {
    const world = makeWorld({ desiredCount: 2 })
    const bad = world.primary()?.id
    world.behave(bad ?? '', 'fail')
    world.settle()
    world.step()
    const id = world.deploy()
    world.settle()
    assert.deepEqual([countIn(world, bad), countIn(world, id)], [0, 2])
    round(world)
    assert.deepEqual(
      world.deployments().map(one => [one.id, one.rolloutState]),
      [[id, 'COMPLETED']],
    )
  })

  test('a third revision replaces both others', () => {
    const world = steady({ desiredCount: 3 })
    world.deploy()
    world.settle()
    world.step()
    world.settle()
    const id = world.deploy()
    for (let rounds = 0; rounds < 5; rounds++) round(world)
    assert.deepEqual(
      world.deployments().map(one => one.id),
      [id],
    )
    assert.equal(world.live().length, 3)
  })
})
