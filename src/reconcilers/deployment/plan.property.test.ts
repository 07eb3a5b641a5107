// The deployment plan against a simulated world with faults: what always holds, and that it arrives when faults stop.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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
  { weight: 1, arbitrary: behaviour.map<Action>(how => world => world.behave(world.primary()?.id ?? '', how)) },
)

const configuration = fc.constantFrom([100, 200], [50, 100], [0, 100], [50, 200], [100, 150], [75, 125], [100, 125])

// Starting never leads above the maximum; stopping never takes healthy tasks away below the minimum.
const holds = (world: World) => (plan: Plan) => {
  const { healthy, occupied, bounds } = world.counts()
  const starts = plan.start.reduce((total, { count }) => total + count, 0)
  if (starts > 0) assert.ok(occupied + starts <= bounds.maximum, `${occupied} + ${starts} > ${bounds.maximum}`)
  const stopped = plan.stop.filter(({ task }) => healthy.has(task)).length
  if (stopped > 0)
    assert.ok(healthy.size - stopped >= bounds.minimum, `${healthy.size} - ${stopped} < ${bounds.minimum}`)
}

test('never above the maximum, never below the minimum by its own doing, and there when faults stop', () => {
  fc.assert(
    fc.property(
      configuration,
      fc.integer({ min: 0, max: 8 }),
      fc.array(action, { maxLength: 60 }),
      ([minimumHealthyPercent = 100, maximumPercent = 200], desiredCount, actions) => {
        const world = makeWorld({ desiredCount, deploymentConfiguration: { minimumHealthyPercent, maximumPercent } })
        const check = holds(world)
        world.settle(check)
        for (const act of actions) {
          act(world)
          world.settle(check)
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
