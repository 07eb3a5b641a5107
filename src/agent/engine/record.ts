// What the agent knows about a task: the payload that the server sent, and a record of how far it came. Records are never
// changed in place; `observe.ts` makes the next one from what happened, `next-steps.ts` decides from it what to do,
// `report.ts` what the server is owed, and `engine.ts` journals it. Before: session.ts, which receives payloads.
import type { PayloadTask } from '../../agent-link/acs.ts'
import type { ContainerAddress, ContainerHealth, PortBinding } from '../../runtime/driver.ts'
import { engineName } from './engine-name.ts'
import { hasSize } from './task-group.ts'
import { needsVolumes } from './volumes.ts'

/**
 * A container only moves forward: `new`, its image is there, the engine has it, its process runs, it ended (or never will
 * run). Only with a restart policy it goes back, from `restarting` (it ended, and is to run again) to `running`.
 */
export type ContainerPhase = 'new' | 'pulled' | 'created' | 'running' | 'restarting' | 'stopped'

export type ContainerRecord = {
  readonly name: string
  readonly phase: ContainerPhase
  readonly id?: string
  readonly digest?: string
  /** When its process first ran; absent when it never did. */
  readonly startedAt?: number
  /** When the process that runs now, or ran last, began. */
  readonly runSince?: number
  /** How often it was started again, and how the run before the newest one ended. */
  readonly restarts?: number
  readonly lastEnd?: { readonly at: number; readonly exitCode: number }
  /** How often a restart gave it other host ports than it had. */
  readonly portMoves?: number
  readonly finishedAt?: number
  readonly exitCode?: number
  /** `<ErrorName>: <text>` */
  readonly reason?: string
  readonly ports: readonly PortBinding[]
  /** The last one that it ran with. */
  readonly address?: ContainerAddress
  readonly health: ContainerHealth
  readonly healthSince: number
  /** The engine has nothing under its name any more. */
  readonly removed: boolean
  /** Somebody started it after it had ended: it must be stopped again. */
  readonly revived: boolean
}

export type ReportedStatus = 'NONE' | 'PENDING' | 'RUNNING' | 'STOPPED'

export type TaskRecord = {
  readonly arn: string
  /** Only ever goes from RUNNING to STOPPED: by the server's word, or because an essential container ended. */
  readonly desired: 'RUNNING' | 'STOPPED'
  readonly containers: readonly ContainerRecord[]
  /** The volumes that it needs, and its cgroup: not yet there, there, or its own removed. `none` when the task has no such volume. */
  readonly volumes: 'none' | 'wanted' | 'made' | 'removed'
  /** What bounds its containers together, where the host has it: made and removed with its volumes. */
  readonly cgroupParent?: string
  readonly acceptedAt: number
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  /** When its first essential container ended. */
  readonly executionStoppedAt?: number
  /** Every container was running, or had run as it should, at one time. */
  readonly runningAt?: number
  readonly stoppedAt?: number
  /** Why the whole task cannot be run; then it has no containers. */
  readonly invalid?: string
  /** What the server last answered to: the status, and the containers' state in short (`summaryOf`). */
  readonly acknowledged: { readonly status: ReportedStatus; readonly summary: string }
}

export type KnownTask = { readonly payload: PayloadTask; readonly record: TaskRecord }

const newContainer = (name: string, now: number): ContainerRecord => ({
  name,
  phase: 'new',
  ports: [],
  health: 'UNKNOWN',
  healthSince: now,
  removed: false,
  revived: false,
})

export const newRecord = (payload: PayloadTask, now: number, invalid?: string): TaskRecord => ({
  arn: payload.arn,
  desired: invalid === undefined ? payload.desiredStatus : 'STOPPED',
  containers: invalid === undefined ? payload.containers.map(container => newContainer(container.name, now)) : [],
  volumes: invalid === undefined && (needsVolumes(payload) || hasSize(payload)) ? 'wanted' : 'none',
  acceptedAt: now,
  ...(invalid === undefined ? {} : { invalid }),
  acknowledged: { status: 'NONE', summary: '' },
})

export const withContainer = (record: TaskRecord, name: string, change: Partial<ContainerRecord>): TaskRecord => ({
  ...record,
  containers: record.containers.map(container => (container.name === name ? { ...container, ...change } : container)),
})

export const isEnded = (record: TaskRecord): boolean =>
  record.containers.every(container => container.phase === 'stopped')

export const containerName = (task: PayloadTask, container: string): string => engineName(task, container)
