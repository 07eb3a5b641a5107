// What an agent must be told about a task, by the task's row alone: level, not edge. What an agent knows is never recorded;
// what its reports made of the row says it. Before: the store's watch, or the rows of an instance when its agent connects.
// After: session.ts, which sends it.
import { isStopped, isToStop, type Task } from '../domain/task.ts'

/**
 * RUNNING until the agent says that it runs, STOPPED until it says that it stopped; undefined when nothing is owed. A task that
 * is DEACTIVATING still answers requests: its agent hears of the stop when it is STOPPING.
 */
export const owedTo = (task: Task): 'RUNNING' | 'STOPPED' | undefined => {
  if (task.containerInstanceArn === undefined || isStopped(task)) return undefined
  if (isToStop(task)) return 'STOPPED'
  return task.desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING' ? 'RUNNING' : undefined
}
