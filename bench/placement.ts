// Placements a second over 5,000 instances: the placement loop's plans, without its store. Each plan starts over, as a run of the
// loop does, with candidates of its own that know what the runs before it placed. In CPU time: another program's share of the
// machine does not count. Before any is measured, all have placed 20,000 tasks, in turn: a server that places thousands has run for
// a while, and what is compiled for one strategy is compiled again when others come.
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import type { Task } from '../src/domain/task.ts'
import { systemIds } from '../src/lib/ids.ts'
import { type Group, planPlacements } from '../src/reconcilers/placement/plan.ts'
import { PLACEMENT_SETTINGS } from '../src/reconcilers/placement/reconciler.ts'
import { instanceRow } from '../src/reconcilers/testing/rows.ts'
import { candidatePool } from '../src/scheduler/candidates.ts'
import { atLeast, type Benchmark, runAlone } from './figure.ts'
import { serviceTask } from './store-task.ts'

const INSTANCES = 5_000
const WARMING = 20_000
const GROUP = 'cluster|service:bench'
const RESERVATION = { cpu: 64, memory: 64, ports: [], portsUdp: [] }
const ROOM = { cpu: 4096, memory: 8192, ports: [22], portsUdp: [] }

type Case = {
  readonly what: string
  readonly strategy?: readonly PlacementStrategy[]
  readonly constraints?: readonly PlacementConstraint[]
  readonly hold?: true
  /** Another deployment of the service has tasks, so that its own are counted apart. */
  readonly rollout?: true
}

const CASES: readonly Case[] = [
  { what: 'spread, the default', hold: true },
  { what: 'spread, the default, while another revision has tasks', rollout: true },
  {
    what: 'spread over zones, then instances',
    strategy: ['attribute:ecs.availability-zone', 'instanceId'].map(spread),
  },
  { what: 'binpack by memory', strategy: [{ type: 'binpack', field: 'memory' }], hold: true },
  { what: 'random', strategy: [{ type: 'random' }] },
  {
    what: 'spread, memberOf',
    constraints: [{ type: 'memberOf', expression: 'attribute:rack not_in [r1, r2, r3] and attribute:disk == ssd' }],
  },
]

function spread(field: string): PlacementStrategy {
  return { type: 'spread', field }
}

export const placement: Benchmark = async ({ quick }) => {
  const total = quick ? 20_000 : 100_000
  const tasks = Array.from({ length: total }, (_, n) => serviceTask(systemIds(), n))
  const figures = []
  for (const one of CASES) run(one, tasks.slice(0, WARMING))
  for (const one of CASES) {
    const rate = run(one, tasks)
    figures.push({
      what: `placements over ${INSTANCES} instances, ${one.what}`,
      measured: `${Math.round(rate / 1000)},000/s of CPU time`,
      ...(one.hold ? atLeast(rate, 50_000, '50,000/s') : {}),
    })
  }
  return figures
}

const run = ({ what, strategy = [], constraints = [], rollout }: Case, tasks: readonly Task[]): number => {
  const instances = Array.from({ length: INSTANCES }, (_, n) =>
    instanceRow(String(n).padStart(32, '0'), {
      registered: ROOM,
      availabilityZone: `us-east-1${'abc'[n % 3]}`,
      attributes: [
        { name: 'ecs.availability-zone', value: `us-east-1${'abc'[n % 3]}` },
        { name: 'rack', value: `r${n % 20}` },
        { name: 'disk', value: n % 2 ? 'ssd' : 'hdd' },
      ],
    }),
  )
  const zones = new Map(instances.map(({ arn, availabilityZone }) => [arn, availabilityZone]))
  const usage = new Map(instances.map(({ arn }) => [arn, { cpu: 0, memory: 0, pending: 0 }]))
  const spreadSums: Record<string, number> = {}
  const occupancy = { usageOf: (arn: string) => usage.get(arn) ?? {}, spreadOf: () => spreadSums, groupsOn: () => [] }
  const own = rollout && { deploymentId: 'ecs-svc/1', spread: spreadSums }
  const began = process.cpuUsage()
  let seconds = 0
  let done = 0
  while (done < tasks.length) {
    const pool = candidatePool(instances, occupancy)
    const group: Group = {
      tasks: tasks.slice(done, done + PLACEMENT_SETTINGS.placementsPerPass),
      request: { reservation: RESERVATION, requiresAttributes: [], constraints, strategy },
      candidates: () => pool.candidates(GROUP, own),
      shunned: new Set(),
      take: arn => pool.take(arn, RESERVATION, GROUP, own),
    }
    const { placed } = planPlacements([group], PLACEMENT_SETTINGS)
    // All fit: half of the instances have room for more than all tasks.
    if (placed.length === 0) throw new Error(`only ${done} tasks were placed: ${what}`)
    done += placed.length
    const used = process.cpuUsage(began)
    seconds = (used.user + used.system) / 1e6
    for (const { instanceArn } of placed) {
      const sums = usage.get(instanceArn)
      if (sums) Object.assign(sums, { cpu: sums.cpu + 64, memory: sums.memory + 64, pending: sums.pending + 1 })
      for (const key of [`instance:${instanceArn}`, `zone:${zones.get(instanceArn)}`])
        spreadSums[key] = (spreadSums[key] ?? 0) + 1
    }
  }
  return done / seconds
}

if (import.meta.main) await runAlone(placement)
