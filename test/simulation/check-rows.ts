// Checks every durable commit of a simulated world, and what each new process of the server finds on its disk, against what
// was durable before: nothing that was told is lost, nothing goes backwards, and the scheduler keeps its bounds.
import type { Service, ServiceEvent } from '../../src/domain/service.ts'
import { rankOf, type Task } from '../../src/domain/task.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type Change, changeOf, type Reader } from '../../src/store/store.ts'
import { containerInstances, serviceEvents, services, tasks } from '../../src/store/tables.ts'
import type { Trace } from './trace.ts'

export type RowChecks = {
  readonly loaded: (reader: Reader) => void
  readonly committed: (changes: readonly Change[], clock: Clock) => void
  /** A container was made on a host's engine. */
  readonly created: (host: string, taskArn: string, container: string) => void
  /** Somebody outside removed a container: it may be made again by an agent that never knew it. */
  readonly lost: (container: string) => void
  /** The server acknowledged it: it must hold from now on, in every process. */
  readonly acknowledged: (what: string, holds: (reader: Reader) => boolean) => void
  /** True when the task was STOPPED at some time: then it may be forgotten. */
  readonly wasStopped: (arn: string) => boolean
  /** The clock of the server was set back: the order of times means nothing from here on. */
  readonly clockSetBack: () => void
}

/** Without a health check a task counts as healthy this long after its start, while a deployment is in progress. */
const HEALTHY_AFTER_MS = 3_000

export const rowChecks = (trace: Trace, broken: (what: string) => void): RowChecks => {
  const seen = new Map<string, Task>()
  const known = new Map<string, Service>()
  const lastEvent = new Map<string, string>()
  const made = new Map<string, string>()
  const lostOnes = new Set<string>()
  const stopped = new Set<string>()
  const onceLost = new Set<string>()
  const deregistered = new Set<string>()
  const facts: {
    readonly what: string
    readonly holds: (reader: Reader) => boolean
  }[] = []
  let timesOrder = true

  const task = (after: Task): void => {
    const before = seen.get(after.arn)
    seen.set(after.arn, after)
    if (after.lastStatus === 'STOPPED') stopped.add(after.arn)
    if (after.connectivity === 'DISCONNECTED') onceLost.add(after.arn)
    if (!before) return
    for (const what of wrongBetween(before, after)) broken(`task ${after.arn}: ${what}`)
  }

  const bounds = (changes: readonly Change[], clock: Clock): void => {
    const touched = new Map<string, { started: number; stopped: Task[] }>()
    for (const change of changes) {
      const row = changeOf(change, tasks)?.after
      if (!row?.serviceArn) continue
      const before = seen.get(row.arn)
      const entry = touched.get(row.serviceArn) ?? { started: 0, stopped: [] }
      touched.set(row.serviceArn, entry)
      if (!before) entry.started++
      else if (before.desiredStatus === 'RUNNING' && isScaledIn(row)) entry.stopped.push(row)
    }
    for (const change of changes) {
      const row = changeOf(change, tasks)
      if (row?.after) task(row.after)
      else if (row) forgotten(row.key)
      const service = changeOf(change, services)
      if (service?.after) known.set(service.key, service.after)
    }
    for (const [arn, entry] of touched) {
      const service = known.get(arn)
      if (!service) broken(`tasks of the unknown service ${arn}`)
      else for (const what of beyondBounds(service, counted(), entry, clock.now())) broken(what)
    }
  }

  // One that its host brought back while it was to stop is nobody's doing, and its deployment may be over.
  const counted = (): Iterable<Task> =>
    Iterator.from(seen.values()).filter(row => row.desiredStatus === 'RUNNING' || !onceLost.has(row.arn))

  const forgotten = (arn: string): void => {
    if (!stopped.has(arn)) broken(`task ${arn} was deleted and had never stopped`)
    seen.delete(arn)
  }

  const event = (row: ServiceEvent): void => {
    const key = serviceEvents.key(row)
    const last = lastEvent.get(row.serviceArn) ?? ''
    if (timesOrder && key <= last) broken(`service event ${key} comes after ${last}`)
    lastEvent.set(row.serviceArn, key > last ? key : last)
  }

  const checkFacts = (reader: Reader): void => {
    for (const { what, holds } of facts) if (!holds(reader)) broken(`acknowledged and not so: ${what}`)
  }

  return {
    loaded: reader => {
      for (const row of reader.all(tasks)) task(row)
      for (const arn of [...seen.keys()]) if (!reader.get(tasks, arn)) forgotten(arn)
      for (const row of reader.all(containerInstances)) if (row.status === 'INACTIVE') deregistered.add(row.arn)
      for (const row of reader.all(services)) known.set(row.arn, row)
      for (const row of reader.all(serviceEvents)) {
        const last = lastEvent.get(row.serviceArn) ?? ''
        const key = serviceEvents.key(row)
        if (key > last) lastEvent.set(row.serviceArn, key)
      }
      checkFacts(reader)
    },
    committed: (changes, clock) => {
      for (const change of changes) trace.add('commit', lineOf(change))
      bounds(changes, clock)
      for (const change of changes) {
        const instance = changeOf(change, containerInstances)?.after
        if (instance?.status === 'INACTIVE') deregistered.add(instance.arn)
        const row = changeOf(change, serviceEvents)?.after
        if (row) event(row)
      }
    },
    created: (host, taskArn, container) => {
      const row = seen.get(taskArn)
      // Of an instance that was deregistered by force nobody asks its agent any more.
      if (row?.lastStatus === 'STOPPED' && !deregistered.has(row.containerInstanceArn ?? ''))
        broken(`container ${container} was made on ${host} for ${taskArn}, which is STOPPED: ${row.stoppedReason}`)
      const before = made.get(container)
      made.set(container, host)
      if (before !== undefined && !lostOnes.has(container))
        broken(`container ${container} of ${taskArn} was made on ${before}, and now on ${host}`)
    },
    lost: container => void lostOnes.add(container),
    acknowledged: (what, holds) => void facts.push({ what, holds }),
    wasStopped: arn => stopped.has(arn),
    clockSetBack: () => {
      timesOrder = false
    },
  }
}

function* wrongBetween(before: Task, after: Task): Generator<string> {
  if (rankOf(after.lastStatus) < rankOf(before.lastStatus))
    yield `lastStatus fell from ${before.lastStatus} to ${after.lastStatus}`
  if (before.desiredStatus === 'STOPPED' && after.desiredStatus !== 'STOPPED') yield 'wanted again after it was stopped'
  if (after.version < before.version) yield `version fell from ${before.version} to ${after.version}`
  const shown = (task: Task) => `${task.lastStatus} ${task.desiredStatus} ${task.healthStatus}`
  if (after.version === before.version && shown(after) !== shown(before))
    yield `changed from ${shown(before)} to ${shown(after)} in version ${after.version}`
  if (before.containerInstanceArn && after.containerInstanceArn !== before.containerInstanceArn)
    yield `moved from ${before.containerInstanceArn} to ${after.containerInstanceArn}`
}

// What stands on a lost instance counts for nothing: it is replaced before anybody knows what became of it.
const isUp = (task: Task): boolean =>
  rankOf(task.lastStatus) <= rankOf('RUNNING') && task.connectivity !== 'DISCONNECTED'

const isScaledIn = (task: Task): boolean =>
  task.desiredStatus === 'STOPPED' && task.stopCode === 'ServiceSchedulerInitiated'

function* beyondBounds(
  service: Service,
  all: Iterable<Task>,
  { started, stopped }: { readonly started: number; readonly stopped: readonly Task[] },
  now: number,
): Generator<string> {
  if (service.status !== 'ACTIVE') return
  const { desiredCount, deploymentConfiguration } = service
  const { maximumPercent = 200, minimumHealthyPercent = 100 } = deploymentConfiguration
  const own = [...all].filter(task => task.serviceArn === service.arn)
  const occupied = own.filter(task => isUp(task) && (task.desiredStatus === 'RUNNING' || isScaledIn(task)))
  const maximum = Math.max(desiredCount, Math.floor((desiredCount * maximumPercent) / 100))
  if (started > 0 && occupied.length > maximum)
    yield `${service.name}: ${started} tasks started, which makes ${occupied.length} of at most ${maximum}: ${occupied.map(inWords).join(', ')}`
  const serving = own.filter(task => isUp(task) && task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
  const minimum = Math.min(desiredCount, Math.ceil((desiredCount * minimumHealthyPercent) / 100))
  const healthy = stopped.filter(task => isSurelyHealthy(task, now))
  if (healthy.length > 0 && serving.length < minimum)
    yield `${service.name}: ${healthy.length} healthy tasks stopped, which leaves ${serving.length} of at least ${minimum}`
}

const inWords = ({ id, lastStatus, desiredStatus, deploymentId, connectivity }: Task): string =>
  `${id.slice(0, 8)} ${lastStatus}/${desiredStatus} ${connectivity ?? ''} of ${deploymentId}`

const isSurelyHealthy = (task: Task, now: number): boolean =>
  isUp(task) &&
  task.lastStatus === 'RUNNING' &&
  task.healthStatus !== 'UNHEALTHY' &&
  task.startedAt !== undefined &&
  // As it was when it was decided: the commit may have taken long.
  (task.stoppingAt ?? now) - task.startedAt > HEALTHY_AFTER_MS &&
  !task.containers.some(container => container.hasHealthCheck)

const lineOf = (change: Change): string => {
  const row = changeOf(change, tasks)?.after
  if (row) return `task ${row.arn} ${row.lastStatus}/${row.desiredStatus} v${row.version} ${row.stoppedReason ?? ''}`
  const instance = changeOf(change, containerInstances)?.after
  if (instance) return `instance ${instance.arn} ${instance.status} ${instance.agentConnected} v${instance.version}`
  const told = changeOf(change, serviceEvents)?.after
  if (told) return `event ${told.message}`
  return `${change.table.name} ${change.key} ${JSON.stringify(change.after)}`
}
