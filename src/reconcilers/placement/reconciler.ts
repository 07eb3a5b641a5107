// The placement loop: gives each PROVISIONING task a container instance, or says why there is none for it. One cluster a
// run. A new task is tried on every instance; one that was refused waits until an instance gets room, and is tried on that
// one. Reads waiters (groups.ts), plans (plan.ts, pure), commits (commit.ts), the first part in the same turn of the event loop.
// Before: the deployment loop, which makes the tasks. After: the dispatcher, which sends them to the agent.
import { isDaemonArn } from '../../domain/arn.ts'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import { dependsOnTasks } from '../../scheduler/filters.ts'
import { type Change, changeOf, type Store } from '../../store/store.ts'
import { clusters, containerInstances, services, tasks } from '../../store/tables.ts'
import type { Reconciler, ReconcilerInput, RunResult } from '../loop.ts'
import { startReconciler } from '../start-reconciler.ts'
import { commitPlacements, isUnplaced, type PlacementOutcome } from './commit.ts'
import { waitersOf } from './groups.ts'
import { type Group, type PlacementLimits, type PlacementPlan, planPlacements } from './plan.ts'
import { type KindsLeft, type Waiting, waitingClusters } from './waiting.ts'

export type PlacementSettings = PlacementLimits & {
  /** Placements of one commit: enough to share an fsync, few enough for a turn of the event loop. */
  readonly placementsPerCommit: number
  /** Waiting tasks that one pass takes up, so that it costs what it places, not what waits. */
  readonly waitersPerPass: number
  /** Rows of waiting tasks that one commit gives a new explanation. */
  readonly explanationsPerPass: number
}

export const PLACEMENT_SETTINGS: PlacementSettings = {
  placementsPerPass: 500,
  // Four milliseconds.
  placementsPerCommit: 60,
  waitersPerPass: 1_000,
  // A look at an instance takes about a microsecond: 20 ms, the most that an API call may have to wait for a run.
  looksPerPass: 20_000,
  explanationsPerPass: 500,
}

export const placementReconciler = (input: ReconcilerInput<PlacementSettings>): Reconciler => {
  const { store, clock, ids, log } = input
  const settings = { ...PLACEMENT_SETTINGS, ...input.settings }
  const waiting = waitingClusters()
  // Each commit looks again at what its placements rest on: what happens in the turns between them does no harm.
  const commitInTurns = async (plan: PlacementPlan, complete: boolean): Promise<PlacementOutcome> => {
    const { placementsPerCommit: most, explanationsPerPass: explainLimit } = settings
    const commits: Promise<PlacementOutcome>[] = []
    for (let from = 0; from === 0 || from < plan.placed.length; from += most) {
      await clock.turn()
      await store.caughtUp()
      const part = { ...plan, placed: plan.placed.slice(from, from + most) }
      const limits = { complete: complete && from + most >= plan.placed.length, explainLimit, ids, now: clock.now() }
      commits.push(store.write(tx => commitPlacements(tx, part, limits)))
    }
    const outcomes = await Promise.all(commits)
    return {
      placed: outcomes.reduce((sum, { placed }) => sum + placed, 0),
      explained: outcomes.reduce((sum, { explained }) => sum + explained, 0),
      again: outcomes.some(({ again }) => again),
    }
  }
  const run = async (clusterArn: string): Promise<RunResult> => {
    const scope = waiting.take(clusterArn)
    try {
      const { groups, complete, more } = waitersOf(store, clusterArn, scope, settings.waitersPerPass, clock.now())
      const plan = planPlacements(groups, settings)
      waiting.left(clusterArn, kindsLeft(plan, groups))
      if (plan.placed.length === 0 && (plan.refused.length === 0 || !complete) && !more) return {}
      const { placed, explained, again } = await commitInTurns(plan, complete)
      if (again || more) waiting.lookAtAll(clusterArn)
      log.debug({ cluster: clusterArn, placed, explained }, 'Placement pass')
      return { did: `placed ${placed}, explained ${explained}`, again: again || more }
    } catch (error) {
      waiting.lookAtAll(clusterArn)
      throw error
    }
  }
  return startReconciler(input, {
    name: 'placement',
    keys: () => {
      const keys = [...store.all(clusters)].map(({ arn }) => arn)
      const busy = keys.filter(arn => store.count(tasks, 'unplaced', arn) > 0)
      for (const arn of busy) waiting.lookAtAll(arn)
      return busy
    },
    run,
    touched: change => clustersTouchedBy(store, waiting, change),
  })
}

function* clustersTouchedBy(store: Store, waiting: Waiting, change: Change): Generator<string> {
  const waits = clusterWithNewWaiter(change)
  if (waits !== undefined) yield waits
  const joined = instanceWithOtherTasks(change)
  if (joined !== undefined && waiting.otherTasks(joined.clusterArn, joined.instanceArn)) yield joined.clusterArn
  const changed = clusterWithOtherDaemons(change)
  if (changed !== undefined) {
    waiting.lookAtAll(changed)
    yield changed
  }
  const freed = instanceWithMoreRoom(store, change)
  if (freed !== undefined) yield* waiting.freed(freed)
}

const kindsLeft = (plan: PlacementPlan, groups: readonly Group[]): KindsLeft => {
  const types = plan.refused.map(({ tasks: [first] }) => first?.launchType === 'FARGATE')
  const dependOnTasks = types.includes(false) && groups.some(({ request }) => dependsOnTasks(request))
  return { ec2: types.includes(false), fargate: types.includes(true), dependOnTasks }
}

const clusterWithNewWaiter = (change: Change): string | undefined => {
  const task = changeOf(change, tasks)
  if (task?.after === undefined || !isUnplaced(task.after)) return undefined
  // One that was refused and waits anew has other rules now.
  const waited = task.before !== undefined && isUnplaced(task.before)
  const anew = task.before?.placementExplanation !== undefined && task.after.placementExplanation === undefined
  return waited && !anew ? undefined : task.after.clusterArn
}

// What a placement constraint may ask for: which groups have tasks there, and how many run.
const instanceWithOtherTasks = (change: Change): { clusterArn: string; instanceArn: string } | undefined => {
  const { before, after } = changeOf(change, tasks) ?? {}
  if (after?.containerInstanceArn === undefined) return undefined
  const same =
    before?.containerInstanceArn !== undefined &&
    (before.lastStatus === 'RUNNING') === (after.lastStatus === 'RUNNING') &&
    before.desiredStatus === after.desiredStatus
  return same ? undefined : { clusterArn: after.clusterArn, instanceArn: after.containerInstanceArn }
}

// What instances wait for before they take other tasks has changed.
const clusterWithOtherDaemons = (change: Change): string | undefined => {
  const { before, after } = changeOf(change, services) ?? {}
  if (before?.daemon === undefined || (before.daemon === after?.daemon && before.status === after.status))
    return undefined
  return before.clusterArn
}

// A task there ended (resources) or was asked to (distinctInstance no longer counts it), or the instance itself came or
// changed for the better.
const instanceWithMoreRoom = (store: Store, change: Change): ContainerInstance | undefined => {
  const task = changeOf(change, tasks)
  if (task?.before?.containerInstanceArn !== undefined) {
    const { before, after } = task
    const left = before.lastStatus !== 'STOPPED' && (after === undefined || after.lastStatus === 'STOPPED')
    const leaving = before.desiredStatus === 'RUNNING' && after?.desiredStatus === 'STOPPED'
    // An instance waits for its critical daemons.
    const up = before.lastStatus !== 'RUNNING' && after?.lastStatus === 'RUNNING'
    const daemon = up && isDaemonArn(after.serviceArn ?? '')
    return left || leaving || daemon ? store.get(containerInstances, task.before.containerInstanceArn) : undefined
  }
  const instance = changeOf(change, containerInstances)
  if (instance?.after === undefined || !usable(instance.after)) return undefined
  const { before, after } = instance
  const same =
    before !== undefined &&
    usable(before) &&
    before.registered === after.registered &&
    before.attributes === after.attributes &&
    before.versionInfo === after.versionInfo &&
    before.fargateCapacity === after.fargateCapacity
  return same ? undefined : after
}

const usable = (instance: ContainerInstance): boolean => instance.status === 'ACTIVE' && instance.agentConnected
