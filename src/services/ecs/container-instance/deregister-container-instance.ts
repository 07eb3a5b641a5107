// DeregisterContainerInstance: a host leaves its cluster. With `force` it may leave with tasks on it: as on ECS these are
// orphans from then on. Nobody watches them any more, so that their rows end here, and services replace theirs; what runs
// on the host goes on until its agent or its owner ends it. After: the dispatcher closes the agent's link.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterContainerInstance.html
import type { DeregisterContainerInstanceRequest, DeregisterContainerInstanceResponse } from '@aws-sdk/client-ecs'
import { changeTask, stopTask } from '../../../domain/task.ts'
import type { Transaction } from '../../../store/store.ts'
import { containerInstances, tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeContainerInstance } from './describe.ts'

const WHY = { stopCode: 'UserInitiated', stoppedReason: 'Container instance deregistration forced by user' } as const

export const deregisterContainerInstance: EcsOperation<
  DeregisterContainerInstanceRequest,
  DeregisterContainerInstanceResponse
> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const instance = findContainerInstance(tx, request, cluster, input.containerInstance ?? '')
      if (!instance) throw invalid('The referenced container instance was not found.')
      const show = { tags: true }
      if (instance.status === 'INACTIVE') return { containerInstance: describeContainerInstance(tx, instance, show) }
      if (tx.count(tasks, 'liveByInstance', instance.arn) > 0) {
        if (!input.force) throw invalid('Found running tasks on the instance.')
        orphanTasks(tx, instance.arn, clock.now())
      }
      const gone = { status: 'INACTIVE', inactiveAt: clock.now(), agentConnected: false } as const
      const left = { ...instance, ...gone, version: instance.version + 1 }
      tx.put(containerInstances, left)
      return { containerInstance: describeContainerInstance(tx, left, show) }
    })

const orphanTasks = (tx: Transaction, instanceArn: string, now: number): void => {
  // The containers keep what was last seen of them.
  for (const task of [...tx.byIndex(tasks, 'liveByInstance', instanceArn)])
    tx.put(tasks, changeTask(stopTask(task, WHY, now, false), { lastStatus: 'STOPPED', stoppedAt: now }))
}
