import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ObservedTarget } from '../../domain/load-balancing/observed-target.ts'
import type { TargetHealth } from '../../domain/load-balancing/target-group.ts'
import { groupRow, listenerRow, loadBalancerRow, targetRow } from '../../load-balancer/testing/rows.ts'
import { planTargets, type Snapshot } from './plan.ts'
import { planListeners } from './plan-listeners.ts'

const NOW = 1_000_000
const group = groupRow('web', { healthCheck: { intervalSeconds: 10, unhealthyThreshold: 3 } })
const target = targetRow(group, 80)
const draining = { ...target, deregisteredAt: NOW - 1_000 }
const FAILED = { result: 'failed', reason: 'Target.Timeout', description: 'Request timed out' } as const

const observed = (over: Partial<ObservedTarget> = {}): ObservedTarget => ({
  ...{ name: '127.0.0.1:80', address: '127.0.0.1:80', phase: 'known', admin: 'ready', up: true, sessions: 0 },
  check: { result: 'passed' },
  ...over,
})
const health = (over: Partial<TargetHealth> = {}): TargetHealth => ({
  ...{ targetGroupArn: group.arn, id: target.id, port: target.port, state: 'healthy', since: NOW - 60_000 },
  ...over,
})
const CHECKING = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
} as const

const plan = (over: Partial<Snapshot>) =>
  planTargets({ group, used: true, targets: [target], health: [], observed: [], ...over }, NOW, { drainLookMs: 100 })
const steps = (over: Partial<Snapshot>) => plan(over).steps.map(step => step.do)
const states = (over: Partial<Snapshot>) => plan(over).health.map(({ state, reason }) => [state, reason])

describe('a target', () => {
  test('that is registered is watched', () => {
    assert.deepEqual(steps({}), ['watch'])
    assert.deepEqual(steps({ used: false }), [])
  })

  test('is admitted by its first passed check', () => {
    const seen = { observed: [observed({ phase: 'initial' })] }
    assert.deepEqual([steps(seen), states(seen)], [['admit'], [['healthy', undefined]]])
  })

  test('that fails from the start is unhealthy no sooner than its threshold says', () => {
    const failing = [observed({ phase: 'initial', up: false, check: FAILED })]
    const first = plan({ observed: failing })
    assert.deepEqual([first.steps, first.health[0]?.state, first.wakeAt], [[], 'initial', NOW + 20_000])
    const since = (ms: number) => ({ observed: failing, health: [health({ ...CHECKING, since: NOW - ms })] })
    assert.deepEqual(steps(since(19_999)), [])
    assert.deepEqual([steps(since(20_000)), states(since(20_000))], [['distrust'], [['unhealthy', 'Target.Timeout']]])
  })

  test('that left and came back before anybody looked is not the one that was known', () => {
    assert.deepEqual([steps({ observed: [observed()] }), states({ observed: [observed()] })], [['remove'], []])
    assert.deepEqual(steps({ observed: [observed()], health: [health()] }), [])
    assert.deepEqual(steps({ observed: [observed({ sessions: 1 })] }), [])
  })

  test('writes its health when that is new, and only then', () => {
    assert.deepEqual(states({ observed: [observed()], health: [health()] }), [])
    const down = observed({ up: false, check: FAILED })
    assert.deepEqual(states({ observed: [down], health: [health()] }), [['unhealthy', 'Target.Timeout']])
    const recovering = observed({ up: false })
    assert.deepEqual(
      states({ observed: [recovering], health: [health({ state: 'unhealthy', reason: 'Target.Timeout' })] }),
      [],
    )
  })

  test('that is deregistered drains, ends with its last request, is cut at the end of the delay', () => {
    const at = (over: Partial<ObservedTarget>, deregisteredAt = NOW - 1_000) =>
      plan({ targets: [{ ...target, deregisteredAt }], observed: [observed(over)] })
    assert.deepEqual(
      at({ sessions: 1 }).steps.map(step => step.do),
      ['drain'],
    )
    const waits = at({ admin: 'drain', sessions: 1 })
    assert.deepEqual([waits.steps, waits.drained, waits.wakeAt], [[], [], NOW + 100])
    assert.deepEqual(
      at({ admin: 'drain' }).steps.map(step => step.do),
      ['remove'],
    )
    assert.deepEqual(
      at({ admin: 'drain', sessions: 1 }, NOW - 300_000).steps.map(step => step.do),
      ['cut', 'remove'],
    )
    assert.deepEqual(plan({ targets: [draining] }).drained, [draining])
  })

  test('of a network load balancer keeps its connections beyond the delay', () => {
    const tcp = groupRow('tcp', { protocol: 'TCP', attributes: { 'deregistration_delay.timeout_seconds': '0' } })
    const made = plan({ group: tcp, targets: [draining], observed: [observed({ admin: 'drain', sessions: 1 })] })
    assert.deepEqual([made.steps, made.drained], [[], [draining]])
  })

  test('that is registered again while it drains gets requests again', () => {
    assert.deepEqual(steps({ observed: [observed({ admin: 'drain', sessions: 1 })] }), ['ready'])
  })

  test('that nobody asked for, or whose address changed, leaves', () => {
    assert.deepEqual(steps({ targets: [], observed: [observed()] }), ['drain'])
    assert.deepEqual(steps({ targets: [], observed: [observed({ admin: 'drain' })] }), ['remove'])
    assert.deepEqual(steps({ observed: [observed({ address: '127.0.0.2:80', admin: 'drain' })] }), ['remove'])
  })

  test('admitted when we were killed is not watched as well', () => {
    assert.deepEqual(steps({ observed: [observed({ phase: 'initial' }), observed()], health: [health()] }), ['remove'])
  })

  test('of a group that nothing forwards to has no health, and needs no draining', () => {
    const made = plan({ used: false, targets: [draining], health: [health()] })
    assert.deepEqual([made.drained, made.orphaned.length, made.steps], [[draining], 1, []])
  })
})

describe('listeners', () => {
  const listening = (port: number, over: Parameters<typeof loadBalancerRow>[1] = {}) => {
    const loadBalancer = loadBalancerRow(`lb${over.createdAt}`, over)
    return { loadBalancer, listener: listenerRow(loadBalancer, port) }
  }
  const of = (all: readonly ReturnType<typeof listening>[], pool = ['127.0.0.1'], states = {}) =>
    planListeners({
      loadBalancers: all.map(({ loadBalancer }) => loadBalancer),
      listeners: all.map(({ listener }) => listener),
      pool,
      states: Object.entries(states).map(([loadBalancerArn, address]) => ({
        loadBalancerArn,
        address: String(address),
        code: 'active',
        since: 1,
      })),
    })

  test('of application load balancers share a port; a network one has its own, the older one', () => {
    const [a, b] = [listening(80, { createdAt: 1 }), listening(80, { createdAt: 2 })]
    const net = listening(80, { createdAt: 3, type: 'network' })
    const made = of([net, b, a])
    assert.deepEqual(
      made.placed.map(({ loadBalancer }) => loadBalancer.name),
      ['lb1', 'lb2'],
    )
    assert.equal(made.refused.get(net.loadBalancer.arn), 'Port 80 is in use by load balancer lb1')
  })

  test('spread over the pool, and stay where they are', () => {
    const [a, b] = [listening(80, { createdAt: 1 }), listening(80, { createdAt: 2, type: 'network' })]
    const pool = ['10.0.0.1', '10.0.0.2']
    assert.deepEqual(
      of([a, b], pool).placed.map(({ address }) => address),
      pool,
    )
    assert.deepEqual(
      of([a, b], pool, { [b.loadBalancer.arn]: '10.0.0.1' }).addresses.get(a.loadBalancer.arn),
      '10.0.0.2',
    )
  })
})
