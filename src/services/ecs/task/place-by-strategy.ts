// Places RunTask's tasks by its capacity provider strategy: shares them out among the providers, then places each one's like
// any other. What finds no room with an operator's own provider waits in PROVISIONING for an instance of it, as on AWS, where
// ECS may be starting one; FARGATE capacity that is not there is a failure. After: the placement loop, for those that wait.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
import { isFargateProvider } from '../../../domain/capacity-provider.ts'
import { newTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import type { Ids } from '../../../lib/ids.ts'
import { providersFor } from '../../../scheduler/distribute.ts'
import type { Transaction } from '../../../store/store.ts'
import { tasks } from '../../../store/tables.ts'
import { identity, type Placed, placeTasks, type TaskPlan } from './place-tasks.ts'

/** Tasks of a cluster that may wait in PROVISIONING: AWS's quota. https://docs.aws.amazon.com/general/latest/gr/ecs-service.html */
const MAX_WAITING = 500

export const placeByStrategy = (tx: Transaction, ids: Ids, plan: TaskPlan, count: number): Placed => {
  const { capacityProviderStrategy } = plan
  if (!capacityProviderStrategy) return placeTasks(tx, ids, plan, count)
  const providers = providersFor(capacityProviderStrategy, count, ids.fraction())
  const parts = [...Map.groupBy(providers, name => name)].map(([capacityProviderName, { length }]) =>
    placeWith(tx, ids, { ...plan, capacityProviderName }, capacityProviderName, length),
  )
  return { placed: parts.flatMap(part => part.placed), failures: parts.flatMap(part => part.failures) }
}

const placeWith = (tx: Transaction, ids: Ids, plan: TaskPlan, provider: string, count: number): Placed => {
  const { placed, failures } = placeTasks(tx, ids, plan, count)
  const missing = count - placed.length
  if (missing === 0 || isFargateProvider(provider)) return { placed, failures }
  const room = Math.max(0, MAX_WAITING - tx.count(tasks, 'unplaced', plan.clusterArn))
  const waiting = Array.from(
    { length: Math.min(missing, room) },
    (): Task => newTask({ ...plan, ...identity(ids, plan) }),
  )
  for (const task of waiting) tx.put(tasks, task)
  const detail = `Capacity provider ${provider} has no room, and ${MAX_WAITING} tasks of the cluster wait in PROVISIONING already.`
  return {
    placed: [...placed, ...waiting],
    failures: Array.from({ length: missing - waiting.length }, () => ({ reason: 'EMPTY CAPACITY PROVIDER', detail })),
  }
}
