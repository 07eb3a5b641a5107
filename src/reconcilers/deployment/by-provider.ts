// Which of a deployment's tasks may be the next to go, by its capacity provider strategy: those of the provider that is
// furthest beyond its share, so that base and weights hold for what remains. Pure. Before: choose-stops.ts.
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import type { Task } from '../../domain/task.ts'
import { surplusProvider } from '../../scheduler/distribute.ts'

export type ByProvider = {
  /** Of `tasks`, those of the provider that is to give one up; all of them without a strategy, or when it has none among them. */
  readonly eligible: (tasks: ReadonlySet<Task>) => Iterable<Task>
  /** Counts a task as gone. */
  readonly gone: (task: Task) => void
}

/** `wanted`: all tasks of the deployment that are to run. */
export const byProvider = (
  strategy: readonly CapacityProviderStrategyItem[] | undefined,
  wanted: readonly Task[],
): ByProvider => {
  const counts: Record<string, number> = {}
  const count = (task: Task, by: 1 | -1): void => {
    const name = task.capacityProviderName
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + by
  }
  if (strategy) for (const task of wanted) count(task, 1)
  return {
    eligible: tasks => {
      const provider = strategy && surplusProvider(strategy, counts)
      if (provider === undefined) return tasks
      const own = [...tasks].filter(task => task.capacityProviderName === provider)
      return own.length > 0 ? own : tasks
    },
    gone: task => count(task, -1),
  }
}
