// A container with a restart policy whose process ended: is it started again, in its task and under its id? As the ECS agent
// does: only when it ran for the policy's period since it was last started, with an exit code that is not to be ignored,
// while its task is to run. Also tells the runs of one container apart, as news of an earlier one may come late.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
// Before: observe.ts. After: next-steps.ts, which starts what is `restarting`.
import type { PayloadTask } from '../../agent-link/acs.ts'
import type { ContainerState } from '../../runtime/driver.ts'
import type { ContainerRecord, TaskRecord } from './record.ts'

const DEFAULT_PERIOD_SECONDS = 300

type Change = Partial<ContainerRecord>

type End = {
  readonly record: TaskRecord
  readonly payload: PayloadTask
  readonly container: ContainerRecord
  readonly change: Change
}

/** `change`, or the restart that takes the place of the end that it says. */
export const restartInstead = ({ record, payload, container, change }: End, now: number): Change => {
  const { phase, finishedAt = now, exitCode, reason: _, ...rest } = change
  const policy = payload.containers.find(({ name }) => name === container.name)?.restartPolicy
  if (phase !== 'stopped' || record.desired !== 'RUNNING' || !policy?.enabled) return change
  if (exitCode === undefined || policy.ignoredExitCodes?.includes(exitCode)) return change
  const since = change.runSince ?? container.runSince ?? change.startedAt ?? now
  if (finishedAt - since < (policy.restartAttemptPeriod ?? DEFAULT_PERIOD_SECONDS) * 1000) return change
  return { ...rest, phase: 'restarting', lastEnd: { at: finishedAt, exitCode }, health: 'UNKNOWN', healthSince: now }
}

/** It will not run again after all: its end is the one that it was to be restarted after. */
export const lastEndOf = ({ phase, lastEnd }: ContainerRecord): Change =>
  phase === 'restarting' && lastEnd ? { finishedAt: lastEnd.at, exitCode: lastEnd.exitCode } : {}

/** What a look at the engine, or a start, says of the run that began at `since`. */
export const newRun = (container: ContainerRecord, { ports }: ContainerState, since: number): Change => {
  const again = container.phase === 'restarting' || (container.runSince !== undefined && since > container.runSince)
  if (!again) return container.runSince === undefined ? { runSince: since } : {}
  const moved =
    ports.length > 0 && container.ports.length > 0 && ports.some((port, at) => differs(port, container.ports[at]))
  return {
    runSince: since,
    restarts: (container.restarts ?? 0) + 1,
    ...(moved ? { portMoves: (container.portMoves ?? 0) + 1 } : {}),
  }
}

const differs = (port: ContainerState['ports'][number], before: ContainerState['ports'][number] | undefined): boolean =>
  port.hostPort !== before?.hostPort || port.containerPort !== before.containerPort

/** An end at `at` is one that is known already. */
export const isOfEarlierRun = ({ phase, lastEnd, runSince }: ContainerRecord, at: number | undefined): boolean => {
  if (lastEnd === undefined || at === undefined) return false
  return phase === 'restarting' ? at <= lastEnd.at : runSince !== undefined && at < runSince
}
