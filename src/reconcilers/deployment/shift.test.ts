import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { Service } from '../../domain/service.ts'
import { groupArn, ruleRow } from '../testing/load-balancing-rows.ts'
import { makeWorld, type World } from '../testing/world.ts'

const MINUTE_MS = 60_000
const BLUE = groupArn('blue')
const GREEN = groupArn('green')
const PRODUCTION = 'the production rule'
const TEST = 'the test rule'

const behind = (more: DeploymentConfiguration): Partial<Service> => ({
  desiredCount: 2,
  deploymentConfiguration: {
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    bakeTimeInMinutes: 0,
    deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration: { type: 'COUNT', value: 2 } },
    ...more,
  },
  loadBalancers: [
    {
      targetGroupArn: BLUE,
      containerName: 'app',
      containerPort: 80,
      advancedConfiguration: {
        alternateTargetGroupArn: GREEN,
        productionListenerRule: PRODUCTION,
        testListenerRule: TEST,
        roleArn: 'arn:aws:iam::123456789012:role/ecs',
      },
    },
  ],
})

/** Weights that the rules have at first: all to blue. */
const rules = (world: World): void => {
  const rule = (name: string, id: string) => {
    const made = ruleRow(['blue', 'green'], { arn: `${name} ${id}` })
    const TargetGroups = [
      { TargetGroupArn: BLUE, Weight: 100 },
      { TargetGroupArn: GREEN, Weight: 0 },
    ]
    return { ...made, actions: [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }] }
  }
  world.balance({ [PRODUCTION]: rule(PRODUCTION, '1'), [TEST]: rule(TEST, '2') })
}

const stageOf = (world: World) => world.history().at(-1)?.shift?.stage

/** One look, what the agents do, what the data plane does. */
const pass = (world: World): void => {
  world.settle()
  world.step()
  world.forward()
}

const until = (world: World, done: () => boolean): void => {
  for (let passes = 0; !done(); passes++) {
    assert(passes < 100, `never came there: ${stageOf(world)}`)
    pass(world)
    world.advance(10_000)
  }
}

/** A service whose first revision is rolled out, with a second one begun. */
const second = (more: DeploymentConfiguration): World => {
  const world = makeWorld(behind({ strategy: 'BLUE_GREEN' }))
  rules(world)
  until(world, () => world.history().at(-1)?.status === 'SUCCESSFUL')
  world.update(behind(more))
  world.deploy()
  return world
}

const served = (world: World, group: string): number =>
  world.running().filter(task => {
    const { loadBalancers } = world.deployments().find(({ id }) => id === task.deploymentId) ?? {}
    return loadBalancers?.[0]?.targetGroupArn === group
  }).length

describe('a deployment that shifts traffic', () => {
  test('blue/green: scaled up, tested, shifted at once, cleaned up; the groups take turns', () => {
    const world = second({ strategy: 'BLUE_GREEN' })
    const seen: unknown[] = []
    until(world, () => {
      const now = [stageOf(world), world.weights(PRODUCTION)[GREEN], world.weights(TEST)[GREEN]]
      if (JSON.stringify(now) !== JSON.stringify(seen.at(-1))) seen.push(now)
      // Whoever has the traffic has all its tasks.
      const green = world.weights(PRODUCTION)[GREEN] ?? 0
      if (green > 0) assert.equal(served(world, GREEN), 2)
      if (green < 100) assert.equal(served(world, BLUE), 2)
      return world.history().at(-1)?.status === 'SUCCESSFUL'
    })
    assert.deepEqual(seen, [
      [undefined, 0, 0],
      ['SCALE_UP', 0, 0],
      ['TEST_TRAFFIC_SHIFT', 0, 100],
      ['PRODUCTION_TRAFFIC_SHIFT', 100, 100],
      ['CLEAN_UP', 100, 100],
    ])
    assert.deepEqual([served(world, BLUE), served(world, GREEN)], [0, 2])
    world.deploy()
    until(world, () => world.history().at(-1)?.status === 'SUCCESSFUL')
    assert.deepEqual([world.weights(PRODUCTION)[BLUE], served(world, BLUE), served(world, GREEN)], [100, 2, 0])
  })

  test('stops nothing before the data plane has the weights', () => {
    const world = second({ strategy: 'BLUE_GREEN' })
    until(world, () => stageOf(world) === 'TEST_TRAFFIC_SHIFT')
    world.forward()
    world.settle()
    assert.equal(stageOf(world), 'PRODUCTION_TRAFFIC_SHIFT')
    for (let passes = 0; passes < 5; passes++) {
      world.step()
      world.advance(MINUTE_MS)
      world.settle()
    }
    assert.deepEqual([stageOf(world), served(world, BLUE)], ['PRODUCTION_TRAFFIC_SHIFT', 2])
  })

  test('linear: step by step, each baked', () => {
    const linearConfiguration = { stepPercent: 40, stepBakeTimeInMinutes: 5 }
    const world = second({ strategy: 'LINEAR', linearConfiguration })
    const at: [number | undefined, number][] = []
    const began = () => world.history().at(-1)?.shift?.since ?? 0
    until(world, () => {
      const share = world.history().at(-1)?.shift?.production
      if (share !== at.at(-1)?.[0]) at.push([share, began()])
      if (stageOf(world) === 'PRODUCTION_TRAFFIC_SHIFT' && share !== 100) world.advance(MINUTE_MS)
      return world.history().at(-1)?.status === 'SUCCESSFUL'
    })
    assert.deepEqual(
      at.map(([share]) => share),
      [0, 40, 80, 100],
    )
    const [, first = [0, 0], next = [0, 0]] = at
    assert(next[1] - first[1] >= 5 * MINUTE_MS)
  })

  test('canary: a few, then all; tenths of a percent are weights too', () => {
    const canaryConfiguration = { canaryPercent: 0.5, canaryBakeTimeInMinutes: 1 }
    const world = second({ strategy: 'CANARY', canaryConfiguration })
    until(world, () => stageOf(world) === 'PRODUCTION_TRAFFIC_SHIFT')
    assert.deepEqual(world.weights(PRODUCTION), { [GREEN]: 5, [BLUE]: 995 })
    until(world, () => world.history().at(-1)?.status === 'SUCCESSFUL')
    assert.deepEqual(world.weights(PRODUCTION), { [GREEN]: 100, [BLUE]: 0 })
  })

  test('bakes before it cleans up', () => {
    const world = second({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 })
    until(world, () => stageOf(world) === 'BAKE_TIME')
    const since = world.now()
    pass(world)
    world.advance(9 * MINUTE_MS)
    pass(world)
    assert.deepEqual([stageOf(world), served(world, BLUE)], ['BAKE_TIME', 2])
    until(world, () => stageOf(world) === 'CLEAN_UP')
    assert(world.now() - since >= 10 * MINUTE_MS)
  })

  test('too many failed tasks: rolled back before it had any traffic', () => {
    const world = second({ strategy: 'BLUE_GREEN' })
    world.behave(world.primary()?.id ?? '', 'fail')
    until(world, () => world.history().at(-1)?.status === 'ROLLBACK_SUCCESSFUL')
    assert.deepEqual([world.weights(PRODUCTION)[BLUE], served(world, BLUE), world.live().length], [100, 2, 2])
  })

  test('stopped while it bakes: the traffic goes back first, then the new tasks go', () => {
    const world = second({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 })
    until(world, () => stageOf(world) === 'BAKE_TIME')
    world.stopDeployment('ROLLBACK_REQUESTED')
    world.settle()
    assert.deepEqual([world.weights(PRODUCTION)[BLUE], world.weights(TEST)[BLUE]], [100, 100])
    world.step()
    world.settle()
    assert.equal(served(world, GREEN), 2)
    until(world, () => world.history().at(-1)?.status === 'ROLLBACK_SUCCESSFUL')
    assert.deepEqual([served(world, BLUE), served(world, GREEN)], [2, 0])
  })

  test('a newer deployment in the midst of a shift: back to the old revision, then on to the newest', () => {
    const canaryConfiguration = { canaryPercent: 10, canaryBakeTimeInMinutes: 10 }
    const world = second({ strategy: 'CANARY', canaryConfiguration })
    until(world, () => stageOf(world) === 'PRODUCTION_TRAFFIC_SHIFT')
    pass(world)
    world.deploy()
    world.settle()
    assert.equal(stageOf(world), 'RECONCILE_SERVICE')
    assert.equal(world.weights(PRODUCTION)[BLUE], 100)
    until(world, () => world.history().at(-1)?.status === 'SUCCESSFUL')
    assert.deepEqual([served(world, BLUE), served(world, GREEN), world.live().length], [0, 2, 2])
  })

  describe('pause hooks', () => {
    const lifecycleHooks = [
      {
        targetType: 'PAUSE' as const,
        lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT' as const],
        timeoutConfiguration: { timeoutInMinutes: 30, action: 'ROLLBACK' as const },
      },
    ]
    const paused = (): World => {
      const world = second({ strategy: 'BLUE_GREEN', lifecycleHooks })
      until(world, () => stageOf(world) === 'POST_TEST_TRAFFIC_SHIFT')
      for (let passes = 0; passes < 3; passes++) pass(world)
      assert.equal(stageOf(world), 'POST_TEST_TRAFFIC_SHIFT')
      assert.match(world.history().at(-1)?.shift?.hooks[0]?.id ?? '', /^ecs-pause-[\w-]{43}$/)
      return world
    }

    test('CONTINUE goes on', () => {
      const world = paused()
      world.answer('SUCCEEDED')
      until(world, () => world.history().at(-1)?.status === 'SUCCESSFUL')
    })

    test('ROLLBACK, and a time that runs out, go back', () => {
      const told = paused()
      told.answer('FAILED')
      until(told, () => told.history().at(-1)?.status === 'ROLLBACK_SUCCESSFUL')
      const late = paused()
      late.advance(31 * MINUTE_MS)
      until(late, () => late.history().at(-1)?.status === 'ROLLBACK_SUCCESSFUL')
      assert.equal(
        late.history().at(-1)?.statusReason,
        'Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT pause hook timed out.',
      )
    })
  })

  test('a rule that serves both revisions at the start is not shifted', () => {
    const world = second({ strategy: 'BLUE_GREEN' })
    const both = ruleRow(['blue', 'green'], { arn: 'both' })
    world.balance({ [PRODUCTION]: both, [TEST]: ruleRow(['blue'], { arn: 'test' }) })
    until(world, () => world.history().at(-1)?.status === 'ROLLBACK_SUCCESSFUL')
    assert.match(world.history().at(-1)?.statusReason ?? '', /should have exactly one target group serving traffic/)
  })
})
