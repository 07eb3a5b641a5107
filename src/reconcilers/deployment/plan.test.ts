import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { round, startsOf, steady } from '../testing/rounds.ts'
import { isIdle, makeWorld } from '../testing/world.ts'
import { DEPLOYMENT_SETTINGS } from './settings.ts'

describe('a new service', () => {
  test('starts what is wanted, completes when all stay up, then is steady', () => {
    const world = makeWorld({ desiredCount: 3 })
    assert.equal(startsOf(world), 3)
    world.settle()
    world.step()
    const { wakeAt } = world.settle()
    assert.equal(wakeAt, world.now() + 3_000)
    assert.deepEqual([world.primary()?.desiredCount, world.primary()?.rolloutState], [3, 'IN_PROGRESS'])
    world.advance(2_999)
    assert.ok(isIdle(world.plan()))
    world.advance(1)
    world.settle()
    const { id, rolloutStateReason } = world.primary() ?? {}
    assert.equal(rolloutStateReason, `ECS deployment ${id} completed.`)
    assert.deepEqual(world.events(), [
      `(service web) (deployment ${id}) deployment completed.`,
      '(service web) has reached a steady state.',
    ])
  })

  test('with deployment alarms says once that nobody looks at them', () => {
    const alarms = { enable: true, rollback: true, alarmNames: ['errors'] }
    const world = steady({ desiredCount: 1, deploymentConfiguration: { alarms } })
    const told = world.events().filter(event => event.includes('alarms'))
    assert.deepEqual(told, [
      `(service web) (deployment ${world.primary()?.id}) deployment alarms are not looked at: there are no CloudWatch alarms here yet.`,
    ])
  })

  test('of no tasks is complete at once', () => {
    const world = makeWorld({ desiredCount: 0 })
    world.settle()
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  })

  test('starts no more than the limit a pass', () => {
    const world = makeWorld({ desiredCount: 600 })
    const plan = world.plan()
    assert.deepEqual([startsOf(world), plan.again], [DEPLOYMENT_SETTINGS.startsPerPass, true])
    world.settle()
    assert.equal(world.live().length, 600)
  })

  test('with health checks completes when they pass', () => {
    const world = makeWorld({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'sick')
    world.settle()
    world.behave(world.primary()?.id ?? '', 'run')
    round(world)
    assert.equal(world.primary()?.rolloutState, 'IN_PROGRESS')
  })
})

describe('steady state', () => {
  test('is told once, and again after six hours', () => {
    const world = steady({ desiredCount: 2 })
    world.advance(6 * 3_600_000 - 1)
    assert.ok(isIdle(world.settle()))
    const before = world.events().length
    world.advance(1)
    world.settle()
    assert.deepEqual(world.events().slice(before), ['(service web) has reached a steady state.'])
  })

  test('is told again once it was left and reached anew', () => {
    const world = steady({ desiredCount: 2 })
    const before = world.events().length
    world.kill(world.running()[0] ?? assert.fail())
    world.settle()
    round(world)
    assert.deepEqual(world.events().slice(before), ['(service web) has reached a steady state.'])
  })
})

describe('scaling', () => {
  test('out: starts the difference, the deployment stays completed', () => {
    const world = steady({ desiredCount: 1 })
    world.update({ desiredCount: 4 })
    assert.equal(startsOf(world), 3)
    round(world)
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  })

  test('in: what does not run yet goes first', () => {
    const world = steady({ desiredCount: 2 })
    world.update({ desiredCount: 4 })
    world.settle()
    world.update({ desiredCount: 1 })
    const stopped = world.plan().stop.map(({ task }) => task.lastStatus)
    assert.deepEqual(stopped, ['PENDING', 'PENDING', 'RUNNING'])
  })

  test('in: from the fullest zone, there from the fullest instance', () => {
    const world = steady({ desiredCount: 4 })
    const [one, two, three, four] = world.running()
    Object.assign(one ?? {}, { availabilityZone: 'a', containerInstanceArn: 'a1' })
    Object.assign(two ?? {}, { availabilityZone: 'a', containerInstanceArn: 'a2' })
    Object.assign(three ?? {}, { availabilityZone: 'a', containerInstanceArn: 'a2' })
    Object.assign(four ?? {}, { availabilityZone: 'b', containerInstanceArn: 'b1' })
    world.update({ desiredCount: 2 })
    assert.deepEqual(
      world.plan().stop.map(({ task }) => task.containerInstanceArn),
      ['a2', 'a2'],
    )
  })

  test('in: of those that do not run yet, from the fullest zone too, and first what has no place', () => {
    const world = steady({ desiredCount: 1 })
    world.update({ desiredCount: 5 })
    world.settle()
    const pending = world.live().filter(task => task.lastStatus === 'PENDING')
    for (const [at, zone] of ['a', 'b', 'b', 'b'].entries())
      Object.assign(pending[at] ?? {}, { availabilityZone: zone, containerInstanceArn: `${zone}${at}` })
    Object.assign(pending[3] ?? {}, { availabilityZone: undefined, containerInstanceArn: undefined })
    world.update({ desiredCount: 3 })
    assert.deepEqual(
      world.plan().stop.map(({ task }) => task.containerInstanceArn),
      [undefined, 'b2'],
    )
  })

  test('in: during a rollout the new revision stays even, whatever the old one leaves', () => {
    const world = steady({ desiredCount: 4, deploymentConfiguration: { minimumHealthyPercent: 50 } })
    for (const task of world.running()) Object.assign(task, { availabilityZone: 'c', containerInstanceArn: 'c0' })
    world.deploy()
    round(world)
    const own = world.live().filter(task => task.deploymentId === world.primary()?.id)
    for (const [at, zone] of ['a', 'a', 'b', 'c'].entries())
      Object.assign(own[at] ?? {}, { availabilityZone: zone, containerInstanceArn: `${zone}${at}` })
    world.update({ desiredCount: 3 })
    const left = world.plan().stop.filter(({ task }) => task.deploymentId === world.primary()?.id)
    assert.deepEqual(
      left.map(({ task }) => task.availabilityZone),
      ['a'],
    )
  })

  test('in: of five thousand a hundred are stopped at a time', () => {
    const world = steady({ desiredCount: 5_000 })
    world.update({ desiredCount: 0 })
    const { stop, again } = world.plan()
    assert.deepEqual([stop.length, again], [DEPLOYMENT_SETTINGS.stopsPerPass, true])
  })

  test('to nothing stops everything', () => {
    const world = steady({ desiredCount: 3 })
    world.update({ desiredCount: 0 })
    world.settle()
    assert.equal(world.running().length, 0)
  })
})

describe('a deleted service', () => {
  test('stops everything and is INACTIVE when nothing runs', () => {
    const world = steady({ desiredCount: 2 })
    world.update({ status: 'DRAINING', desiredCount: 0 })
    world.settle()
    assert.match(world.events().at(-1) ?? '', /^\(service web\) has stopped 2 running tasks: \(task /)
    assert.equal(world.service().status, 'DRAINING')
    world.step()
    world.settle()
    assert.deepEqual([world.service().status, world.deployments().length], ['INACTIVE', 0])
    assert.ok(world.live().every(task => task.settled))
  })
})
