// Deregisters the simulated container instances of an earlier process: their tasks lived in that process and are gone, so
// they are STOPPED, and services replace them. Before: roles/, at the start of `stowage up`. After: the deployment loop.
import { changeTask, isStopped, stopTask } from '../../../domain/task.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Store } from '../../../store/store.ts'
import { containerInstances, tasks } from '../../../store/tables.ts'

export const forgetSimulatedInstances = (store: Store, clock: Clock, attribute: string): Promise<void> =>
  store.write(tx => {
    const now = clock.now()
    const simulated = [...tx.all(containerInstances)].filter(
      row => row.status !== 'INACTIVE' && row.attributes.some(({ name }) => name === attribute),
    )
    for (const instance of simulated) {
      tx.put(containerInstances, {
        ...instance,
        status: 'INACTIVE',
        inactiveAt: now,
        agentConnected: false,
        version: instance.version + 1,
      })
      for (const task of [...tx.byIndex(tasks, 'liveByInstance', instance.arn)]) {
        const why = { stopCode: 'TerminationNotice', stoppedReason: 'Host terminated.' } as const
        const asked = stopTask(task, why, now, false)
        if (isStopped(asked)) tx.put(tasks, asked)
        else {
          const containers = asked.containers.map(container => ({ ...container, lastStatus: 'STOPPED' as const }))
          tx.put(tasks, changeTask(asked, { lastStatus: 'STOPPED', stoppedAt: now, containers }))
        }
      }
    }
  })
