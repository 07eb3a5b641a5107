// What runs where, as placement reads it (scheduler/facts.ts): from the sums and indexes of the tasks table, and which daemons an
// instance is still to have.
import { capacityProviderOf } from '../domain/capacity-provider.ts'
import type { ContainerInstance } from '../domain/container-instance.ts'
import type { Service } from '../domain/service.ts'
import type { Task } from '../domain/task.ts'
import type { Reader } from './store.ts'
import { countsInSpread, countsInZone, services, tasks } from './tables.ts'

/** Groups are named as in the sum `spread`: `<clusterArn>|<group>`. */
export const occupancyOf = (reader: Reader) => ({
  usageOf: (instanceArn: string) => reader.sum(tasks, 'usage', instanceArn),
  spreadOf: (group: string) => reader.sum(tasks, 'spread', group),
  /** Of the tasks that `spread` counts; a group comes as often as it has tasks there. */
  groupsOn: function* (instanceArn: string): Generator<string> {
    for (const task of reader.byIndex(tasks, 'liveByInstance', instanceArn))
      if (task.desiredStatus === 'RUNNING') yield `${task.clusterArn}|${task.group}`
  },
  awaitedDaemon: awaitedDaemonOf(reader),
})

/**
 * Where a service's tasks of one deployment stand, named as in `spread`; undefined when all that it has are of this one. Added up
 * anew: sums of it would be kept for every task, and serve only while a service is deployed.
 */
export const deploymentSpreadOf = (
  reader: Reader,
  { serviceArn = '', deploymentId = '' }: Pick<Task, 'serviceArn' | 'deploymentId'>,
): { readonly deploymentId: string; readonly spread: Record<string, number> } | undefined => {
  const [own, all] = [reader.sum(tasks, 'byDeployment', deploymentId), reader.sum(tasks, 'byService', serviceArn)]
  if (liveIn(own) === liveIn(all)) return undefined
  const spread: Record<string, number> = {}
  const add = (name: string): void => {
    spread[name] = (spread[name] ?? 0) + 1
  }
  for (const task of reader.byIndex(tasks, 'liveByService', serviceArn)) {
    if (task.deploymentId !== deploymentId || !countsInSpread(task)) continue
    add(`instance:${task.containerInstanceArn}`)
    if (countsInZone(task)) add(`zone:${task.availabilityZone}`)
  }
  return { deploymentId, spread }
}

const liveIn = ({ running = 0, pending = 0, stopping = 0 }: Readonly<Record<string, number>>): number =>
  running + pending + stopping

// The daemons of a cluster are read once, and only where there are any: this is asked for every instance of a placement.
const awaitedDaemonOf = (reader: Reader) => {
  let known: { readonly clusterArn: string; readonly daemons: readonly Service[] } | undefined
  const daemonsOf = (clusterArn: string): readonly Service[] => {
    if (known?.clusterArn !== clusterArn)
      known = { clusterArn, daemons: [...reader.byIndex(services, 'criticalDaemons', clusterArn)] }
    return known.daemons
  }
  return (instance: ContainerInstance): string | undefined => {
    const daemons = daemonsOf(instance.clusterArn)
    if (daemons.length === 0) return undefined
    const provider = capacityProviderOf(instance) ?? ''
    const usage = reader.sum(tasks, 'usage', instance.arn)
    return daemons.find(({ arn, daemon }) => daemon?.capacityProviders.includes(provider) && !usage[`daemon:${arn}`])
      ?.name
  }
}
