// The placer gives what `place`, which looks at every candidate for every task, gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { candidatePool } from './candidates.ts'
import type { Occupancy } from './facts.ts'
import { type PlacementRequest, place } from './place.ts'
import { placerOf } from './placer.ts'

const instance = fc
  .record({
    zone: fc.constantFrom('a', 'b', 'c'),
    cpu: fc.integer({ min: 0, max: 12 }),
    memory: fc.integer({ min: 0, max: 12 }),
    rack: fc.constantFrom(undefined, 'r1', 'r2', 'r3', 'r4'),
    connected: fc.integer({ min: 0, max: 9 }),
    /** Tasks there already, of the group asked for and of another. */
    own: fc.integer({ min: 0, max: 2 }),
    /** Of the group, and of the deployment asked for. */
    revision: fc.integer({ min: 0, max: 2 }),
    other: fc.integer({ min: 0, max: 2 }),
    ports: fc.subarray([80, 81]),
  })
  .map(({ rack, connected, ...more }) => ({
    ...more,
    connected: connected > 0,
    attributes: rack === undefined ? [] : [{ name: 'rack', value: rack }],
  }))

type Host = typeof instance extends fc.Arbitrary<infer T> ? T : never

const row = (host: Host, at: number): ContainerInstance => ({
  arn: `arn:aws:ecs:us-east-1:000000000000:container-instance/default/${at}`,
  id: String(at),
  clusterArn: 'c',
  status: 'ACTIVE',
  registered: { cpu: host.cpu, memory: host.memory, ports: host.ports, portsUdp: [] },
  attributes: host.attributes,
  availabilityZone: host.zone,
  fargateCapacity: false,
  agentConnected: host.connected,
  versionInfo: {},
  tags: [],
  registeredAt: 0,
  version: 1,
  linkSequence: 0,
})

const poolOf = (hosts: readonly Host[]) => {
  const rows = hosts.map(row)
  const spread: Record<string, number> = {}
  const revisions: Record<string, number> = {}
  for (const [at, { own, revision, zone }] of hosts.entries()) {
    count(spread, `instance:${rows[at]?.arn}`, own + revision)
    count(spread, `zone:${zone}`, own + revision)
    count(revisions, `instance:${rows[at]?.arn}`, revision)
    count(revisions, `zone:${zone}`, revision)
  }
  const hostOf = (arn: string): Host | undefined => hosts[Number(arn.split('/').at(-1))]
  const occupancy: Occupancy = {
    usageOf: arn => {
      const { own = 0, revision = 0, other = 0 } = hostOf(arn) ?? {}
      return { running: own + revision + other }
    },
    spreadOf: group => (group === 'c|service:web' ? spread : {}),
    groupsOn: arn => {
      const { own = 0, revision = 0 } = hostOf(arn) ?? {}
      return Array.from({ length: own + revision }, () => 'c|service:web')
    },
  }
  return { pool: candidatePool(rows, occupancy), revisions }
}

const count = (counts: Record<string, number>, name: string, more: number): void => {
  counts[name] = (counts[name] ?? 0) + more
}

const strategy: fc.Arbitrary<PlacementStrategy> = fc.constantFrom<PlacementStrategy>(
  { type: 'spread', field: 'instanceId' },
  { type: 'spread', field: 'host' },
  { type: 'spread', field: 'attribute:ecs.availability-zone' },
  { type: 'spread', field: 'attribute:rack' },
  { type: 'binpack', field: 'cpu' },
  { type: 'binpack', field: 'memory' },
  { type: 'random' },
)
const memberOf = (expression: string): PlacementConstraint => ({ type: 'memberOf', expression })
const constraint = fc.constantFrom<PlacementConstraint>(
  { type: 'distinctInstance' },
  memberOf('attribute:rack exists'),
  memberOf('attribute:rack != r1'),
  memberOf('task:group == service:web'),
  memberOf('not(task:group == service:web)'),
  memberOf('runningTasksCount < 3'),
)
const request: fc.Arbitrary<PlacementRequest> = fc.record({
  reservation: fc.record({
    cpu: fc.integer({ min: 0, max: 4 }),
    memory: fc.integer({ min: 0, max: 4 }),
    ports: fc.subarray([80, 81, 82]).map(ports => (ports.length > 1 ? [] : ports)),
    portsUdp: fc.constant([]),
  }),
  requiresAttributes: fc.constantFrom([], [], [], ['rack']),
  constraints: fc.array(constraint, { maxLength: 2 }).map(all => (all.length > 1 ? all : [])),
  strategy: fc.array(strategy, { maxLength: 3 }),
})

test('a placer places as `place` does, task after task', () => {
  fc.assert(
    fc.property(
      fc.array(instance, { maxLength: 24 }),
      request,
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (hosts, asked, fractions, others) => {
        const { pool: plain, revisions } = poolOf(hosts)
        const { pool: quick } = poolOf(hosts)
        const group = 'c|service:web'
        const own = others ? { deploymentId: 'ecs-svc/1', spread: revisions } : undefined
        const placer = placerOf(asked, quick.candidates(group, own))
        for (const fraction of fractions) {
          const expected = place({ ...asked, fraction }, plain.candidates(group, own))
          assert.deepEqual(placer.next(fraction), expected)
          if ('refusals' in expected) return
          plain.take(expected.arn, asked.reservation, group, own)
          quick.take(expected.arn, asked.reservation, group, own)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
