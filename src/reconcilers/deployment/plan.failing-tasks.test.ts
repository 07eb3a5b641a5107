import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { changeTask } from '../../domain/task.ts'
import { bounds, countIn, startsOf, steady } from '../testing/rounds.ts'
import { makeWorld, type World } from '../testing/world.ts'
import { DEPLOYMENT_SETTINGS } from './settings.ts'

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
    const steadies = () => world.events().filter(message => message.includes('steady state')).length
    const steadiesBefore = steadies()
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
    assert.equal(steadies(), steadiesBefore)
    // One that stays up ends it.
    world.behave(world.primary()?.id ?? '', 'run')
    drive(world, 600_000)
    assert.deepEqual([world.running().length, world.primary()?.notBefore], [1, undefined])
    assert.equal(steadies(), steadiesBefore + 1)
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

  test('have the deployment shun the instances that they failed on, for a while', () => {
    const world = makeWorld({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'fail')
    world.settle()
    world.step()
    world.settle()
    const until = world.now() + DEPLOYMENT_SETTINGS.shunsInstanceMs
    assert.deepEqual(
      world.primary()?.shunned?.map(one => one.until),
      [until],
    )
    assert.ok(world.primary()?.shunned?.[0]?.containerInstanceArn)
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
