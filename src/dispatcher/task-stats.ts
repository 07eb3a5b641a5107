// The latest metrics of each task's containers, in memory only: metrics are no rows of the store, and agents send them again
// every 20 s. Before: telemetry.ts puts them in, start.ts drops a task's when it stops. After: whoever asks the dispatcher.
import type { ContainerMetric } from '../agent-link/tcs.ts'

export type TaskStats = {
  /** When the agent took them; milliseconds since the epoch. */
  readonly at: number
  readonly containers: readonly ContainerMetric[]
}

export type TaskStatsMap = {
  readonly get: (taskArn: string) => TaskStats | undefined
  /** Left out when it would be one task too many. */
  readonly put: (taskArn: string, stats: TaskStats) => void
  readonly drop: (taskArn: string) => void
}

export const taskStatsMap = (most: number): TaskStatsMap => {
  const byTask = new Map<string, TaskStats>()
  return {
    get: arn => byTask.get(arn),
    put: (arn, stats) => {
      if (byTask.size < most || byTask.has(arn)) byTask.set(arn, stats)
    },
    drop: arn => {
      byTask.delete(arn)
    },
  }
}
