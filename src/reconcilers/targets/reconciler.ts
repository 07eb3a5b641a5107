// The targets loop: registers the ports of services' tasks in their target groups once they run, deregisters them when the tasks
// are to stop, and lets a task stop when load balancers are done with it. One service a run, and of it the tasks that changed.
// Before: the deployment loop and agents' reports. After: the load-balancer loop, which checks and drains what is registered
// here, and the dispatcher, which tells agents of tasks that are STOPPING.
import type { Store } from '../../store/store.ts'
import { LOOP_LIMITS, type Reconciler, type ReconcilerInput, type RunResult, startLoop } from '../loop.ts'
import { commitTargets } from './commit.ts'
import { DueTasks } from './due-tasks.ts'
import type { Planned } from './events.ts'
import { isNothing, planTargets } from './plan.ts'
import { TARGETS_SETTINGS, type TargetsSettings } from './settings.ts'
import { factsOf } from './snapshot.ts'
import { allTasks, tasksTouchedBy } from './triggers.ts'

export const targetsReconciler = (input: ReconcilerInput<TargetsSettings>): Reconciler => {
  const { store, clock, ids, log, onBug } = input
  const settings = { ...TARGETS_SETTINGS, ...input.settings }
  const due = new DueTasks()
  const run = async (serviceArn: string): Promise<RunResult> => {
    const now = clock.now()
    const taken = due.take(serviceArn, now, settings.tasksPerPass)
    const noteAgain = (taskArns: readonly string[]): void => {
      for (const taskArn of taskArns) due.note(serviceArn, taskArn)
    }
    try {
      const planned = planAll(store, taken, now, settings)
      for (const { arn, plan } of planned) if (plan.wakeAt !== undefined) due.note(serviceArn, arn, plan.wakeAt)
      const work = planned.filter(({ plan }) => !isNothing(plan))
      if (work.length > 0) {
        const stale = await store.write(tx => commitTargets(tx, serviceArn, work, ids, now))
        noteAgain(work.filter(one => stale.includes(one)).map(({ arn }) => arn))
      }
      const wakeAt = due.nextAt(serviceArn)
      const did = work.length === 0 ? undefined : `${serviceArn}: ${work.length} tasks`
      return { did, again: wakeAt !== undefined && wakeAt <= now, wakeAt }
    } catch (error) {
      noteAgain(taken)
      throw error
    }
  }
  const loop = startLoop({
    name: 'targets',
    clock,
    ids,
    log,
    limits: { ...LOOP_LIMITS, ...input.limits },
    keys: () => {
      for (const [serviceArn, taskArn] of allTasks(store)) due.note(serviceArn, taskArn)
      return due.services()
    },
    run,
    ...(onBug === undefined ? {} : { onBug }),
  })
  const unwatch = store.watch(changes => {
    for (const change of changes) {
      for (const [serviceArn, taskArn] of tasksTouchedBy(store, change)) {
        due.note(serviceArn, taskArn)
        loop.trigger(serviceArn)
      }
    }
  })
  return {
    name: loop.name,
    status: loop.status,
    stop: () => {
      unwatch()
      return loop.stop()
    },
  }
}

type PlannedTask = Planned & { readonly arn: string }

const planAll = (
  store: Store,
  taskArns: readonly string[],
  now: number,
  settings: TargetsSettings,
): readonly PlannedTask[] =>
  taskArns.map(arn => {
    const facts = factsOf(store, arn)
    return { arn, facts, plan: planTargets(facts, now, settings) }
  })
