// Makes the plans for some tasks of one service so, in one transaction. What a plan rested on is looked at again first; a task
// that is not as it was is left for the next run.
// Before: plan.ts. After: the load-balancer loop checks, drains and removes; the dispatcher tells agents of tasks that stop.
import { type Target, targetKey } from '../../domain/load-balancing/target-group.ts'
import type { Service } from '../../domain/service.ts'
import { changeTask } from '../../domain/task.ts'
import type { Ids } from '../../lib/ids.ts'
import { targetHealth, targets } from '../../store/load-balancing-tables.ts'
import type { Transaction } from '../../store/store.ts'
import { deployments, services, tasks } from '../../store/tables.ts'
import { withNotice, withoutNotice } from '../notices.ts'
import { tellEvents } from '../service-events.ts'
import { type Planned, refusedEvent, targetsEvents } from './events.ts'
import type { Facts } from './plan.ts'

/** The ARNs of tasks that were not as planned. */
export const commitTargets = (
  tx: Transaction,
  serviceArn: string,
  planned: readonly Planned[],
  ids: Pick<Ids, 'uuid'>,
  now: number,
): readonly Planned[] => {
  const stale = planned.filter(({ facts }) => !holds(tx, facts))
  const sound = planned.filter(one => !stale.includes(one))
  for (const { facts, plan } of sound) {
    for (const row of plan.remove) removeTarget(tx, row)
    for (const row of plan.register) {
      // What was observed of another one under its key says nothing about it.
      tx.delete(targetHealth, targetKey(row))
      tx.put(targets, row)
    }
    for (const row of [...plan.move, ...plan.deregister]) tx.put(targets, row)
    if (plan.stopping && facts.task) tx.put(tasks, changeTask(facts.task, { lastStatus: 'STOPPING' }))
  }
  const service = tx.get(services, serviceArn)
  if (service)
    tellEvents(tx, ids, serviceArn, [...targetsEvents(service, sound), ...noted(tx, service, sound, now)], now)
  return stale
}

const removeTarget = (tx: Transaction, row: Target): void => {
  tx.delete(targets, targetKey(row))
  tx.delete(targetHealth, targetKey(row))
}

const holds = (tx: Transaction, { task, rows }: Facts): boolean =>
  (task === undefined || tx.get(tasks, task.arn) === task) && rows.every(row => tx.get(targets, targetKey(row)) === row)

// What could not be registered is told once, until something of the deployment could be.
const noted = (tx: Transaction, service: Service, sound: readonly Planned[], now: number): readonly string[] => {
  const events: string[] = []
  for (const { facts, plan } of sound) {
    const deployment = tx.get(deployments, facts.task?.deploymentId ?? '')
    if (deployment === undefined) continue
    const [refused] = plan.refused
    if (refused !== undefined) {
      const { targetGroupArn, reason } = refused
      const told = withNotice(deployment, 'unregistered', `${targetGroupArn} ${reason}`, now)
      if (told === undefined) continue
      tx.put(deployments, told)
      events.push(refusedEvent(service, targetGroupArn, reason))
    } else if (plan.register.length > 0) {
      const untold = withoutNotice(deployment, 'unregistered')
      if (untold !== deployment) tx.put(deployments, untold)
    }
  }
  return events
}
