import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeWorld, type World } from '../testing/world.ts'

const MINUTE = 60_000
const HELD = 'was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks'

const steady = (desiredCount: number, percents: readonly [number, number] = [100, 200]): World => {
  const [minimumHealthyPercent, maximumPercent] = percents
  const world = makeWorld({ desiredCount, deploymentConfiguration: { minimumHealthyPercent, maximumPercent } })
  world.settle()
  world.step()
  world.settle()
  world.advance(3_000)
  world.settle()
  return world
}

const protect = (world: World, count: number, ms = MINUTE): readonly string[] => {
  const chosen = world.running().slice(0, count)
  for (const task of chosen) world.protect(task, ms)
  return chosen.map(({ arn }) => arn)
}

const runningArns = (world: World): readonly string[] => world.running().map(({ arn }) => arn)
const told = (world: World): readonly string[] => world.events().filter(message => message.includes(HELD))

describe('a protected task', () => {
  test('stays when the service scales in: others go', () => {
    const world = steady(4)
    const kept = protect(world, 2)
    world.update({ desiredCount: 2 })
    world.settle()
    assert.deepEqual(runningArns(world), kept)
    assert.deepEqual(told(world), [])
  })

  test('keeps the service larger than it is to be, which is told once, until the protection ends', () => {
    const world = steady(3)
    protect(world, 2)
    world.update({ desiredCount: 1 })
    const { wakeAt } = world.settle()
    assert.equal(wakeAt, world.now() + MINUTE)
    assert.equal(world.running().length, 2)
    const id = world.primary()?.id
    assert.deepEqual(told(world), [`(service web) was unable to reach steady state because task set (${id}) ${HELD}`])
    world.advance(MINUTE - 1)
    world.settle()
    assert.deepEqual([world.running().length, told(world).length], [2, 1])
    world.advance(1)
    world.settle()
    assert.equal(world.running().length, 1)
    world.step()
    world.settle()
    assert.equal(world.events().at(-1), '(service web) has reached a steady state.')
  })

  test('of an older revision holds its deployment open; the new one comes up beside it', () => {
    const world = steady(2)
    const kept = protect(world, 1)
    const id = world.deploy()
    for (let rounds = 0; rounds < 4; rounds++) {
      world.settle()
      world.step()
      world.settle()
      world.advance(3_000)
    }
    world.settle()
    const own = world.running().filter(task => task.deploymentId === id)
    assert.equal(own.length, 2)
    assert.deepEqual(
      runningArns(world).filter(arn => !own.some(task => task.arn === arn)),
      kept,
    )
    assert.deepEqual([world.primary()?.rolloutState, world.deployments().length], ['IN_PROGRESS', 2])
    assert.equal(told(world).length, 1)
    world.advance(MINUTE)
    world.settle()
    world.step()
    world.settle()
    assert.deepEqual([world.primary()?.rolloutState, world.deployments().length], ['COMPLETED', 1])
  })

  test('that is unhealthy is replaced; one on a draining instance is moved', () => {
    const world = steady(2)
    world.behave(world.primary()?.id ?? '', 'sick')
    const sick = protect(world, 1)
    world.step()
    world.behave(world.primary()?.id ?? '', 'run')
    for (let rounds = 0; rounds < 3; rounds++) {
      world.settle()
      world.step()
      world.advance(3_000)
    }
    world.settle()
    assert.ok(!runningArns(world).includes(sick[0] ?? ''))
    protect(world, 2)
    for (const name of ['i0', 'i1']) world.drain(name)
    for (let rounds = 0; rounds < 3; rounds++) {
      world.settle()
      world.step()
      world.advance(3_000)
    }
    world.settle()
    const left = world.running()
    assert.ok(left.length === 2 && left.every(task => !world.isDraining(task)))
  })
})
