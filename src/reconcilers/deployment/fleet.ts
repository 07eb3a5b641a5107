// The tasks of one deployment as the plan sees them: what each is worth now. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (when a task is healthy)
import type { Deployment, Service } from '../../domain/service.ts'
import { rankOf, type Task } from '../../domain/task.ts'

/** Tasks whose desired status is RUNNING, by what they are worth; and those on their way out. */
export type Fleet = {
  readonly deployment: Deployment
  readonly healthy: readonly Task[]
  /** RUNNING, but not healthy yet: its check has not passed, or it has not run long enough. */
  readonly maturing: readonly Task[]
  readonly pending: readonly Task[]
  readonly unhealthy: readonly Task[]
  /** Asked to stop, by whoever, and not STOPPED yet. */
  readonly stopping: readonly Task[]
  /** When the first of the maturing tasks will count as healthy, or an unhealthy one's grace ends, by time alone. */
  readonly nextChangeAt?: number
}

type Worth = 'healthy' | 'maturing' | 'pending' | 'unhealthy' | 'stopping'

export const fleetOf = (
  service: Service,
  deployment: Deployment,
  tasks: readonly Task[],
  now: number,
  healthyAfterMs: number,
): Fleet => {
  const by: Record<Worth, Task[]> = { healthy: [], maturing: [], pending: [], unhealthy: [], stopping: [] }
  // What stood before counts as it did: only a rollout waits to see whether its tasks stay up.
  const settleMs = deployment.rolloutState === 'IN_PROGRESS' ? healthyAfterMs : 0
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000
  let nextChangeAt = Number.POSITIVE_INFINITY
  for (const task of tasks) {
    const { worth, until } = worthOf(task, now, settleMs, graceMs)
    by[worth].push(task)
    if (until !== undefined) nextChangeAt = Math.min(nextChangeAt, until)
  }
  return { deployment, ...by, ...(Number.isFinite(nextChangeAt) ? { nextChangeAt } : {}) }
}

const worthOf = (
  task: Task,
  now: number,
  settleMs: number,
  graceMs: number,
): { readonly worth: Worth; readonly until?: number } => {
  if (task.desiredStatus === 'STOPPED') return { worth: 'stopping' }
  if (task.lastStatus !== 'RUNNING') return { worth: 'pending' }
  const startedAt = task.startedAt ?? now
  if (task.healthStatus === 'UNHEALTHY')
    return now < startedAt + graceMs ? { worth: 'maturing', until: startedAt + graceMs } : { worth: 'unhealthy' }
  if (task.containers.some(container => container.essential && container.hasHealthCheck))
    return { worth: task.healthStatus === 'HEALTHY' ? 'healthy' : 'maturing' }
  return now < startedAt + settleMs ? { worth: 'maturing', until: startedAt + settleMs } : { worth: 'healthy' }
}

/** Tasks that serve, or will: everything wanted but the unhealthy. */
export const goodOf = (fleet: Fleet): number => fleet.healthy.length + fleet.maturing.length + fleet.pending.length

export const wantedOf = (fleet: Fleet): number => goodOf(fleet) + fleet.unhealthy.length

/** True while a task is RUNNING, or not there yet, by what was last observed: a task counts until its stop has begun. */
export const isUp = (task: Task): boolean => rankOf(task.lastStatus) <= rankOf('RUNNING')

/**
 * What counts against the maximum: tasks RUNNING or PENDING, as AWS words it. One that this loop asked to stop counts until
 * the stop has begun; one that ended by itself does not, so that its replacement need not wait.
 */
export const occupiedBy = (fleet: Fleet): number => wantedOf(fleet) + leavingOf(fleet).length

/** Asked to stop by this loop, still up. */
export const leavingOf = (fleet: Fleet): readonly Task[] =>
  fleet.stopping.filter(task => task.stopCode === 'ServiceSchedulerInitiated' && isUp(task))
