// What UpdateTaskProtection and GetTaskProtection answer about a task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
import type { Failure, ProtectedTask } from '@aws-sdk/client-ecs'
import { isDaemonArn } from '../../../domain/arn.ts'
import { isProtected, type Task } from '../../../domain/task.ts'

export const describeProtection = (task: Task, now: number): ProtectedTask => {
  const { protectedUntil } = task
  const protectionEnabled = isProtected(task, now)
  return {
    taskArn: task.arn,
    protectionEnabled,
    ...(protectionEnabled && protectedUntil !== undefined ? { expirationDate: new Date(protectedUntil) } : {}),
  }
}

/** A daemon's task is none of a service's. */
export const isOfAService = ({ serviceArn }: Pick<Task, 'serviceArn'>): boolean =>
  serviceArn !== undefined && !isDaemonArn(serviceArn)

export const notOfAService = ({ arn }: Task): Failure => ({
  arn,
  reason: 'TASK_NOT_VALID',
  detail: 'Only tasks of a service that have not stopped can be protected.',
})
