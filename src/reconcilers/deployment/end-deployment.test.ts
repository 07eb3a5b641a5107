import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import { revisionArnOf } from '../../domain/service-deployment.ts'
import { changeTask } from '../../domain/task.ts'
import { round, steady } from '../testing/rounds.ts'
import { makeWorld, type World } from '../testing/world.ts'
import { DEPLOYMENT_SETTINGS } from './settings.ts'

const breaker = (more: Partial<DeploymentCircuitBreaker> = {}, percents: readonly [number, number] = [100, 200]) => ({
  deploymentConfiguration: {
    minimumHealthyPercent: percents[0],
    maximumPercent: percents[1],
    deploymentCircuitBreaker: { enable: true, rollback: true, ...more },
  },
})

const rounds = (world: World, count: number): void => {
  for (let at = 0; at < count; at++) round(world)
}

const last = (world: World) => world.history().at(-1)

test('a deployment that completes is SUCCESSFUL, with its times and what the circuit breaker saw', () => {
  const world = makeWorld({ desiredCount: 1, ...breaker() })
  const createdAt = world.now()
  assert.deepEqual([last(world)?.status, last(world)?.startedAt], ['PENDING', undefined])
  world.settle()
  assert.deepEqual([last(world)?.status, last(world)?.startedAt], ['IN_PROGRESS', createdAt])
  round(world)
  assert.deepEqual(
    [last(world)?.status, last(world)?.finishedAt, last(world)?.circuitBreaker],
    ['SUCCESSFUL', world.now(), { status: 'MONITORING_COMPLETE', failureCount: 0, threshold: 3 }],
  )
  assert.deepEqual(last(world)?.targetTasks, { requested: 1, running: 1, pending: 0 })
  const primary = world.primary() ?? assert.fail()
  assert.equal(world.service().lastCompletedRevisionArn, revisionArnOf(primary))
})

test('a newer deployment stops the one before', () => {
  const world = makeWorld({ desiredCount: 1 })
  world.settle()
  world.deploy()
  assert.deepEqual(
    world.history().map(({ status }) => status),
    ['STOP_REQUESTED', 'PENDING'],
  )
  world.settle()
  const [first] = world.history()
  assert.deepEqual([first?.status, first?.stoppedAt], ['STOPPED', world.now()])
  rounds(world, 3)
  assert.equal(last(world)?.status, 'SUCCESSFUL')
})

describe('the circuit breaker', () => {
  for (const behaviour of ['fail', 'crash', 'sick'] as const)
    test(`rolls back when tasks ${behaviour}, with the old ones left running`, () => {
      const world = steady({ desiredCount: 2, ...breaker() })
      const kept = world.running()
      const old = world.primary()?.id ?? ''
      const before = world.events().length
      const bad = world.deploy()
      world.behave(bad, behaviour)
      world.settle()
      for (let at = 0; at < 60 && last(world)?.status !== 'ROLLBACK_IN_PROGRESS'; at++) {
        world.step()
        world.settle()
        world.advance(500)
      }
      // Two are tried at a time, so that there may be one failure more than the threshold.
      const { failureCount = 0 } = last(world)?.circuitBreaker ?? {}
      assert.ok(failureCount === 3 || failureCount === 4, `${failureCount}`)
      const failed = world.deployments().find(({ id }) => id === bad)
      assert.deepEqual(
        [failed?.status, failed?.rolloutState, failed?.rolloutStateReason, failed?.failedTasks],
        ['ACTIVE', 'FAILED', 'ECS deployment circuit breaker: tasks failed to start.', failureCount],
      )
      const reason =
        /^Service deployment rolled back because the circuit breaker threshold was exceeded\. Last failure: \(task \w+\) \w/
      assert.deepEqual(
        [world.primary()?.id, world.primary()?.rolloutState, world.primary()?.rolloutStateReason],
        [old, 'IN_PROGRESS', `ECS deployment circuit breaker: rolling back to deploymentId ${old}.`],
      )
      assert.match(last(world)?.rollback?.reason ?? '', reason)
      rounds(world, 4)
      const revived = world.primary() ?? assert.fail()
      assert.deepEqual(
        world.deployments().map(({ id, rolloutState }) => [id, rolloutState]),
        [[old, 'COMPLETED']],
      )
      const { status, statusReason, rollback, circuitBreaker } = last(world) ?? {}
      assert.deepEqual(
        [status, statusReason, rollback?.serviceRevisionArn],
        ['ROLLBACK_SUCCESSFUL', rollback?.reason, revisionArnOf(revived)],
      )
      assert.deepEqual(circuitBreaker, { status: 'TRIGGERED', failureCount, threshold: 3 })
      assert.deepEqual(
        world
          .running()
          .map(({ id }) => id)
          .toSorted(),
        kept.map(({ id }) => id).toSorted(),
      )
      const told = world.events().slice(before)
      const at = told.indexOf(`(service web) (deployment ${bad}) deployment failed: tasks failed to start.`)
      assert.equal(told[at + 1], `(service web) rolling back to deployment ${old}.`)
      assert.deepEqual(told.slice(-2), [
        `(service web) (deployment ${old}) deployment completed.`,
        '(service web) has reached a steady state.',
      ])
    })

  test('brings tasks of the last complete deployment back when they were given up already', () => {
    const world = steady({ desiredCount: 2, taskDefinitionArn: 'arn:one', ...breaker({}, [0, 100]) })
    const old = world.primary()?.id
    world.update({ taskDefinitionArn: 'arn:two' })
    world.behave(world.deploy(), 'fail')
    world.settle()
    rounds(world, 12)
    assert.deepEqual([world.primary()?.id, world.primary()?.rolloutState], [old, 'COMPLETED'])
    assert.deepEqual([world.running().length, world.service().taskDefinitionArn], [2, 'arn:one'])
  })

  test('without rollback: the deployment is FAILED and starts no more; what ran before is kept and replaced', () => {
    const world = steady({ desiredCount: 2, ...breaker({ rollback: false }) })
    const old = world.primary()?.id
    const bad = world.deploy()
    world.behave(bad, 'fail')
    world.settle()
    rounds(world, 12)
    const started = world.startedAt().length
    assert.deepEqual([world.primary()?.id, world.primary()?.rolloutState], [bad, 'FAILED'])
    assert.equal(last(world)?.status, 'STOPPED')
    assert.match(
      last(world)?.statusReason ?? '',
      /^Service deployment stopped because the circuit breaker threshold was exceeded\. Last failure: \(task /,
    )
    world.advance(3_600_000)
    assert.equal(world.settle().wakeAt, undefined)
    assert.equal(world.startedAt().length, started)
    world.kill(world.running()[0] ?? assert.fail())
    world.settle()
    round(world)
    assert.deepEqual(
      world.running().map(({ deploymentId }) => deploymentId),
      [old, old],
    )
    // The next deployment goes on as ever, and has the old one to go back to.
    world.behave(world.deploy(), 'run')
    rounds(world, 4)
    assert.deepEqual([world.deployments().length, last(world)?.status], [1, 'SUCCESSFUL'])
  })

  test('of a first deployment has nothing to go back to', () => {
    const world = makeWorld({ desiredCount: 1, ...breaker() })
    world.behave(world.primary()?.id ?? '', 'fail')
    world.settle()
    rounds(world, 10)
    assert.deepEqual(
      [world.primary()?.rolloutState, last(world)?.status, last(world)?.statusReason],
      ['FAILED', 'ROLLBACK_FAILED', 'No rollback candidate was found to run the rollback.'],
    )
    assert.deepEqual(world.live(), [])
  })

  test('a rollback that fails as well is ROLLBACK_FAILED', () => {
    const world = steady({ desiredCount: 2, ...breaker({}, [0, 100]) })
    const old = world.primary()?.id ?? ''
    world.behave(old, 'fail')
    world.behave(world.deploy(), 'fail')
    world.settle()
    rounds(world, 30)
    assert.deepEqual([world.primary()?.id, world.primary()?.rolloutState], [old, 'FAILED'])
    assert.equal(last(world)?.status, 'ROLLBACK_FAILED')
  })

  test('that is off lets a deployment fail for ever', () => {
    const world = makeWorld({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'fail')
    world.settle()
    rounds(world, 40)
    assert.equal(world.primary()?.rolloutState, 'IN_PROGRESS')
    assert.ok((world.primary()?.failedTasks ?? 0) > 3)
  })

  test('counts up to its own threshold', () => {
    const thresholdConfiguration = { type: 'COUNT', value: 1 } as const
    const world = makeWorld({ desiredCount: 4, ...breaker({ thresholdConfiguration }) })
    world.settle()
    const [one] = world.live()
    world.kill(one ?? assert.fail())
    world.settle()
    assert.equal(world.primary()?.rolloutState, 'FAILED')
  })

  for (const resetOnHealthyTask of [true, false])
    test(`a task that becomes healthy ${resetOnHealthyTask ? 'takes the count back' : 'leaves the count'}`, () => {
      const world = makeWorld({ desiredCount: 8, ...breaker({ resetOnHealthyTask }) })
      const fail = (): void => {
        const waiting = world
          .live()
          .find(({ lastStatus, desiredStatus }) => lastStatus === 'PENDING' && desiredStatus === 'RUNNING')
        world.kill(waiting ?? assert.fail())
        world.settle()
      }
      world.settle()
      for (let failures = 0; failures < 3; failures++) fail()
      assert.equal(world.primary()?.failedTasks, 3)
      // One comes up and stays up.
      const [first] = world.live().filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
      Object.assign(first ?? {}, changeTask(first ?? assert.fail(), { lastStatus: 'RUNNING', startedAt: world.now() }))
      world.settle()
      assert.equal(world.primary()?.failedTasks, 3)
      world.advance(DEPLOYMENT_SETTINGS.healthyAfterMs)
      world.settle()
      assert.equal(world.primary()?.failedTasks, resetOnHealthyTask ? 0 : 3)
      fail()
      assert.deepEqual(
        [world.primary()?.failedTasks, world.primary()?.rolloutState],
        [resetOnHealthyTask ? 1 : 4, resetOnHealthyTask ? 'IN_PROGRESS' : 'FAILED'],
      )
    })

  test('does not count what somebody killed, stopped, or what ran long enough', () => {
    const world = makeWorld({ desiredCount: 3, ...breaker() })
    world.settle()
    world.step()
    world.settle()
    world.kill(world.running()[0] ?? assert.fail())
    world.settle()
    assert.equal(world.primary()?.failedTasks, 0)
  })
})

describe('a user who stops a deployment', () => {
  test('by ROLLBACK: is brought back to what was complete before', () => {
    const world = steady({ desiredCount: 2 })
    const old = world.primary()?.id
    const id = world.deploy()
    world.settle()
    world.step()
    world.settle()
    world.stopDeployment('ROLLBACK_REQUESTED')
    world.settle()
    assert.deepEqual([last(world)?.status, world.primary()?.id], ['ROLLBACK_IN_PROGRESS', old])
    assert.ok(world.events().includes(`(service web) rolling back to deployment ${old}.`))
    rounds(world, 2)
    assert.deepEqual(
      [last(world)?.status, last(world)?.statusReason],
      ['ROLLBACK_SUCCESSFUL', 'Service deployment rolled back by user.'],
    )
    assert.ok(world.running().every(({ deploymentId }) => deploymentId === old))
    assert.ok(!world.deployments().some(one => one.id === id))
  })

  test('by ABORT: nothing more is started, what runs stays', () => {
    const world = steady({ desiredCount: 2 })
    const id = world.deploy()
    world.settle()
    world.stopDeployment('STOP_REQUESTED')
    world.settle()
    assert.deepEqual(
      [last(world)?.status, world.primary()?.id, world.primary()?.rolloutState],
      ['STOPPED', id, 'FAILED'],
    )
    const started = world.startedAt().length
    rounds(world, 3)
    assert.equal(world.startedAt().length, started)
  })

  test('cannot be rolled back to a deployment that is being rolled back to', () => {
    const world = steady({ desiredCount: 2 })
    world.deploy()
    world.settle()
    world.stopDeployment('ROLLBACK_REQUESTED')
    world.settle()
    world.deploy()
    world.settle()
    world.stopDeployment('ROLLBACK_REQUESTED')
    world.settle()
    assert.deepEqual(
      world.history().map(({ status }) => status),
      ['SUCCESSFUL', 'ROLLBACK_FAILED', 'ROLLBACK_FAILED'],
    )
  })
})

test('a deleted service stops its deployment', () => {
  const world = makeWorld({ desiredCount: 1 })
  world.settle()
  world.update({ status: 'DRAINING', desiredCount: 0 })
  rounds(world, 2)
  assert.deepEqual([world.service().status, last(world)?.status], ['INACTIVE', 'STOPPED'])
})
