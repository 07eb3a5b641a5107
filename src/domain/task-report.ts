// What an agent's report makes of a task: the agent's edges of the status ladder, and the stop code and reason that the
// agent leaves to the server. Pure. Reports come twice, late and out of order; a status never goes back, and a report
// that says nothing new gives back the very same row.
// Before: SubmitTaskStateChange and SubmitContainerStateChange (services/ecs/agent/). After: the deployment loop, which
// replaces a service's task as soon as its desiredStatus is STOPPED, and the dispatcher, which tells the agent.
import type { NetworkBinding, TaskStopCode } from '@aws-sdk/client-ecs'
import { scopeOf } from './arn.ts'
import { attach, type TaskAddress } from './network-interface.ts'
import { changeTask, climbs, isStopped, type Task, type TaskContainer } from './task.ts'

export type ContainerReport = {
  readonly name: string
  readonly status?: TaskContainer['lastStatus'] | undefined
  readonly runtimeId?: string | undefined
  readonly imageDigest?: string | undefined
  readonly exitCode?: number | undefined
  readonly reason?: string | undefined
  readonly networkBindings?: readonly NetworkBinding[] | undefined
}

export type TaskReport = {
  /** Absent: the report is about containers only. */
  readonly status?: 'PENDING' | 'RUNNING' | 'STOPPED' | undefined
  /** Given for a task that the agent refused; mostly empty. */
  readonly reason?: string | undefined
  readonly containers: readonly ContainerReport[]
  /** What the host gave a task with network mode awsvpc. */
  readonly address?: TaskAddress | undefined
  readonly pullStartedAt?: number | undefined
  readonly pullStoppedAt?: number | undefined
  readonly executionStoppedAt?: number | undefined
}

// Wording: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
const ESSENTIAL_EXITED = 'Essential container in task exited'
const FAILED_TO_START = 'Task failed to start'

/** Error names under which a container never ran, even where the engine left an exit code (127, 128). */
const NEVER_RAN =
  /^(Cannot(Pull|Create|Start)|CannotInspect|ResourceInitialization|DockerTimeout|ContainerRuntime|TaskDependency|UnrecogniedTask)/

const CONTAINER_LADDER: readonly TaskContainer['lastStatus'][] = ['PENDING', 'RUNNING', 'STOPPED']
const rank = (status: TaskContainer['lastStatus']): number => CONTAINER_LADDER.indexOf(status)

/** The task after `report`; the same object when it brings nothing new. `now`: when it arrived. */
export const reportTask = (task: Task, report: TaskReport, now: number): Task => {
  // A task without a host can't have been seen by an agent; a stopped one has had its last word.
  if (isStopped(task) || task.containerInstanceArn === undefined) return task
  const containers = reportContainers(task.containers, report)
  const attachments = report.address ? attach(task.attachments, report.address, scopeOf(task.arn)) : task.attachments
  const observed = {
    ...(report.status && climbs(task.lastStatus, report.status) ? { lastStatus: report.status } : {}),
    ...timesOf(task, report, now),
    ...(containers === task.containers ? {} : { containers }),
    ...(attachments === task.attachments ? {} : { attachments }),
  }
  const ended = endOf(task, { ...report, containers }, now)
  if (Object.keys(observed).length === 0 && !ended) return task
  return changeTask(task, { ...observed, ...ended })
}

const reportContainers = (known: readonly TaskContainer[], report: TaskReport): readonly TaskContainer[] => {
  const said = new Map(report.containers.map(container => [container.name, container]))
  const all = known.map(container => {
    const heard = said.get(container.name)
    const next = heard ? reportContainer(container, heard) : container
    // A stopped task has no other containers, whether the report names them or not.
    return report.status === 'STOPPED' && next.lastStatus !== 'STOPPED'
      ? { ...next, lastStatus: 'STOPPED' as const }
      : next
  })
  return all.every((container, at) => container === known[at]) ? known : all
}

// What is new in the report. A container has one end: its exit code and reason are the first ones told. A report from
// further down the ladder is late and only fills in what is not known yet.
const reportContainer = (known: TaskContainer, heard: ContainerReport): TaskContainer => {
  const status = heard.status ?? known.lastStatus
  const late = rank(status) < rank(known.lastStatus)
  const keep = <T>(old: T | undefined, heardValue: T | undefined): T | undefined =>
    late ? (old ?? heardValue) : (heardValue ?? old)
  const ended = (late ? known.lastStatus : status) === 'STOPPED'
  const bindings = late ? known.networkBindings : (heard.networkBindings ?? known.networkBindings)
  const change: Partial<TaskContainer> = {
    ...differing('lastStatus', known.lastStatus, late ? known.lastStatus : status),
    ...differing('runtimeId', known.runtimeId, keep(known.runtimeId, heard.runtimeId)),
    ...differing('imageDigest', known.imageDigest, keep(known.imageDigest, heard.imageDigest)),
    ...differing('exitCode', known.exitCode, ended ? (known.exitCode ?? heard.exitCode) : undefined),
    ...differing('reason', known.reason, known.reason ?? (heard.reason || undefined)),
    ...(sameBindings(known.networkBindings, bindings) ? {} : { networkBindings: bindings }),
  }
  return Object.keys(change).length === 0 ? known : { ...known, ...change }
}

// `{ [name]: next }` where it is something else than before; a fact once known is never taken back.
const differing = <Name extends string, T>(name: Name, before: T | undefined, next: T | undefined) =>
  next === undefined || next === before ? {} : { [name]: next }

const sameBindings = (a: readonly NetworkBinding[], b: readonly NetworkBinding[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((one, at) => {
      const other = b[at]
      return (
        one.bindIP === other?.bindIP &&
        one.containerPort === other?.containerPort &&
        one.hostPort === other?.hostPort &&
        one.containerPortRange === other?.containerPortRange &&
        one.hostPortRange === other?.hostPortRange &&
        one.protocol === other?.protocol
      )
    }))

const timesOf = (task: Task, report: TaskReport, now: number): Partial<Task> => ({
  ...(task.connectivityAt === undefined ? { connectivityAt: now } : {}),
  ...(task.pullStartedAt === undefined && report.pullStartedAt !== undefined
    ? { pullStartedAt: report.pullStartedAt }
    : {}),
  ...(task.pullStoppedAt === undefined && report.pullStoppedAt !== undefined
    ? { pullStoppedAt: report.pullStoppedAt }
    : {}),
  ...(report.status === 'RUNNING' && task.startedAt === undefined && climbs(task.lastStatus, 'RUNNING')
    ? { startedAt: now }
    : {}),
  ...(task.executionStoppedAt === undefined && report.executionStoppedAt !== undefined
    ? { executionStoppedAt: stoppedNoSooner(task, report.executionStoppedAt) }
    : {}),
})

// The agent's clock and the server's are not the same, and nothing ends before it began.
const stoppedNoSooner = (task: Task, at: number): number => Math.max(at, task.startedAt ?? at)

// The end of the task, or the beginning of its end: an essential container that stopped makes the whole task stop, told
// at once so that a replacement need not wait for the others. Undefined while nothing has ended.
const endOf = (
  task: Task,
  seen: Omit<TaskReport, 'containers'> & { readonly containers: readonly TaskContainer[] },
  now: number,
): Partial<Task> | undefined => {
  const gone = seen.containers.filter(container => container.essential && container.lastStatus === 'STOPPED')
  const stopped = seen.status === 'STOPPED'
  if (!stopped && (gone.length === 0 || task.desiredStatus === 'STOPPED')) return undefined
  const ran = task.startedAt !== undefined || seen.status === 'RUNNING' || gone.some(hasRun)
  return {
    desiredStatus: 'STOPPED',
    ...(task.stoppingAt === undefined ? { stoppingAt: now } : {}),
    ...(task.stopCode === undefined ? whyStopped(task, seen.reason, gone, ran) : {}),
    ...(ran && task.executionStoppedAt === undefined
      ? { executionStoppedAt: stoppedNoSooner(task, seen.executionStoppedAt ?? now) }
      : {}),
    ...(stopped ? { stoppedAt: now } : {}),
  }
}

const hasRun = (container: TaskContainer): boolean =>
  container.exitCode !== undefined && !NEVER_RAN.test(container.reason ?? '')

// Fargate tells the error itself where EC2 tells the fact alone.
const whyStopped = (
  task: Task,
  reason: string | undefined,
  gone: readonly TaskContainer[],
  ran: boolean,
): { stopCode: TaskStopCode; stoppedReason: string } => {
  if (ran) return { stopCode: 'EssentialContainerExited', stoppedReason: reason || ESSENTIAL_EXITED }
  const error = task.launchType === 'FARGATE' ? gone.find(container => container.reason)?.reason : undefined
  return { stopCode: 'TaskFailedToStart', stoppedReason: reason || error || FAILED_TO_START }
}
