// UpdateTaskProtection: keeps tasks of services from being stopped by scale-in and deployments for a while, or no longer.
// What a user asks by StopTask, a failing health check and a draining instance stop it all the same. After: the deployment loop.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
import type {
  Failure,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs'
import { isProtected, isStopped, type Task } from '../../../domain/task.ts'
import type { Reader } from '../../../store/store.ts'
import { services, tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findTask, taskArnFor } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeProtection, isOfAService, notOfAService } from './describe.ts'

const MAX_TASKS = 10
const MAX_MINUTES = 2_880
const USUAL_MINUTES = 120

export const updateTaskProtection: EcsOperation<UpdateTaskProtectionRequest, UpdateTaskProtectionResponse> =
  ({ store, clock }) =>
  (request, input) => {
    const asked = input.tasks ?? []
    if (asked.length === 0) throw invalid('Tasks cannot be empty.')
    if (asked.length > MAX_TASKS) throw invalid(`At most ${MAX_TASKS} tasks can be protected at a time.`)
    const minutes = input.expiresInMinutes ?? USUAL_MINUTES
    if (minutes < 1 || minutes > MAX_MINUTES) throw invalid(`expiresInMinutes must be from 1 to ${MAX_MINUTES}.`)
    return store.write(tx => {
      const now = clock.now()
      const cluster = findCluster(tx, request, input.cluster)
      const protectedTasks: ProtectedTask[] = []
      const failures: Failure[] = []
      for (const identifier of asked) {
        const task = findTask(tx, request, cluster, identifier)
        const failure = task
          ? whyNot(tx, task, input.protectionEnabled ?? false, now)
          : { arn: taskArnFor(request, cluster, identifier), reason: 'MISSING' }
        if (!task || failure) failures.push(failure ?? {})
        else {
          const changed = withProtection(task, input.protectionEnabled ? now + minutes * 60_000 : undefined)
          tx.put(tasks, changed)
          protectedTasks.push(describeProtection(changed, now))
        }
      }
      return { protectedTasks, failures }
    })
  }

const withProtection = (task: Task, until: number | undefined): Task => {
  const { protectedUntil: _, ...rest } = task
  return until === undefined ? rest : { ...rest, protectedUntil: until }
}

const whyNot = (reader: Reader, task: Task, protect: boolean, now: number): Failure | undefined => {
  if (task.serviceArn === undefined || !isOfAService(task) || isStopped(task)) return notOfAService(task)
  if (!protect || protectedBeside(reader, task, now) < (reader.get(services, task.serviceArn)?.desiredCount ?? 0))
    return undefined
  return {
    arn: task.arn,
    reason: 'DEPLOYMENT_BLOCKED',
    detail: 'The service would have more protected tasks than its desired count of tasks.',
  }
}

const protectedBeside = (reader: Reader, { serviceArn, arn }: Task, now: number): number => {
  let count = 0
  for (const other of reader.byIndex(tasks, 'byServiceDesired', `${serviceArn}|RUNNING`))
    if (other.arn !== arn && isProtected(other, now)) count++
  return count
}
