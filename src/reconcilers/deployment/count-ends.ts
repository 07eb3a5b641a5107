// Counts tasks that ended into their deployments, each exactly once (`settled`), and says how long a deployment that keeps
// failing waits. Pure. A task is counted as soon as it is known to have ended, which may be before it is STOPPED: its
// replacement is started then, and the wait must be known by then.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
import type { Deployment } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import type { DeploymentSettings } from './settings.ts'

export type Counted = {
  readonly deployments: readonly Deployment[]
  /** Tasks that are counted now. */
  readonly settle: readonly Task[]
}

/** `live`: not STOPPED; `ended`: STOPPED and not counted yet. */
export const countEnds = (
  deployments: readonly Deployment[],
  live: readonly Task[],
  ended: readonly Task[],
  now: number,
  settings: DeploymentSettings,
): Counted => {
  const byId = new Map(deployments.map(deployment => [deployment.id, deployment]))
  const settle = [
    ...ended,
    ...live.filter(task => task.desiredStatus === 'STOPPED' && !task.settled && endedItself(task)),
  ]
  const change = (task: Task, step: (deployment: Deployment) => Deployment): void => {
    const deployment = byId.get(task.deploymentId ?? '')
    if (deployment !== undefined) byId.set(deployment.id, step(deployment))
  }
  // Good news first: a task that came up after the last failure ends the row that the next failure would continue.
  const failed = deployments.some(({ lastFailureAt, lastCrashAt }) => (lastFailureAt ?? lastCrashAt) !== undefined)
  for (const task of failed ? [...live, ...ended] : [])
    change(task, deployment => withSuccess(deployment, task, now, settings))
  for (const task of settle) if (endedItself(task)) change(task, deployment => withEnd(deployment, task, now, settings))
  return { deployments: deployments.map(({ id }) => withWait(byId.get(id), settings)).filter(isThere), settle }
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

/** Not by this loop's doing or a user's: those ends say nothing about the task. */
export const endedItself = (task: Task): boolean =>
  task.stopCode === 'EssentialContainerExited' || task.stopCode === 'TaskFailedToStart'

export const endOf = (task: Task, now: number): number => task.stoppingAt ?? task.stoppedAt ?? now

const withSuccess = (deployment: Deployment, task: Task, now: number, settings: DeploymentSettings): Deployment => {
  const { startedAt } = task
  if (startedAt === undefined) return deployment
  let changed = deployment
  if (changed.lastFailureAt !== undefined && startedAt >= changed.lastFailureAt) {
    const { lastFailureAt: _, ...rest } = changed
    changed = { ...rest, consecutiveFailures: 0 }
  }
  const upUntil = task.desiredStatus === 'STOPPED' ? endOf(task, now) : now
  const stayedUp = upUntil - startedAt >= settings.crashes.withinMs
  if (changed.lastCrashAt !== undefined && startedAt >= changed.lastCrashAt && stayedUp) {
    const { lastCrashAt: _, consecutiveCrashes: __, ...rest } = changed
    changed = rest
  }
  return changed
}

// Tasks that were made before the last failure, or are counted with it, are of the same wave: a hundred that can't pull their
// image are one failure more in the row, not a hundred.
const withEnd = (deployment: Deployment, task: Task, now: number, settings: DeploymentSettings): Deployment => {
  if (task.startedAt === undefined) {
    const shunned = shunnedAfter(deployment, task, now, settings)
    if (isSameWave(task, deployment.lastFailureAt, now)) return { ...deployment, shunned }
    return { ...deployment, shunned, consecutiveFailures: deployment.consecutiveFailures + 1, lastFailureAt: now }
  }
  const crashed = endOf(task, now) - task.startedAt < settings.crashes.withinMs && !killedFromOutside(task)
  if (!crashed || isSameWave(task, deployment.lastCrashAt, now)) return deployment
  return { ...deployment, consecutiveCrashes: (deployment.consecutiveCrashes ?? 0) + 1, lastCrashAt: now }
}

// A full disk, an image that is not there, an engine out of sorts: what failed on a host soon fails there again, and a host whose
// tasks all fail is the emptiest, which a spread likes best.
const shunnedAfter = (
  { shunned = [] }: Deployment,
  { containerInstanceArn }: Task,
  now: number,
  { shunsInstanceMs, shunnedInstances }: DeploymentSettings,
): NonNullable<Deployment['shunned']> => {
  if (containerInstanceArn === undefined) return shunned
  const others = shunned.filter(one => one.until > now && one.containerInstanceArn !== containerInstanceArn)
  return [{ containerInstanceArn, until: now + shunsInstanceMs }, ...others].slice(0, shunnedInstances)
}

const isSameWave = (task: Task, lastAt: number | undefined, now: number): boolean =>
  lastAt !== undefined && (task.createdAt < lastAt || lastAt === now)

// 128 + SIGKILL and 128 + SIGTERM, without the memory limit behind it: somebody ended it (`docker kill`, an operator, a
// reboot), which is no sign that the next one will fail. A program that fails by itself leaves another code.
const KILLED = new Set([137, 143])

export const killedFromOutside = (task: Task): boolean => {
  const gone = task.containers.filter(({ essential, exitCode }) => essential && exitCode !== undefined)
  return (
    gone.length > 0 &&
    gone.every(({ exitCode, reason }) => KILLED.has(exitCode ?? 0) && !reason?.startsWith('OutOfMemoryError'))
  )
}

// The later of both waits. Kept in the row so that one can see it; absent when there is nothing to wait for.
const withWait = (deployment: Deployment | undefined, settings: DeploymentSettings): Deployment | undefined => {
  if (deployment === undefined) return undefined
  const { notBefore: before, ...rest } = deployment
  const waits = [
    waitEnds(deployment.id, deployment.lastFailureAt, deployment.consecutiveFailures, settings.failedStarts),
    waitEnds(deployment.id, deployment.lastCrashAt, deployment.consecutiveCrashes ?? 0, settings.crashes),
  ].filter(isThere)
  if (waits.length === 0) return before === undefined ? deployment : rest
  const notBefore = Math.max(...waits)
  return notBefore === before ? deployment : { ...rest, notBefore }
}

const waitEnds = (
  id: string,
  lastAt: number | undefined,
  times: number,
  limit: { readonly atOnce: number; readonly backoff: BackoffPolicy },
): number | undefined =>
  lastAt === undefined || times <= limit.atOnce
    ? undefined
    : lastAt + backoffMs(limit.backoff, times - limit.atOnce, fractionOf(id))

// Jitter that stays the same for a deployment, so that planning again gives the same time: its id's last digits are random.
const fractionOf = (id: string): number => Number(id.slice(-4)) / 10_000
