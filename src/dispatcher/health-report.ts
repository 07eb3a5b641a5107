// What an agent's health report changes: the rows of those tasks whose health is another than before. Believes an agent about
// tasks on its own instance only, and about containers that have a health check.
// Before: telemetry.ts. After: the deployment loop, which waits for health and replaces the unhealthy.
import type { PublishHealthRequest } from '../agent-link/tcs.ts'
import { changeTask, healthOf, isStopped, type Task } from '../domain/task.ts'
import type { Reader } from '../store/store.ts'
import { tasks } from '../store/tables.ts'

export const healthChanges = (
  reader: Reader,
  instanceArn: string,
  reported: PublishHealthRequest['tasks'],
): readonly Task[] =>
  reported.flatMap(report => {
    const task = reader.get(tasks, report.taskArn)
    if (!task || task.containerInstanceArn !== instanceArn || isStopped(task)) return []
    const said = new Map(report.containers.map(container => [container.containerName, container.healthStatus]))
    const containers = task.containers.map(container => {
      const healthStatus = container.hasHealthCheck ? said.get(container.name) : undefined
      return healthStatus === undefined || healthStatus === container.healthStatus
        ? container
        : { ...container, healthStatus }
    })
    if (containers.every((container, at) => container === task.containers[at])) return []
    return [changeTask(task, { containers, healthStatus: healthOf(containers) })]
  })
