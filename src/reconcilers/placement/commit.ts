// Makes a placement plan so, in one transaction. What each placement rested on is looked at again: the task still waits,
// the instance still has room. After: the dispatcher sends the tasks to their instances' agents.

import { freeGpus, withGpus } from '../../domain/gpu.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import { changeTask, hasNoHostYet, type Task } from '../../domain/task.ts'
import type { Ids } from '../../lib/ids.ts'
import { candidateOf } from '../../scheduler/candidates.ts'
import { closest, explainRefusals, unableToPlaceEvent } from '../../scheduler/explain.ts'
import { refusalOf } from '../../scheduler/filters.ts'
import { placementRequestOf } from '../../scheduler/request.ts'
import { occupancyOf } from '../../store/occupancy.ts'
import type { Transaction } from '../../store/store.ts'
import { containerInstances, deployments, services, tasks } from '../../store/tables.ts'
import { withNotice, withoutNotice } from '../notices.ts'
import { tellEvents } from '../service-events.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import type { Placed, PlacementPlan, Refused } from './plan.ts'

export type PlacementOutcome = { readonly placed: number; readonly explained: number; readonly again: boolean }

/** `complete`: refusals are the whole answer and are told. `explainLimit`: task rows that get a new explanation. */
export const commitPlacements = (
  tx: Transaction,
  plan: PlacementPlan,
  { complete, explainLimit, ids, now }: { complete: boolean; explainLimit: number; ids: Ids; now: number },
): PlacementOutcome => {
  const placed = plan.placed.filter(one => putOnto(tx, one))
  const still = new Set(plan.refused.flatMap(({ tasks: [first] }) => first?.deploymentId ?? []))
  for (const [serviceArn, own] of Map.groupBy(placed, ({ task }) => task.serviceArn ?? '')) {
    const service = tx.get(services, serviceArn)
    if (service !== undefined) tellEvents(tx, ids, serviceArn, startedEvents(service, own), now)
    for (const id of new Set(own.map(({ task }) => task.deploymentId ?? ''))) if (!still.has(id)) takeBack(tx, id)
  }
  let explained = 0
  let wanted = 0
  const told = new Set<string>()
  for (const refused of complete ? plan.refused : []) {
    // Capacity providers of one deployment may refuse for different reasons: the first speaks, so that none is told anew each time.
    const [{ deploymentId = '', madeForZone } = {}] = refused.tasks
    // Of a zone without room the deployment loop tells, which gives up on it.
    if (!told.has(deploymentId) && madeForZone === undefined) {
      tellRefusal(tx, refused, ids, now)
      told.add(deploymentId)
    }
    const text = explainRefusals(refused.refusals)
    const stale = refused.tasks.filter(task => task.placementExplanation !== text && tx.get(tasks, task.arn) === task)
    wanted += stale.length
    for (const task of stale.slice(0, explainLimit - explained)) {
      tx.put(tasks, { ...task, placementExplanation: text })
      explained++
    }
  }
  return {
    placed: placed.length,
    explained,
    again: plan.again || placed.length < plan.placed.length || explained < wanted,
  }
}

const putOnto = (tx: Transaction, { task, instanceArn }: Placed): boolean => {
  const instance = tx.get(containerInstances, instanceArn)
  if (instance === undefined || tx.get(tasks, task.arn) !== task) return false
  if (task.madeForZone !== undefined && task.madeForZone !== instance.availabilityZone) return false
  const request = placementRequestOf(task, taskDefinitionOf(tx, task.taskDefinitionArn), 0)
  const candidate = candidateOf(instance, `${task.clusterArn}|${task.group}`, occupancyOf(tx))
  if (refusalOf(request, candidate) !== undefined) return false
  const { placementExplanation: _, ...waiting } = task
  const { availabilityZone } = instance
  const host = { containerInstanceArn: instanceArn, availabilityZone, lastStatus: 'PENDING' } as const
  const gpus = withGpus(waiting, freeGpus(instance, tx.sum(tasks, 'usage', instanceArn)))
  tx.put(tasks, changeTask(gpus, host))
  return true
}

// What evens out the zones is told apart, for each zone.
const startedEvents = ({ name }: Pick<Service, 'name'>, placed: readonly Placed[]): string[] =>
  [...Map.groupBy(placed, ({ task }) => task.madeForZone)].map(([zone, own]) => {
    const what = zone === undefined ? 'tasks' : `tasks in ${zone} to AZ Rebalance`
    return `(service ${name}) has started ${own.length} ${what}: ${own.map(({ task }) => `(task ${task.id})`).join(' ')}.`
  })

// Said once for a deployment, and again when the reason is another one; which instance is the closest may change unsaid.
const tellRefusal = (tx: Transaction, { tasks: [task], refusals }: Refused, ids: Ids, now: number): void => {
  const service = tx.get(services, task?.serviceArn ?? '')
  const deployment = tx.get(deployments, task?.deploymentId ?? '')
  if (task === undefined || service === undefined || deployment === undefined) return
  const told = withNotice(deployment, 'unplaced', closest(refusals)?.reason ?? 'none', now)
  if (told === undefined) return
  tx.put(deployments, told)
  tellEvents(tx, ids, service.arn, [unableToPlaceEvent(service.name, task, refusals)], now)
}

const takeBack = (tx: Transaction, deploymentId: string): void => {
  const deployment: Deployment | undefined = tx.get(deployments, deploymentId)
  if (deployment === undefined) return
  const quiet = withoutNotice(deployment, 'unplaced')
  if (quiet !== deployment) tx.put(deployments, quiet)
}

export const isUnplaced = (task: Task): boolean => hasNoHostYet(task) && task.desiredStatus === 'RUNNING'
