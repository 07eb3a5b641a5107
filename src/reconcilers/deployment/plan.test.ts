import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { changeTask } from '../../domain/task.ts'
import { isIdle, makeWorld, type World } from '../testing/world.ts'
import { DEPLOYMENT_SETTINGS } from './settings.ts'

const bounds = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
})

/** Steps, settles and waits until every task that will run has run long enough. */
const round = (world: World): void => {
  world.step()
  world.settle()
  world.advance(DEPLOYMENT_SETTINGS.healthyAfterMs)
  world.settle()
}

const steady = (service: Parameters<typeof makeWorld>[0]): World => {
  const world = makeWorld(service)
  world.settle()
  round(world)
  assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  return world
}

const startsOf = (world: World): number => world.plan().start.reduce((total, { count }) => total + count, 0)
const countIn = (world: World, deploymentId: string | undefined): number =>
  world.live().filter(task => task.deploymentId === deploymentId && task.desiredStatus === 'RUNNING').length

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

  test('of no tasks is complete at once', () => {
    const world = makeWorld({ desiredCount: 0 })
    world.settle()
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  })

  test('starts no more than the limit a pass', () => {
    const world = makeWorld({ desiredCount: 250 })
    const plan = world.plan()
    assert.deepEqual([startsOf(world), plan.again], [100, true])
    world.settle()
    assert.equal(world.live().length, 250)
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

  test('to nothing stops everything', () => {
    const world = steady({ desiredCount: 3 })
    world.update({ desiredCount: 0 })
    world.settle()
    assert.equal(world.running().length, 0)
  })
})

describe('a task that ends', () => {
  test('is replaced at once, before it is STOPPED', () => {
    const world = steady({ desiredCount: 2 })
    world.kill(world.running()[0] ?? assert.fail())
    assert.equal(startsOf(world), 1)
  })

  test('twenty times by kill, each right after the replacement runs: always at once', () => {
    const world = steady({ desiredCount: 1 })
    for (let kills = 0; kills < 20; kills++) {
      world.kill(world.running()[0] ?? assert.fail())
      assert.equal(startsOf(world), 1, `kill ${kills}`)
      world.settle()
      world.advance(150)
      world.step()
      world.settle()
    }
    assert.equal(world.primary()?.notBefore, undefined)
  })

  test('by a crash of its own seconds after its start: some times at once, then with growing waits', () => {
    const world = steady({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'crash')
    const before = world.startedAt().length
    const { atOnce } = DEPLOYMENT_SETTINGS.crashes
    drive(world, 600_000)
    const waits = gaps(world.startedAt().slice(before))
    assert.ok(
      waits.slice(0, atOnce - 1).every(wait => wait < 1_000),
      `${waits}`,
    )
    const later = waits.slice(atOnce + 1)
    assert.ok(
      later.every((wait, at) => at === 0 || wait >= 1.2 * (later[at - 1] ?? 0) || wait >= 200_000),
      `${waits}`,
    )
    assert.ok(world.events().some(message => message.includes('unable to consistently start tasks successfully')))
    // One that stays up ends it.
    world.behave(world.primary()?.id ?? '', 'run')
    drive(world, 600_000)
    assert.deepEqual([world.running().length, world.primary()?.notBefore], [1, undefined])
  })
})

describe('tasks that fail to start', () => {
  test('are tried again at once, then with waits that double to 27 minutes, and say so after three', () => {
    const world = makeWorld({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'fail')
    drive(world, 4 * 3_600_000)
    const waits = gaps(world.startedAt())
    assert.ok((waits[0] ?? 0) < 500 && (waits[1] ?? 0) < 2_000, `${waits}`)
    assert.ok(Math.max(...waits) > 1_290_000 && Math.max(...waits) < 1_950_000, `${waits}`)
    const said = world.events().filter(message => message.includes('unable to consistently start'))
    assert.equal(said.length, 1)
    // The last one may still be on its way.
    assert.ok(world.startedAt().length - (world.primary()?.failedTasks ?? 0) <= 1)
  })

  test('a wave that fails together counts as one failure', () => {
    const world = makeWorld({ desiredCount: 100 })
    world.behave(world.primary()?.id ?? '', 'fail')
    world.settle()
    world.step()
    world.settle()
    assert.deepEqual([world.primary()?.failedTasks, world.primary()?.consecutiveFailures], [100, 1])
  })

  test('one that comes up ends the waiting', () => {
    const world = makeWorld({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'fail')
    drive(world, 60_000)
    world.behave(world.primary()?.id ?? '', 'run')
    drive(world, 120_000)
    const { failedTasks, consecutiveFailures, notBefore } = world.primary() ?? {}
    assert.deepEqual([failedTasks, consecutiveFailures, notBefore, world.running().length], [0, 0, undefined, 1])
  })

  test('a user who stops them is no failure', () => {
    const world = steady({ desiredCount: 1 })
    const [task] = world.running()
    Object.assign(
      task ?? {},
      changeTask(task ?? assert.fail(), { desiredStatus: 'STOPPED', stopCode: 'UserInitiated' }),
    )
    world.settle()
    assert.deepEqual([world.primary()?.consecutiveFailures, countIn(world, world.primary()?.id)], [0, 1])
  })
})

describe('an unhealthy task', () => {
  const sicken = (world: World): void => {
    const [task] = world.running()
    Object.assign(task ?? {}, { healthStatus: 'UNHEALTHY' })
  }

  test('is stopped once its replacement is healthy', () => {
    const world = steady({ desiredCount: 2 })
    const [sick] = world.running()
    sicken(world)
    const plan = world.plan()
    assert.deepEqual([startsOf(world), plan.stop.length], [1, 0])
    world.settle()
    world.step()
    const [stop] = world.plan().stop
    assert.deepEqual([stop?.task.id, stop?.reason], [sick?.id, 'Task failed container health checks'])
    world.settle()
    assert.deepEqual(world.events().slice(-2), [
      `(service web) (task ${sick?.id}) failed container health checks.`,
      `(service web) has stopped 1 running tasks: (task ${sick?.id}).`,
    ])
  })

  test('goes first where the maximum leaves no room', () => {
    const world = steady({ desiredCount: 2, ...bounds(50, 100) })
    sicken(world)
    const plan = world.plan()
    assert.deepEqual([startsOf(world), plan.stop.length], [0, 1])
    world.settle()
    world.step()
    assert.equal(startsOf(world), 1)
  })

  test('is left alone in its grace period', () => {
    const world = makeWorld({ desiredCount: 1, healthCheckGracePeriodSeconds: 60 })
    world.settle()
    world.step()
    sicken(world)
    const { wakeAt } = world.settle()
    assert.deepEqual([world.live().length, wakeAt], [1, world.now() + 60_000])
    world.advance(60_000)
    assert.equal(startsOf(world), 1)
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

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, at) => time - (times[at] ?? 0))

/** Lets time pass as the loop would: 100 ms a step while there are tasks, else until the plan asked to be woken. */
const drive = (world: World, ms: number): void => {
  const end = world.now() + ms
  while (world.now() < end) {
    const { wakeAt } = world.settle()
    world.advance(world.live().length > 0 ? 100 : Math.max(100, (wakeAt ?? 0) - world.now()))
    world.step()
  }
  world.settle()
}
