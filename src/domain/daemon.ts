// A daemon: one task on every container instance of the capacity providers that it names. Its row is a service's with the
// scheduling strategy DAEMON and these fields beside, its revisions and rollouts are a service's too; none of the operations on
// services shows them. On AWS it drains each instance and starts a new machine in its place; a machine that somebody owns stays,
// and so do its other tasks: the daemon's task is replaced in place.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
import type { Service } from './service.ts'

/** What a revision of a daemon says beside its task definition. */
export type DaemonRevisionFields = {
  /** Names, not ARNs. */
  readonly capacityProviders: readonly string[]
  /** No other task is placed on an instance on which the daemon's does not run. */
  readonly critical: boolean
}

export type DaemonFields = DaemonRevisionFields & {
  /** Of its instances, how many are without a task at a time while a new revision is rolled out; at least one is. */
  readonly drainPercent: number
  /** How long a rollout is watched once every instance has the new revision. */
  readonly bakeTimeInMinutes: number
  /** Its newest daemon deployment. */
  readonly deploymentArn: string
  readonly updatedAt: number
}

export type Daemon = Service & { readonly daemon: DaemonFields }

export const isDaemon = (service: Service): service is Daemon => service.daemon !== undefined

/** The group of a service's or daemon's tasks: what spread counts by, and what tasks are shown with. */
export const taskGroupOf = ({ name, daemon }: Pick<Service, 'name' | 'daemon'>): string =>
  `${daemon === undefined ? 'service' : 'daemon'}:${name}`
