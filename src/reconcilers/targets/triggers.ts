// Which tasks' targets a change in the store is news for, and which there are at all. Before: the store's watch, and the loop's
// period. After: reconciler.ts looks at them.
import { forwardsOf } from '../../domain/load-balancing/load-balancer.ts'
import type { Task } from '../../domain/task.ts'
import { rules, targetGroups, targets } from '../../store/load-balancing-tables.ts'
import { type Change, changeOf, type Reader } from '../../store/store.ts'
import { deployments, services, tasks } from '../../store/tables.ts'
import { isInUse } from './snapshot.ts'

/** A task and the service it belongs to; '' when its row is gone. */
export type Touched = readonly [serviceArn: string, taskArn: string]

export function* tasksTouchedBy(reader: Reader, change: Change): Generator<Touched> {
  const task = changeOf(change, tasks)
  if (task !== undefined) {
    const row = task.after ?? task.before
    if (row?.serviceArn && isNews(task) && hasToDo(reader, row)) yield [row.serviceArn, row.arn]
    return
  }
  const target = changeOf(change, targets)
  if (target !== undefined) {
    if (target.after === undefined && target.before?.taskArn !== undefined)
      yield touchedOf(reader, target.before.taskArn)
    return
  }
  const group = changeOf(change, targetGroups)
  if (group !== undefined) return yield* tasksIn(reader, group.key)
  const rule = changeOf(change, rules)
  for (const { targetGroupArn } of rule?.before ? forwardsOf(rule.before) : [])
    if (!isInUse(reader, targetGroupArn)) yield* tasksIn(reader, targetGroupArn)
}

// Pulls, health and the like move no target.
const isNews = ({ before, after }: Change<Task>): boolean =>
  before?.lastStatus !== after?.lastStatus ||
  before?.desiredStatus !== after?.desiredStatus ||
  before?.connectivity !== after?.connectivity ||
  before?.containers !== after?.containers ||
  before?.attachments !== after?.attachments

const hasToDo = (reader: Reader, row: Task): boolean =>
  row.lastStatus === 'DEACTIVATING' ||
  reader.count(targets, 'byTask', row.arn) > 0 ||
  (row.lastStatus === 'RUNNING' && isBalanced(reader, row))

const isBalanced = (reader: Reader, { deploymentId = '' }: Task): boolean =>
  (reader.get(deployments, deploymentId)?.loadBalancers?.length ?? 0) > 0

const touchedOf = (reader: Reader, taskArn: string): Touched => [reader.get(tasks, taskArn)?.serviceArn ?? '', taskArn]

function* tasksIn(reader: Reader, targetGroupArn: string): Generator<Touched> {
  for (const { taskArn } of reader.byIndex(targets, 'byTargetGroup', targetGroupArn))
    if (taskArn !== undefined) yield touchedOf(reader, taskArn)
}

/** All that have targets, or should have some, or wait for the last to go. */
export function* allTasks(reader: Reader): Generator<Touched> {
  for (const { taskArn } of reader.all(targets)) if (taskArn !== undefined) yield touchedOf(reader, taskArn)
  for (const { arn, serviceArn = '' } of reader.byIndex(tasks, 'deactivating', 'deactivating')) yield [serviceArn, arn]
  for (const { arn: serviceArn } of reader.byIndex(services, 'live', 'live')) {
    const balanced = new Set<string | undefined>()
    for (const { id, loadBalancers = [] } of reader.byIndex(deployments, 'liveByService', serviceArn))
      if (loadBalancers.length > 0) balanced.add(id)
    if (balanced.size === 0) continue
    for (const { arn, deploymentId } of reader.byIndex(tasks, 'liveByService', serviceArn))
      if (balanced.has(deploymentId)) yield [serviceArn, arn]
  }
}
