// When a service changes by time alone: a task becomes healthy, a wait or a grace ends. Pure; a part of plan.ts, which is woken then.
import { isExternal } from '../../domain/task-set.ts'
import { type Fleet, goodOf } from './fleet.ts'
import { type Board, mayGoFirstAt } from './replica.ts'
import type { DeploymentSettings } from './settings.ts'

/** `shifts`: a deployment is moving traffic. */
export const changesByTime = (
  board: Board,
  targetOf: (fleet: Fleet) => number,
  shifts: boolean,
): readonly (number | undefined)[] => [
  ...board.fleets.flatMap(fleet => changesOf(fleet, targetOf(fleet), board.now, board.settings)),
  ...(!shifts && isUndisturbed(board, targetOf)
    ? wholeAt(board.fleets[0])
    : board.fleets.map(({ ripe }) => ripe?.firstAt)),
]

// One deployment that comes up as it should: that another of its tasks has become healthy decides nothing before all have. A
// thousand that come up one after the other would otherwise be looked at, all of them, five times a second.
const isUndisturbed = ({ service, fleets }: Board, targetOf: (fleet: Fleet) => number): boolean => {
  const [fleet, ...older] = fleets
  const { deployment, unhealthy, moving, misplaced, lost, stopping } = fleet
  return (
    older.length === 0 &&
    service.schedulingStrategy === 'REPLICA' &&
    !isExternal(service) &&
    goodOf(fleet) === targetOf(fleet) &&
    [unhealthy, moving, misplaced, lost, stopping].every(tasks => tasks.length === 0) &&
    deployment.failedTasks + deployment.consecutiveFailures + (deployment.consecutiveCrashes ?? 0) === 0
  )
}

// Tasks that are not RUNNING yet wake the loop themselves.
const wholeAt = ({ pending, ripe }: Fleet): readonly (number | undefined)[] =>
  pending.length > 0 ? [] : [ripe?.lastAt]

// When a fleet changes by time alone, beside by its tasks' becoming healthy.
const changesOf = (
  fleet: Fleet,
  target: number,
  now: number,
  settings: DeploymentSettings,
): readonly (number | undefined)[] => {
  const { notBefore = 0, rolloutState } = fleet.deployment
  const waits = notBefore > now && rolloutState !== 'FAILED' && target > goodOf(fleet)
  const firstAt = mayGoFirstAt(fleet.deployment, settings)
  return [fleet.graceEndsAt, waits ? notBefore : undefined, crashForgottenAt(fleet, settings), firstAt]
}

// A deployment whose tasks crashed is looked at when one has stayed up: the next crash is then replaced at once again.
const crashForgottenAt = (
  { deployment, healthy, maturing }: Fleet,
  settings: DeploymentSettings,
): number | undefined => {
  const { lastCrashAt } = deployment
  if (lastCrashAt === undefined) return undefined
  const since = [...healthy, ...maturing].flatMap(({ startedAt = 0 }) => (startedAt >= lastCrashAt ? [startedAt] : []))
  const first = earliest(since)
  return first === undefined ? undefined : first + settings.crashes.withinMs
}

export const earliest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : known.reduce((first, time) => Math.min(first, time))
}
