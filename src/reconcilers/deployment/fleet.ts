// The tasks of one deployment as the plan sees them: what each is worth now. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (when a task is healthy)
import type { Deployment, Service } from '../../domain/service.ts'
import { rankOf, type Task } from '../../domain/task.ts'
import { NO_SERVINGS, type Serving, type Servings, type Trouble } from './serving.ts'

/** What the plan knows of a container instance. */
export type Host = {
  /** DRAINING: its tasks of services are to be moved. */
  readonly draining: boolean
  readonly lost: boolean
  /** For a DAEMON service: a task of it belongs here. */
  readonly fits: boolean
  /** Tasks of services that are not daemons are still here. */
  readonly busy: boolean
  /** CPU units and MiB that no task has. */
  readonly cpuLeft: number
  readonly memoryLeft: number
}

/** By ARN. */
export type Hosts = ReadonlyMap<string, Host>

export const NO_HOSTS: Hosts = new Map()

/** Tasks whose desired status is RUNNING, by what they are worth; and those on their way out. */
export type Fleet = {
  readonly deployment: Deployment
  readonly healthy: readonly Task[]
  /** RUNNING, but not healthy yet: its check has not passed, or it has not run long enough. */
  readonly maturing: readonly Task[]
  readonly pending: readonly Task[]
  readonly unhealthy: readonly Task[]
  /** Healthy, but on an instance that is draining: serves until another does in its place. */
  readonly moving: readonly Task[]
  /** Not RUNNING yet, on an instance that is draining. */
  readonly misplaced: readonly Task[]
  /** On an instance that is lost: nobody knows whether it serves, so it counts for nothing. */
  readonly lost: readonly Task[]
  /** Asked to stop, by whoever, and not STOPPED yet; without those that nobody can see. */
  readonly stopping: readonly Task[]
  /** Of tasks that are not healthy because of a load balancer: what it says, by task ARN. */
  readonly troubles: ReadonlyMap<string, Trouble>
  /** Whose targets are healthy, all of them, and never were before. */
  readonly served: readonly Task[]
  /** When the first of its unhealthy tasks has no grace left. */
  readonly graceEndsAt?: number
  /** When maturing tasks will count as healthy by time alone: the first of them, and the last. */
  readonly ripe?: { readonly firstAt: number; readonly lastAt: number }
}

type Worth = Exclude<keyof Fleet, 'deployment' | 'troubles' | 'served' | 'graceEndsAt' | 'ripe'> | 'nothing'

/** What is known beside the tasks' own rows. */
export type Around = { readonly hosts?: Hosts; readonly servings?: Servings | undefined }

export const fleetOf = (
  service: Service,
  deployment: Deployment,
  tasks: readonly Task[],
  now: number,
  healthyAfterMs: number,
  { hosts = NO_HOSTS, servings = NO_SERVINGS }: Around = {},
): Fleet => {
  const by: Record<Worth, Task[]> = {
    healthy: [],
    maturing: [],
    pending: [],
    unhealthy: [],
    moving: [],
    misplaced: [],
    lost: [],
    stopping: [],
    nothing: [],
  }
  // What stood before counts as it did: only a rollout waits to see whether its tasks stay up, be it one that was given up.
  const rolledOut = deployment.rolloutState === 'COMPLETED'
  const settleMs = rolledOut ? 0 : healthyAfterMs
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000
  const troubles = new Map<string, Trouble>()
  const served: Task[] = []
  let graceEndsAt = Number.POSITIVE_INFINITY
  let ripe: Fleet['ripe']
  for (const task of tasks) {
    const serving = servings.get(task.arn)
    if (serving?.trouble !== undefined) troubles.set(task.arn, serving.trouble)
    if (serving?.state === 'healthy' && task.servedAt === undefined) served.push(task)
    const judged = worthOf(task, now, { settleMs, graceMs, serving, rolledOut })
    by[standing(judged.worth, hosts.get(task.containerInstanceArn ?? ''))].push(task)
    const { ripeAt } = judged
    if (judged.graceEndsAt !== undefined) graceEndsAt = Math.min(graceEndsAt, judged.graceEndsAt)
    if (ripeAt !== undefined) {
      if (ripe === undefined) ripe = { firstAt: ripeAt, lastAt: ripeAt }
      else if (ripeAt < ripe.firstAt) ripe = { ...ripe, firstAt: ripeAt }
      else if (ripeAt > ripe.lastAt) ripe = { ...ripe, lastAt: ripeAt }
    }
  }
  const { nothing: _, ...fleet } = by
  return {
    deployment,
    ...fleet,
    troubles,
    served,
    ...(Number.isFinite(graceEndsAt) ? { graceEndsAt } : {}),
    ...(ripe === undefined ? {} : { ripe }),
  }
}

type Judging = {
  readonly settleMs: number
  readonly graceMs: number
  readonly serving: Serving | undefined
  /** The deployment is COMPLETED. */
  readonly rolledOut: boolean
}

const worthOf = (
  task: Task,
  now: number,
  { settleMs, graceMs, serving, rolledOut }: Judging,
): { readonly worth: Worth; readonly graceEndsAt?: number; readonly ripeAt?: number } => {
  const lost = task.connectivity === 'DISCONNECTED'
  if (task.desiredStatus === 'STOPPED') return { worth: lost ? 'nothing' : 'stopping' }
  if (lost) return { worth: 'lost' }
  if (task.lastStatus !== 'RUNNING') return { worth: 'pending' }
  const startedAt = task.startedAt ?? now
  if (task.healthStatus === 'UNHEALTHY' || serving?.state === 'unhealthy')
    return now < startedAt + graceMs ? { worth: 'maturing', graceEndsAt: startedAt + graceMs } : { worth: 'unhealthy' }
  if (serving !== undefined && !countsAsServing(task, serving, rolledOut)) return { worth: 'maturing' }
  if (task.containers.some(container => container.essential && container.hasHealthCheck))
    return { worth: task.healthStatus === 'HEALTHY' ? 'healthy' : 'maturing' }
  if (serving !== undefined) return { worth: 'healthy' }
  return now < startedAt + settleMs ? { worth: 'maturing', ripeAt: startedAt + settleMs } : { worth: 'healthy' }
}

// What was healthy once counts as it did until a check says otherwise: a load balancer that starts anew, or has lost its
// listener, is no reason to move tasks.
const countsAsServing = (task: Task, { state }: Serving, rolledOut: boolean): boolean =>
  state === 'healthy' || task.servedAt !== undefined || (state === 'unchecked' && rolledOut)

const standing = (worth: Worth, host: Host | undefined): Worth => {
  if (!host?.draining) return worth
  if (worth === 'healthy') return 'moving'
  return worth === 'pending' ? 'misplaced' : worth
}

/** Tasks that serve, or will, and may stay: everything wanted but the unhealthy and those that are to be moved. */
export const goodOf = (fleet: Fleet): number => fleet.healthy.length + fleet.maturing.length + fleet.pending.length

/** Tasks that serve now. */
export const servingOf = (fleet: Fleet): number => fleet.healthy.length + fleet.moving.length

export const wantedOf = (fleet: Fleet): number =>
  goodOf(fleet) + fleet.unhealthy.length + fleet.moving.length + fleet.misplaced.length

/** True while a task is RUNNING, or not there yet, by what was last observed: a task counts until its stop has begun. */
export const isUp = (task: Task): boolean =>
  rankOf(task.lastStatus) <= rankOf('RUNNING') && task.connectivity !== 'DISCONNECTED'

/**
 * What counts against the maximum: tasks RUNNING or PENDING, as AWS words it. One that this loop asked to stop counts until
 * the stop has begun; one that ended by itself does not, so that its replacement need not wait; nor does one that is lost.
 */
export const occupiedBy = (fleet: Fleet): number => wantedOf(fleet) + leavingOf(fleet).length

/** Asked to stop by this loop, still up. */
export const leavingOf = (fleet: Fleet): readonly Task[] =>
  fleet.stopping.filter(task => task.stopCode === 'ServiceSchedulerInitiated' && isUp(task))
