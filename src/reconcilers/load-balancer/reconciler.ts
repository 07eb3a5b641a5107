// The load-balancer loop: holds HAProxy to what the rows of load balancing say, and the rows of health and state to what HAProxy
// sees. One run at a time, of one of two kinds: the structure (listeners, rules, groups, certificates: a reload) or one target group
// (its targets, through the runtime socket). HAProxy's own findings make a group due; while none changes, nothing is asked.
// Before: services/elbv2/, services/acm/, the targets loop. After: load-balancer/; the deployment loop reads the health.
import { targetKey } from '../../domain/load-balancing/target-group.ts'
import { deliverAccessLogs } from '../../load-balancer/access-log/deliver.ts'
import { createDataPlane, type DataPlane } from '../../load-balancer/data-plane.ts'
import { serverOf } from '../../load-balancer/desired.ts'
import type { Change as ServerChange } from '../../load-balancer/haproxy/commands.ts'
import { HaproxyFailure } from '../../load-balancer/haproxy/process.ts'
import { sectionOf } from '../../load-balancer/names.ts'
import {
  certificates,
  listeners,
  loadBalancers,
  rules,
  targetGroups,
  targetHealth,
  targets,
} from '../../store/load-balancing-tables.ts'
import { type Change, changeOf, type Store, type Transaction } from '../../store/store.ts'
import { LOOP_LIMITS, type Reconciler, type ReconcilerInput, type RunResult, startLoop } from '../loop.ts'
import { requestsOf } from './logged.ts'
import { type Plan, planTargets, type Snapshot, type Step } from './plan.ts'
import type { ListenersPlan } from './plan-listeners.ts'
import { LOAD_BALANCER_SETTINGS, type LoadBalancerSettings } from './settings.ts'
import {
  commitRuleStates,
  commitStates,
  desiredOf,
  knownServers,
  listenersPlanOf,
  placeOf,
  takenPorts,
} from './structure.ts'

const STRUCTURE = 'structure'

type Given = Pick<LoadBalancerSettings, 'folder'> & Partial<LoadBalancerSettings>

export const loadBalancerReconciler = (
  input: Omit<ReconcilerInput<never>, 'settings'> & { readonly settings: Given },
): Reconciler => {
  const { store, clock, ids, log, onBug } = input
  const settings: LoadBalancerSettings = { ...LOAD_BALANCER_SETTINGS, addresses: ['127.0.0.1'], ...input.settings }
  const groupsBySection = new Map<string, string>()
  const seen = { structure: false }
  const dataPlane = createDataPlane({
    ...{ folder: settings.folder, clock, log },
    ...(settings.programs === undefined ? {} : { programs: settings.programs }),
    onHealth: section => {
      const arn = groupsBySection.get(section.replace(/\.initial$/, ''))
      if (arn !== undefined) loop.trigger(arn)
    },
    onGone: () => loop.trigger(STRUCTURE),
  })
  let changedAt = 0
  const structure = structureRun({
    store,
    dataPlane,
    settings,
    clock,
    groupsBySection,
    seen,
    lookAt: arn => loop.trigger(arn),
    changedAt: () => changedAt,
  })
  const run = (key: string): Promise<RunResult> =>
    key === STRUCTURE ? structure() : groupRun(key, { store, dataPlane, settings, clock, groupsBySection, seen })
  const loop = startLoop({
    name: 'load-balancer',
    ...{ clock, ids, log },
    // A reload between two commands would lose the second one.
    limits: {
      ...LOOP_LIMITS,
      backoff: { ...LOOP_LIMITS.backoff, mostMs: settings.mostBackoffMs },
      ...input.limits,
      concurrentRuns: 1,
    },
    keys: () => (store.size(loadBalancers) + store.size(targetGroups) === 0 ? [] : [STRUCTURE, ...groupsIn(store)]),
    run,
    ...(onBug === undefined ? {} : { onBug }),
  })
  const unwatch = store.watch(changes => {
    for (const change of changes)
      for (const key of keysTouchedBy(change)) {
        if (key === STRUCTURE) changedAt = clock.now()
        loop.trigger(key)
      }
  })
  const accessLogs = deliverAccessLogs({
    ...{ folder: settings.folder, clock, ids, log },
    everyMs: settings.accessLogsMs,
    aboutOf: () => requestsOf(store),
  })
  return {
    name: loop.name,
    status: loop.status,
    stop: async () => {
      unwatch()
      await loop.stop()
      await accessLogs.stop()
      dataPlane.leave()
    },
  }
}

const groupsIn = (store: Store): readonly string[] => [...store.all(targetGroups)].map(({ arn }) => arn)

const keysTouchedBy = (change: Change): readonly string[] => {
  const target = changeOf(change, targets)
  if (target !== undefined) return [(target.after ?? target.before)?.targetGroupArn ?? '']
  const structural = [loadBalancers, listeners, rules, targetGroups, certificates].some(
    table => (table as unknown) === change.table,
  )
  return structural ? [STRUCTURE] : []
}

type Context = {
  readonly store: Store
  readonly dataPlane: DataPlane
  readonly settings: LoadBalancerSettings
  readonly clock: { readonly now: () => number }
  /** Groups that the data plane has, by section. */
  readonly groupsBySection: Map<string, string>
  /** Whether that is known yet: until then a group that it lacks may have requests, as HAProxy goes on when we start anew. */
  readonly seen: { structure: boolean }
}

const structureRun = ({
  store,
  dataPlane,
  settings,
  clock,
  groupsBySection,
  seen,
  lookAt,
  changedAt,
}: Context & { readonly lookAt: (arn: string) => void; readonly changedAt: () => number }) => {
  let reloadedAt = 0
  let groupsLookedAt = false
  return async (): Promise<RunResult> => {
    const reloadAt = Math.min(changedAt() + settings.structureRestMs, reloadedAt + settings.structureMostMs)
    const plan = listenersPlanOf(store, settings.addresses)
    const taken = await takenPorts(plan.placed, await dataPlane.ports())
    const failures = new Map(plan.refused)
    for (const one of plan.placed) {
      const why = taken.get(placeOf(one))
      if (why !== undefined) failures.set(one.loadBalancer.arn, why)
    }
    const desired = desiredOf(
      store,
      plan.placed.filter(one => !taken.has(placeOf(one))),
    )
    groupsBySection.clear()
    for (const { group } of desired.groups) groupsBySection.set(sectionOf(group.arn), group.arn)
    seen.structure = true
    try {
      const applied = await dataPlane.apply(desired, knownServers(store), clock.now() >= reloadAt)
      if (applied === 'put off') return { wakeAt: reloadAt, restMs: settings.structureRestMs }
      if (applied === 'reloaded') reloadedAt = clock.now()
      const ending = (await dataPlane.isEnding()) && clock.now() < reloadedAt + settings.endingMs
      await store.write(tx => {
        commitStates(tx, plan, failures, clock.now())
        if (!ending) commitRuleStates(tx, desired, clock.now())
      })
      const changed = applied !== 'unchanged' && applied !== 'weights'
      if (changed || !groupsLookedAt) for (const arn of groupsIn(store)) lookAt(arn)
      groupsLookedAt = true
      return {
        ...(applied === 'unchanged' ? {} : { did: `structure: ${applied}` }),
        restMs: settings.structureRestMs,
        ...(taken.size > 0 || ending ? { wakeAt: clock.now() + settings.portRetryMs } : {}),
      }
    } catch (error) {
      if (!(error instanceof HaproxyFailure)) throw error
      // A port that was lost since it was asked for is one load balancer's failure; the others are as they were.
      const lost = plan.placed.filter(one => error.message.includes(`[${placeOf(one)}]`))
      for (const { loadBalancer } of lost.length > 0 ? lost : plan.placed) failures.set(loadBalancer.arn, error.message)
      const told = lost.length > 0 ? statesOf(plan, failures) : plan
      await store.write(tx => commitStates(tx, told, failures, clock.now()))
      throw error
    }
  }
}

const statesOf = (plan: ListenersPlan, of: ReadonlyMap<string, string>): ListenersPlan => ({
  ...plan,
  addresses: new Map([...plan.addresses].filter(([arn]) => of.has(arn))),
})

const groupRun = async (arn: string, context: Context): Promise<RunResult> => {
  const { store, dataPlane, settings, clock, groupsBySection, seen } = context
  if (!seen.structure) return {}
  const group = store.get(targetGroups, arn)
  if (group === undefined) return {}
  const used = groupsBySection.has(sectionOf(arn))
  if (used && !dataPlane.isRunning()) return {}
  const snapshot: Snapshot = {
    ...{ group, used },
    targets: [...store.byIndex(targets, 'byTargetGroup', arn)],
    health: [...store.byIndex(targetHealth, 'byTargetGroup', arn)],
    observed: used ? await dataPlane.observe(group) : [],
  }
  const plan = planTargets(snapshot, clock.now(), settings)
  await dataPlane.change(group, plan.steps.map(changeFor))
  const written = plan.health.length + plan.drained.length + plan.orphaned.length
  if (written > 0) await store.write(tx => commit(tx, snapshot, plan))
  const did = plan.steps.length + written === 0 ? undefined : `${group.name}: ${inWords(plan)}`
  // What was changed is looked at once more: whether it was taken, and what follows.
  const again =
    plan.steps.length > 0 ? Math.min(plan.wakeAt ?? Infinity, clock.now() + settings.healthRestMs) : plan.wakeAt
  return { did, restMs: settings.healthRestMs, ...(again === undefined ? {} : { wakeAt: again }) }
}

const changeFor = (step: Step): ServerChange => {
  switch (step.do) {
    case 'watch':
      return { do: 'watch', server: serverOf(step.target, 'initial') }
    case 'admit':
    case 'distrust':
      return { do: step.do, server: serverOf(step.target, 'known') }
    default:
      return step
  }
}

const commit = (tx: Transaction, { group, targets: planned }: Snapshot, plan: Plan): void => {
  if (tx.get(targetGroups, group.arn) === undefined) return
  for (const key of plan.orphaned) tx.delete(targetHealth, key)
  // One that was registered again meanwhile stays.
  for (const target of plan.drained) {
    if (tx.get(targets, targetKey(target))?.deregisteredAt !== target.deregisteredAt) continue
    tx.delete(targets, targetKey(target))
    tx.delete(targetHealth, targetKey(target))
  }
  const registeredAt = new Map(planned.map(target => [targetKey(target), target.registeredAt]))
  for (const row of plan.health)
    if (tx.get(targets, targetKey(row))?.registeredAt === registeredAt.get(targetKey(row))) tx.put(targetHealth, row)
}

const inWords = (plan: Plan): string =>
  [
    ...plan.steps.map(({ do: what }) => what),
    ...plan.health.map(({ state }) => state),
    ...plan.drained.map(() => 'drained'),
  ]
    .slice(0, 8)
    .join(', ')
