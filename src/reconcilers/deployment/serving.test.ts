import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { makeWorld, type World } from '../testing/world.ts'
import type { Serving, Trouble } from './serving.ts'

const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef'
const HEALTHY: Serving = { state: 'healthy' }
const WAITING: Serving = { state: 'waiting' }
const TIMED_OUT: Trouble = { targetGroupArn: GROUP, port: 32768, instanceId: 'i-1', reason: 'Request timed out' }
const UNHEALTHY: Serving = { state: 'unhealthy', trouble: TIMED_OUT }
const failedAt = (since: number): Serving => ({
  state: 'waiting',
  trouble: { targetGroupArn: GROUP, reason: 'Load balancer web failed: port 80 is taken', since },
})
const BREAKER: DeploymentCircuitBreaker = { enable: true, rollback: true }

const balanced: Partial<Service> = {
  loadBalancers: [{ targetGroupArn: GROUP, containerName: 'app', containerPort: 80 }],
}

const makeBalanced = (service: Partial<Service> = {}): World => makeWorld({ ...balanced, ...service })

/** Rolled out: its tasks run and their targets are healthy. */
const steady = (service: Partial<Service> = {}): World => {
  const world = makeBalanced(service)
  world.serve(() => HEALTHY)
  world.settle()
  world.step()
  world.settle()
  assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  return world
}

const of = (world: World, deploymentId: string | undefined): readonly Task[] =>
  world.running().filter(task => task.deploymentId === deploymentId)

describe('a deployment behind a load balancer', () => {
  test('is complete when the targets are healthy, and at once', () => {
    const world = makeBalanced({ desiredCount: 2 })
    world.serve(() => WAITING)
    world.settle()
    world.step()
    world.advance(60_000)
    world.settle()
    assert.deepEqual([world.running().length, world.primary()?.rolloutState], [2, 'IN_PROGRESS'])
    world.serve(() => HEALTHY)
    world.settle()
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
    assert.ok(world.running().every(task => task.servedAt === world.now()))
  })

  test('keeps the old tasks until the targets of the new ones are healthy', () => {
    const world = steady({ desiredCount: 3 })
    const [old] = world.deployments()
    const next = world.deploy()
    world.serve(task => (task.deploymentId === next ? WAITING : HEALTHY))
    world.settle()
    world.step()
    world.advance(60_000)
    world.settle()
    assert.deepEqual([of(world, old?.id).length, of(world, next).length], [3, 3])
    const [first] = of(world, next)
    world.serve(task => (task.deploymentId === next && task.arn !== first?.arn ? WAITING : HEALTHY))
    world.settle()
    assert.deepEqual([of(world, old?.id).length, of(world, next).length], [2, 3])
    world.serve(() => HEALTHY)
    world.settle()
    assert.deepEqual([of(world, old?.id).length, of(world, next).length], [0, 3])
    const leaving = world.live().filter(task => task.deploymentId === old?.id)
    assert.deepEqual(new Set(leaving.map(({ lastStatus }) => lastStatus)), new Set(['DEACTIVATING']))
    assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  })

  test('needs its containers to be healthy as well', () => {
    const world = makeBalanced({ desiredCount: 1 })
    world.behave(world.primary()?.id ?? '', 'sick')
    world.serve(() => HEALTHY)
    world.settle()
    world.step()
    world.settle()
    assert.equal(world.primary()?.rolloutState, 'IN_PROGRESS')
  })

  test('does not move tasks whose load balancer starts anew', () => {
    const world = steady({
      desiredCount: 2,
      deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 50 },
    })
    world.serve(() => WAITING)
    world.settle()
    assert.deepEqual([world.running().length, world.live().length], [2, 2])
  })
})

describe('a task whose target is unhealthy', () => {
  test('is stopped once another one is healthy in its place', () => {
    const world = steady({ desiredCount: 2 })
    const [sick] = world.running()
    world.serve(task => (task.arn === sick?.arn ? UNHEALTHY : task.servedAt ? HEALTHY : WAITING))
    world.settle()
    world.step()
    world.settle()
    assert.equal(world.running().length, 3)
    world.serve(task => (task.arn === sick?.arn ? UNHEALTHY : HEALTHY))
    world.settle()
    const stopped = world.live().find(task => task.arn === sick?.arn)
    assert.deepEqual(
      [stopped?.desiredStatus, stopped?.lastStatus, stopped?.stopCode, stopped?.stoppedReason],
      [
        'STOPPED',
        'DEACTIVATING',
        'ServiceSchedulerInitiated',
        `Task failed ELB health checks in (target-group ${GROUP})`,
      ],
    )
    assert.deepEqual(world.events().slice(-3), [
      `(service web) (task ${sick?.id}) (instance i-1) (port 32768) is unhealthy in (target-group ${GROUP}) due to (reason Request timed out)`,
      `(service web) has stopped 1 running tasks: (task ${sick?.id}).`,
      '(service web) has reached a steady state.',
    ])
  })

  test('is left alone in the grace period', () => {
    const world = makeBalanced({ desiredCount: 1, healthCheckGracePeriodSeconds: 60 })
    world.serve(() => UNHEALTHY)
    world.settle()
    world.step()
    const { wakeAt } = world.settle()
    assert.deepEqual([world.live().length, wakeAt], [1, world.now() + 60_000])
    world.advance(60_000)
    world.settle()
    assert.equal(world.live().length, 2)
  })

  test('fails the deployment by the circuit breaker, which says why, and is rolled back', () => {
    const deploymentConfiguration = { deploymentCircuitBreaker: BREAKER }
    const world = steady({ desiredCount: 1, deploymentConfiguration })
    const [old] = world.deployments()
    const next = world.deploy()
    world.serve(task => (task.deploymentId === next ? UNHEALTHY : HEALTHY))
    world.settle()
    world.step()
    world.settle()
    const [, going] = world.history()
    assert.deepEqual(
      [going?.status, going?.statusReason],
      ['IN_PROGRESS', `Tasks are not healthy in (target-group ${GROUP}) due to (reason Request timed out).`],
    )
    for (let steps = 0; steps < 20; steps++) {
      assert.equal(of(world, old?.id).length, 1)
      world.advance(1_000)
      world.step()
      world.settle()
    }
    const [, over] = world.history()
    assert.equal(over?.status, 'ROLLBACK_SUCCESSFUL')
    assert.match(
      over?.statusReason ?? '',
      /^Service deployment rolled back because the circuit breaker threshold was exceeded\. Last failure: \(task [0-9a-f]+\) Task failed ELB health checks in \(target-group arn:\S+\) due to \(reason Request timed out\)$/,
    )
    assert.equal(world.primary()?.id, old?.id)
  })
})

test('a deleted service is DRAINING until its load balancers are done with the last task', () => {
  const world = steady({ desiredCount: 2 })
  world.update({ status: 'DRAINING', desiredCount: 0 })
  world.settle()
  assert.deepEqual(
    [world.service().status, ...world.live().map(({ lastStatus }) => lastStatus)],
    ['DRAINING', 'DEACTIVATING', 'DEACTIVATING'],
  )
  world.step()
  world.settle()
  assert.equal(world.service().status, 'INACTIVE')
})

test('a task that ends before its target was healthy has failed, however long it ran', () => {
  const world = makeBalanced({ desiredCount: 1, deploymentConfiguration: { deploymentCircuitBreaker: BREAKER } })
  world.behave(world.primary()?.id ?? '', 'run')
  world.serve(() => WAITING)
  for (let failures = 1; failures <= 2; failures++) {
    world.settle()
    world.step()
    world.advance(30_000)
    const [task] = world.running()
    assert.ok(task)
    world.crash(task)
    world.settle()
    assert.equal(world.primary()?.failedTasks, failures)
  }
  assert.match(world.primary()?.lastFailure ?? '', /^\(task [0-9a-f]+\) for a test: exit code 1$/)
})

describe('a load balancer that does not work', () => {
  const start = (service: Partial<Service> = {}): World => {
    const world = makeBalanced({ desiredCount: 2, ...service })
    const since = world.now()
    world.serve(() => failedAt(since))
    world.settle()
    world.step()
    world.settle()
    return world
  }

  test('is named once in an event, and in the reason of the deployment, which waits for it', () => {
    const world = start()
    world.advance(3_600_000)
    world.settle()
    const told = world.events().filter(message => message.includes('is unhealthy in'))
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /due to \(reason Load balancer web failed: port 80 is taken\)$/)
    const [going] = world.history()
    assert.equal(going?.status, 'IN_PROGRESS')
    assert.match(going?.statusReason ?? '', /Load balancer web failed: port 80 is taken/)
    world.serve(() => HEALTHY)
    world.settle()
    const [over] = world.history()
    assert.deepEqual([over?.status, over?.statusReason], ['SUCCESSFUL', undefined])
    assert.deepEqual(
      world.live().map(({ lastStatus }) => lastStatus),
      ['RUNNING', 'RUNNING'],
    )
  })

  test('ends the deployment after a minute where the circuit breaker is on', () => {
    const world = start({ deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } })
    const { wakeAt } = world.settle()
    assert.equal(wakeAt, world.now() + 60_000)
    world.advance(60_000)
    world.settle()
    const [over] = world.history()
    assert.equal(over?.status, 'STOPPED')
    assert.match(over?.statusReason ?? '', /because Tasks are not healthy in .* Load balancer web failed/)
    assert.equal(world.primary()?.rolloutState, 'FAILED')
  })

  test('leaves what stood before as it is', () => {
    const world = steady({ desiredCount: 2 })
    const since = world.now()
    world.serve(() => failedAt(since))
    world.advance(3_600_000)
    world.settle()
    assert.deepEqual([world.live().length, world.primary()?.rolloutState], [2, 'COMPLETED'])
  })
})
