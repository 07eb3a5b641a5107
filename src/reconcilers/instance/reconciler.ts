// The instance loop: notices container instances whose agent has been silent for too long, marks them lost and their tasks
// DISCONNECTED, and takes both back when the agent is there again. One instance a run. It stops and starts nothing: the
// deployment loop replaces a service's DISCONNECTED tasks; standalone ones are left as they are, as nobody said what to do.
// Before: the dispatcher, which notes when an agent connects and when it was last heard. After: the deployment loop.
import type { ContainerInstance } from '../../domain/container-instance.ts'
import { changeTask, type Task } from '../../domain/task.ts'
import { changeOf, type Transaction } from '../../store/store.ts'
import { containerInstances, tasks } from '../../store/tables.ts'
import type { Reconciler, ReconcilerInput, RunResult } from '../loop.ts'
import { startReconciler } from '../start-reconciler.ts'
import { standingOf } from './plan.ts'
import { INSTANCE_SETTINGS, type InstanceSettings } from './settings.ts'

export const instanceReconciler = (input: ReconcilerInput<InstanceSettings>): Reconciler => {
  const { store, clock, log } = input
  const settings = { ...INSTANCE_SETTINGS, ...input.settings }
  const startedAt = clock.now()
  const run = async (arn: string): Promise<RunResult> => {
    const now = clock.now()
    const instance = store.get(containerInstances, arn)
    const standing = standingOf(instance, now, { startedAt, ...settings })
    if (instance === undefined || standing.is === 'gone') return {}
    if (standing.is === 'silent') return { wakeAt: standing.lostAt }
    const lost = standing.is === 'lost'
    if (!lost && instance.lostAt === undefined) return {}
    const marked = markable(store.byIndex(tasks, 'liveByInstance', arn), lost, settings.tasksPerPass)
    if (lost && instance.lostAt !== undefined && marked.rows.length === 0) return {}
    await store.write(tx => mark(tx, instance, marked, lost, now))
    if (!marked.more) log.warn({ containerInstance: arn }, lost ? 'A container instance is lost' : 'It is back')
    return { did: `${instance.id}: ${lost ? 'lost' : 'found'}, ${marked.rows.length} tasks`, again: marked.more }
  }
  return startReconciler(input, {
    name: 'instance',
    keys: () => [...store.all(containerInstances)].filter(wantsLook).map(({ arn }) => arn),
    run,
    touched: change => {
      const instance = changeOf(change, containerInstances)
      if (instance?.after === undefined || instance.before?.agentConnected === instance.after.agentConnected) return []
      return [instance.after.arn]
    },
  })
}

const wantsLook = ({ status, agentConnected, lostAt }: ContainerInstance): boolean =>
  status !== 'INACTIVE' && (!agentConnected || lostAt !== undefined)

type Marked = { readonly rows: readonly Task[]; readonly more: boolean }

const markable = (live: Iterable<Task>, lost: boolean, most: number): Marked => {
  const rows: Task[] = []
  for (const task of live) {
    if ((task.connectivity === 'DISCONNECTED') === lost) continue
    if (rows.length === most) return { rows, more: true }
    rows.push(task)
  }
  return { rows, more: false }
}

// Losing begins with the instance, so that nothing new is made for it; finding ends with it, so that a crash in between is
// gone over again.
const mark = (tx: Transaction, planned: ContainerInstance, marked: Marked, lost: boolean, now: number): void => {
  const instance = tx.get(containerInstances, planned.arn)
  if (instance === undefined || instance.agentConnected === lost || instance.status === 'INACTIVE') return
  if (lost && instance.lostAt === undefined) tx.put(containerInstances, { ...instance, lostAt: now })
  if (!lost && !marked.more) {
    const { lostAt: _, ...found } = instance
    tx.put(containerInstances, found)
  }
  for (const row of marked.rows) if (tx.get(tasks, row.arn) === row) tx.put(tasks, lost ? lose(row) : find(row, now))
}

const lose = (task: Task): Task => changeTask(task, { connectivity: 'DISCONNECTED' })

const find = (task: Task, now: number): Task => {
  const { connectivity: _, ...known } = task
  return changeTask(known, task.connectivityAt === undefined ? {} : { connectivityAt: now })
}
