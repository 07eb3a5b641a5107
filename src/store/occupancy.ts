// What runs where, as placement reads it (scheduler/facts.ts): from the sums and indexes of the tasks table.
import type { Reader } from './store.ts'
import { tasks } from './tables.ts'

/** Groups are named as in the sum `spread`: `<clusterArn>|<group>`. */
export const occupancyOf = (reader: Reader) => ({
  usageOf: (instanceArn: string) => reader.sum(tasks, 'usage', instanceArn),
  spreadOf: (group: string) => reader.sum(tasks, 'spread', group),
  /** Of the tasks that `spread` counts; a group comes as often as it has tasks there. */
  groupsOn: function* (instanceArn: string): Generator<string> {
    for (const task of reader.byIndex(tasks, 'liveByInstance', instanceArn))
      if (task.desiredStatus === 'RUNNING') yield `${task.clusterArn}|${task.group}`
  },
})
