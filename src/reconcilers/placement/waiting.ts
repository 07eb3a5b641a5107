// Who waits for what: clusters with tasks that found no host, so that an instance with room again wakes only those that it
// can help, and only itself is looked at for them. In memory: the first run of each cluster finds it out again.
import type { ContainerInstance } from '../../domain/container-instance.ts'

/** Which instances a cluster's waiting tasks are to be tried on: all, or only those that changed. */
export type Scope = 'all' | ReadonlySet<string>

export type Waiting = {
  /** Clusters with tasks that this instance may now have room for; each remembers to look at it. */
  readonly freed: (instance: ContainerInstance) => readonly string[]
  /** Other tasks of the cluster are on the instance now. True when some wait that ask which are; it is then looked at for them. */
  readonly otherTasks: (clusterArn: string, instanceArn: string) => boolean
  /** Everything is to be looked at: at start, each period, and after a run that failed. */
  readonly lookAtAll: (clusterArn: string) => void
  /** What has gathered for the cluster since the last call. */
  readonly take: (clusterArn: string) => Scope
  /** What is left waiting after a run. */
  readonly left: (clusterArn: string, kinds: KindsLeft) => void
}

export type KindsLeft = { readonly ec2: boolean; readonly fargate: boolean; readonly dependOnTasks: boolean }

export const waitingClusters = (): Waiting => {
  const ec2 = new Set<string>()
  const fargate = new Set<string>()
  const dependOnTasks = new Set<string>()
  const scopes = new Map<string, 'all' | Set<string>>()
  const note = (clusterArn: string, instanceArn: string): void => {
    const scope = scopes.get(clusterArn) ?? new Set<string>()
    scopes.set(clusterArn, scope)
    if (scope !== 'all') scope.add(instanceArn)
  }
  const keep = (set: Set<string>, clusterArn: string, waits: boolean): void => {
    if (waits) set.add(clusterArn)
    else set.delete(clusterArn)
  }
  return {
    freed: instance => {
      const woken = new Set(instance.fargateCapacity ? fargate : [])
      if (ec2.has(instance.clusterArn)) woken.add(instance.clusterArn)
      for (const clusterArn of woken) note(clusterArn, instance.arn)
      return [...woken]
    },
    otherTasks: (clusterArn, instanceArn) => {
      const waits = dependOnTasks.has(clusterArn)
      if (waits) note(clusterArn, instanceArn)
      return waits
    },
    lookAtAll: clusterArn => void scopes.set(clusterArn, 'all'),
    take: clusterArn => {
      const scope = scopes.get(clusterArn) ?? new Set<string>()
      scopes.delete(clusterArn)
      return scope
    },
    left: (clusterArn, kinds) => {
      keep(ec2, clusterArn, kinds.ec2)
      keep(fargate, clusterArn, kinds.fargate)
      keep(dependOnTasks, clusterArn, kinds.dependOnTasks)
    },
  }
}
