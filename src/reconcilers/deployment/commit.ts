// Makes a deployment plan so, in one transaction: rows and ids are made here. What the plan rested on is looked at again
// first; if it is not as it was, nothing is written and the loop plans anew.
// Before: plan.ts. After: placement gives the new tasks a host, the dispatcher tells agents to stop the others.
import { capacityProviderOf } from '../../domain/capacity-provider.ts'
import { subnetOf } from '../../domain/network-interface.ts'
import { newServiceTask } from '../../domain/new-task.ts'
import type { Deployment } from '../../domain/service.ts'
import { stopTask, type Task } from '../../domain/task.ts'
import type { Ids } from '../../lib/ids.ts'
import { nextProvider } from '../../scheduler/distribute.ts'
import { hasTargets, ruleKey, rules } from '../../store/load-balancing-tables.ts'
import type { Transaction } from '../../store/store.ts'
import { withSubnetAddress } from '../../store/subnet-address.ts'
import { containerInstances, deployments, serviceDeployments, services, tasks } from '../../store/tables.ts'
import { tellEvents } from '../service-events.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import { NO_FORWARDINGS } from './forwarding.ts'
import type { Plan, Snapshot } from './plan.ts'

export const commitPlan = (
  tx: Transaction,
  snapshot: Snapshot,
  plan: Plan,
  ids: Ids,
  now: number,
): 'done' | 'stale' => {
  const { service } = snapshot
  if (!holds(tx, snapshot, plan)) return 'stale'
  for (const { task, reason, stopCode = 'ServiceSchedulerInitiated' } of plan.stop) {
    const stopped = stopTask(task, { stopCode, stoppedReason: reason }, now, hasTargets(tx, task))
    // Stopped by this loop: its end says nothing about the deployment, so it is counted here and now.
    tx.put(tasks, { ...stopped, settled: true })
  }
  for (const task of plan.settle) tx.put(tasks, { ...task, settled: true })
  for (const task of plan.served) tx.put(tasks, { ...task, servedAt: now })
  for (const { deployment, count, madeFor, into } of plan.start) {
    const definition = taskDefinitionOf(tx, deployment.taskDefinitionArn)
    for (let made = 0; made < count; made++) {
      const containerUuids = definition.containerDefinitions.map(() => ids.uuid())
      const attachmentUuid = deployment.networkConfiguration === undefined ? undefined : ids.uuid()
      const instanceArn = madeFor?.[made]
      const capacityProviderName =
        into === undefined ? providerFor(tx, deployment, instanceArn) : into.provider || undefined
      const own = { id: ids.taskId(now), containerUuids, attachmentUuid, capacityProviderName, now }
      const task = newServiceTask({ service, deployment, definition, ...own })
      tx.put(tasks, {
        ...(withSubnetAddress(tx, task) ?? withoutAddress(task, now)),
        ...(instanceArn === undefined ? {} : { madeFor: instanceArn }),
        ...(into === undefined ? {} : { madeForZone: into.zone }),
      })
    }
  }
  for (const deployment of plan.deployments) tx.put(deployments, deployment)
  for (const one of plan.serviceDeployments) tx.put(serviceDeployments, one)
  for (const rule of plan.rules) tx.put(rules, rule)
  if (plan.service !== undefined) tx.put(services, plan.service)
  tellEvents(tx, ids, service.arn, plan.events, now)
  return 'done'
}

// Its subnet is full. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/failed-to-start-error.html
const withoutAddress = (task: Task, now: number): Task => {
  const subnet = task.attachments.map(subnetOf).find(id => id !== undefined) ?? ''
  const stoppedReason = `Unexpected EC2 error while attempting to Create Network Interface in subnet '${subnet}': InsufficientFreeAddressesInSubnet`
  return stopTask(task, { stopCode: 'TaskFailedToStart', stoppedReason }, now, false)
}

// By what the deployment has now, with what was put before: shares hold whatever starts and stops.
const providerFor = (
  tx: Transaction,
  { id, capacityProviderStrategy, daemon }: Deployment,
  instanceArn: string | undefined,
): string | undefined => {
  if (daemon !== undefined) {
    const instance = instanceArn === undefined ? undefined : tx.get(containerInstances, instanceArn)
    return instance && capacityProviderOf(instance)
  }
  return capacityProviderStrategy && nextProvider(capacityProviderStrategy, tx.sum(tasks, 'wantedByProvider', id))
}

// Rows are replaced, never changed: the same object is the same fact. The numbers of tasks tell of new and ended ones.
const holds = (tx: Transaction, snapshot: Snapshot, { stop, settle, served }: Plan): boolean => {
  const { service, deployments: planned, open, live, ended, forwardings = NO_FORWARDINGS } = snapshot
  return (
    tx.get(services, service.arn) === service &&
    tx.count(deployments, 'liveByService', service.arn) === planned.length &&
    planned.every(deployment => tx.get(deployments, deployment.id) === deployment) &&
    tx.count(serviceDeployments, 'openByService', service.arn) === open.length &&
    open.every(one => tx.get(serviceDeployments, serviceDeployments.key(one)) === one) &&
    tx.count(tasks, 'liveByService', service.arn) === live.length &&
    tx.count(tasks, 'unsettledByService', service.arn) === ended.length &&
    stop.every(({ task }) => tx.get(tasks, task.arn) === task) &&
    settle.every(task => tx.get(tasks, task.arn) === task) &&
    served.every(task => tx.get(tasks, task.arn) === task) &&
    [...forwardings.values()].every(({ rule }) => tx.get(rules, ruleKey(rule)) === rule)
  )
}
