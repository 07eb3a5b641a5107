// How many instances run a daemon's revision, by capacity provider, and how many run without it: counted from its tasks and its
// providers' instances as they are now.
import { capacityProviderArn, scopeOf } from '../../../domain/arn.ts'
import { providerKey } from '../../../domain/capacity-provider.ts'
import type { Daemon } from '../../../domain/daemon.ts'
import { deploymentIdOf } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances, serviceRevisions, tasks } from '../../../store/tables.ts'

export type ProviderCount = {
  /** The capacity provider's ARN. */
  readonly arn: string
  readonly running: number
  /** Its task is on its way out. */
  readonly draining: number
  readonly without: number
}

/** In the order in which the revision names its providers. */
export const countsOf = (reader: Reader, daemon: Daemon, revisionArn: string): readonly ProviderCount[] => {
  const revision = reader.get(serviceRevisions, revisionArn)
  const id = deploymentIdOf(revisionArn)
  const counts = new Map((revision?.daemon?.capacityProviders ?? []).map(name => [name, { running: 0, draining: 0 }]))
  const served = new Set<string>()
  for (const task of reader.byIndex(tasks, 'liveByService', daemon.arn)) {
    const runs = task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING'
    if (runs) served.add(task.containerInstanceArn ?? '')
    const count = counts.get(task.capacityProviderName ?? '')
    if (count === undefined || task.deploymentId !== id) continue
    if (runs) count.running++
    else if (task.desiredStatus === 'STOPPED') count.draining++
  }
  const scope = scopeOf(daemon.arn)
  // Of a critical daemon nothing else is placed on an instance that it does not run on: it counts as not there yet.
  const isOptional = revision?.daemon?.critical === false
  return [...counts].map(([name, count]) => ({
    arn: capacityProviderArn(scope, name),
    ...count,
    without: isOptional ? withoutDaemon(reader, daemon, name, served) : 0,
  }))
}

const withoutDaemon = (reader: Reader, daemon: Daemon, provider: string, served: ReadonlySet<string>): number =>
  Iterator.from(reader.byIndex(containerInstances, 'byCapacityProvider', providerKey(daemon.clusterArn, provider)))
    .filter(({ arn, status }) => status === 'ACTIVE' && !served.has(arn))
    .reduce(count => count + 1, 0)
