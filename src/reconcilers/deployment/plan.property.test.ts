// The deployment plan against a simulated world with faults: what always holds, and that it arrives when faults stop.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { failureThreshold } from '../../domain/circuit-breaker.ts'
import { isOver } from '../../domain/service-deployment.ts'
import { isProtected } from '../../domain/task.ts'
import { type Behaviour, makeWorld, type World } from '../testing/world.ts'
import type { Plan } from './plan.ts'

type Action = (world: World) => void

const behaviour = fc.constantFrom<Behaviour>('run', 'fail', 'crash', 'sick')

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Action>(world => world.step()) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map<Action>(ms => world => world.advance(ms)),
  },
  {
    weight: 3,
    arbitrary: fc.nat(50).map<Action>(at => world => {
      const running = world.running()
      const task = running[at % Math.max(1, running.length)]
      if (task) world.kill(task)
    }),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 8 }).map<Action>(desiredCount => world => world.update({ desiredCount })),
  },
  { weight: 1, arbitrary: behaviour.map<Action>(how => world => world.behave(world.deploy(), how)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('ROLLBACK_REQUESTED' as const, 'STOP_REQUESTED' as const)
      .map<Action>(status => world => world.stopDeployment(status)),
  },
  { weight: 1, arbitrary: behaviour.map<Action>(how => world => world.behave(world.primary()?.id ?? '', how)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('vanish', 'back', 'drain', 'undrain'), fc.constantFrom('i0', 'i1', 'i2'))
      .map<Action>(([what, name]) => world => {
        if (what === 'vanish') world.vanish(name)
        else if (what === 'back') world.back(name)
        else world.drain(name, what === 'drain')
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 60_000 })).map<Action>(([at, ms]) => world => {
      const running = world.running()
      const task = running[at % Math.max(1, running.length)]
      if (task) world.protect(task, ms)
    }),
  },
)

const configuration = fc.constantFrom([100, 200], [50, 100], [0, 100], [50, 200], [100, 150], [75, 125], [100, 125])

const breakers: fc.Arbitrary<DeploymentCircuitBreaker> = fc.record({
  enable: fc.boolean(),
  rollback: fc.boolean(),
  resetOnHealthyTask: fc.boolean(),
  thresholdConfiguration: fc.record({
    type: fc.constantFrom('BOUNDED_PERCENT' as const, 'UNBOUNDED_PERCENT' as const, 'COUNT' as const),
    value: fc.integer({ min: 1, max: 100 }),
  }),
})

// One deployment is PRIMARY; those that failed start nothing; what was asked to stop is stopping; history and deployments agree.
const isInOrder = (world: World): void => {
  const deployments = world.deployments()
  assert.equal(deployments.filter(({ status }) => status === 'PRIMARY').length, 1)
  const primary = world.primary()
  const open = world.history().filter(one => !isOver(one))
  assert.ok(open.length <= 1, `${open.map(({ status }) => status)}`)
  if (primary?.rolloutState !== 'IN_PROGRESS') assert.equal(open.length, 0)
  else assert.ok(open[0]?.status === 'IN_PROGRESS' || open[0]?.status === 'ROLLBACK_IN_PROGRESS')
  const breaker = world.service().deploymentConfiguration.deploymentCircuitBreaker
  if (breaker?.enable && primary?.rolloutState === 'IN_PROGRESS')
    assert.ok(primary.failedTasks < failureThreshold(breaker, world.service().desiredCount))
}

// Starting never leads above the maximum; stopping never takes healthy tasks away below the minimum.
const holds = (world: World) => (plan: Plan) => {
  const { healthy, occupied, bounds } = world.counts()
  const starts = plan.start.reduce((total, { count }) => total + count, 0)
  for (const { deployment } of plan.start) assert.notEqual(deployment.rolloutState, 'FAILED')
  if (starts > 0) assert.ok(occupied + starts <= bounds.maximum, `${occupied} + ${starts} > ${bounds.maximum}`)
  const stopped = plan.stop.filter(({ task }) => healthy.has(task)).length
  if (stopped > 0)
    assert.ok(healthy.size - stopped >= bounds.minimum, `${healthy.size} - ${stopped} < ${bounds.minimum}`)
  for (const { task } of plan.stop)
    if (healthy.has(task))
      assert.ok(!isProtected(task, world.now()) || world.isDraining(task), 'stops a protected task')
}

test('never above the maximum, never below the minimum by its own doing, and there when faults stop', () => {
  fc.assert(
    fc.property(
      configuration,
      fc.integer({ min: 0, max: 8 }),
      breakers,
      fc.array(action, { maxLength: 60 }),
      ([minimumHealthyPercent = 100, maximumPercent = 200], desiredCount, deploymentCircuitBreaker, actions) => {
        const world = makeWorld({
          desiredCount,
          deploymentConfiguration: { minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker },
        })
        const check = holds(world)
        world.settle(check)
        for (const act of actions) {
          act(world)
          world.settle(check)
          isInOrder(world)
        }
        for (const name of world.hosts()) {
          world.back(name)
          world.drain(name, false)
        }
        // Faults stop; an operator deploys what works, within bounds that allow it.
        world.update({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 200 } })
        for (const one of world.deployments()) world.behave(one.id, 'run')
        world.behave(world.deploy(), 'run')
        for (let round = 0; round < 80; round++) {
          world.settle(check)
          world.step()
          world.advance(30 * 1000)
        }
        world.settle(check)
        const primary = world.primary()
        assert.equal(world.running().length, world.service().desiredCount)
        assert.ok(world.running().every(task => task.deploymentId === primary?.id))
        assert.deepEqual([primary?.rolloutState, world.deployments().length], ['COMPLETED', 1])
        assert.equal(world.live().length, world.service().desiredCount)
        const [newest, ...older] = world.history().toReversed()
        assert.equal(newest?.status, 'SUCCESSFUL')
        assert.ok(older.every(isOver))
      },
    ),
    { numRuns: 300 },
  )
})

test('a deleted service ends INACTIVE with nothing running, whatever went on before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.array(action, { maxLength: 30 }), (desiredCount, actions) => {
      const world = makeWorld({ desiredCount })
      for (const act of actions) {
        act(world)
        world.settle()
      }
      for (const name of world.hosts()) world.back(name)
      world.update({ status: 'DRAINING', desiredCount: 0 })
      for (let round = 0; round < 4; round++) {
        world.settle()
        world.step()
      }
      assert.deepEqual([world.service().status, world.live().length, world.deployments().length], ['INACTIVE', 0, 0])
    }),
    { numRuns: 100 },
  )
})
