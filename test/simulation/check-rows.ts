// Checks every durable commit of a simulated world, and what each new process of the server finds on its disk, against what
// was durable before: nothing that was told is lost, nothing goes backwards, and the scheduler keeps its bounds.
import type { ContainerInstance } from '../../src/domain/container-instance.ts'
import type { ServiceEvent } from '../../src/domain/service.ts'
import type { Task } from '../../src/domain/task.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type Change, changeOf, type Reader } from '../../src/store/store.ts'
import type { Table } from '../../src/store/table.ts'
import {
  containerInstances,
  deployments,
  serviceDeployments,
  serviceEvents,
  services,
  taskDefinitions,
  tasks,
} from '../../src/store/tables.ts'
import { beyondBounds, isScaledIn, type Step } from './check-bounds.ts'
import * as ladders from './check-ladders.ts'
import { targetChecks } from './check-targets.ts'
import type { Trace } from './trace.ts'

export type Made = {
  readonly host: string
  readonly taskArn: string
  readonly container: string
  /** Who asked for it is dead. */
  readonly orphaned: boolean
}

export type RowChecks = {
  readonly loaded: (reader: Reader) => void
  readonly committed: (changes: readonly Change[], clock: Clock) => void
  /** A container was made on a host's engine. */
  readonly created: (made: Made) => void
  /** Somebody outside removed a container: it may be made again by an agent that never knew it. */
  readonly lost: (container: string) => void
  /** The server acknowledged it: it must hold from now on, in every process. */
  readonly acknowledged: (what: string, holds: (reader: Reader) => boolean) => void
  /** True when the task was STOPPED at some time: then it may be forgotten. */
  readonly wasStopped: (arn: string) => boolean
  /** The clock of the server was set back: the order of times means nothing from here on. */
  readonly clockSetBack: () => void
}

/** Rows of one table as they were last durable. */
type Seen<Row> = {
  readonly table: Table<Row>
  readonly rows: Map<string, Row>
  readonly wrong: (before: Row, after: Row) => Iterable<string>
}

const nothing = (): readonly string[] => []

export const rowChecks = (trace: Trace, broken: (what: string) => void): RowChecks => {
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

  const balanced = targetChecks()
  const seenOf = <Row>(table: Table<Row>, wrong: Seen<Row>['wrong']): Seen<Row> => ({ table, rows: new Map(), wrong })
  const seen = {
    tasks: seenOf(tasks, function* (before, after) {
      yield* ladders.ofTask(before, after)
      yield* balanced.wrong(before, after)
    }),
    services: seenOf(services, ladders.ofService),
    deployments: seenOf(deployments, ladders.ofDeployment),
    serviceDeployments: seenOf(serviceDeployments, ladders.ofServiceDeployment),
    taskDefinitions: seenOf(taskDefinitions, ladders.ofTaskDefinition),
    instances: seenOf<ContainerInstance>(containerInstances, nothing),
  }

  const put = <Row>({ table, rows, wrong }: Seen<Row>, key: string, after: Row): void => {
    const before = rows.get(key)
    rows.set(key, after)
    if (before !== undefined) for (const what of wrong(before, after)) broken(`${table.name} ${key}: ${what}`)
  }

  const taskSeen = (row: Task): void => {
    if (row.lastStatus === 'STOPPED') stopped.add(row.arn)
    if (row.connectivity === 'DISCONNECTED') onceLost.add(row.arn)
  }

  const gone = (table: Table<never> | { readonly name: string }, key: string): void => {
    if (table.name === tasks.name && !stopped.has(key)) broken(`task ${key} was deleted and had never stopped`)
    if (table.name === taskDefinitions.name) definitionGone(key)
  }

  const definitionGone = (key: string): void => {
    const row = seen.taskDefinitions.rows.get(key)
    if (row?.status !== 'DELETE_IN_PROGRESS') broken(`task definition ${key} is gone and was ${row?.status}`)
    for (const task of seen.tasks.rows.values())
      if (task.taskDefinitionArn === row?.arn && task.lastStatus !== 'STOPPED')
        broken(`task definition ${row.arn} is gone before its task ${task.arn}`)
  }

  const follow = <Row>(own: Seen<Row>, change: Change): void => {
    const row = changeOf(change, own.table)
    if (row?.after !== undefined) put(own, row.key, row.after)
    else if (row) {
      gone(own.table, row.key)
      own.rows.delete(row.key)
    }
  }

  const steps = (changes: readonly Change[], clock: Clock): readonly (() => Step | undefined)[] => {
    const touched = new Map<string, { started: Task[]; stopped: Step['stopped'][number][] }>()
    for (const change of changes) {
      const after = changeOf(change, tasks)?.after
      if (!after?.serviceArn) continue
      const before = seen.tasks.rows.get(after.arn)
      const entry = touched.get(after.serviceArn) ?? { started: [], stopped: [] }
      touched.set(after.serviceArn, entry)
      if (!before) entry.started.push(after)
      else if (before.desiredStatus === 'RUNNING' && isScaledIn(after)) entry.stopped.push({ before, after })
    }
    return [...touched].map(([arn, entry]) => () => {
      const service = seen.services.rows.get(arn)
      if (!service) {
        broken(`tasks of the unknown service ${arn}`)
        return undefined
      }
      const all = [...seen.tasks.rows.values()].filter(row => row.serviceArn === arn && isCounted(row))
      const live = [...seen.deployments.rows.values()].filter(
        row => row.serviceArn === arn && row.status !== 'INACTIVE',
      )
      const instanceOf = (task: Task) => seen.instances.rows.get(task.containerInstanceArn ?? '')
      return { service, deployments: live, all, ...entry, instanceOf, now: clock.now() }
    })
  }

  // One that its host brought back while it was to stop is nobody's doing, and its deployment may be over.
  const isCounted = (row: Task): boolean => row.desiredStatus === 'RUNNING' || !onceLost.has(row.arn)

  const event = (row: ServiceEvent): void => {
    const key = serviceEvents.key(row)
    const last = lastEvent.get(row.serviceArn) ?? ''
    if (timesOrder && key <= last) broken(`service event ${key} comes after ${last}`)
    lastEvent.set(row.serviceArn, key > last ? key : last)
  }

  const load = <Row>(own: Seen<Row>, reader: Reader): void => {
    for (const row of reader.all(own.table)) put(own, own.table.key(row), row)
    for (const key of [...own.rows.keys()]) {
      if (reader.get(own.table, key) !== undefined) continue
      gone(own.table, key)
      own.rows.delete(key)
    }
  }

  return {
    loaded: reader => {
      balanced.loaded(reader)
      for (const row of reader.all(tasks)) taskSeen(row)
      for (const own of Object.values(seen)) load(own as Seen<unknown>, reader)
      for (const row of reader.all(containerInstances)) if (row.status === 'INACTIVE') deregistered.add(row.arn)
      for (const row of reader.all(serviceEvents)) {
        const last = lastEvent.get(row.serviceArn) ?? ''
        const key = serviceEvents.key(row)
        if (key > last) lastEvent.set(row.serviceArn, key)
      }
      for (const { what, holds } of facts) if (!holds(reader)) broken(`acknowledged and not so: ${what}`)
    },
    committed: (changes, clock) => {
      for (const change of changes) trace.add('commit', lineOf(change))
      const pending = steps(changes, clock)
      balanced.committed(changes)
      for (const change of changes) {
        const task = changeOf(change, tasks)?.after
        if (task) taskSeen(task)
        for (const own of Object.values(seen)) follow(own as Seen<unknown>, change)
        const instance = changeOf(change, containerInstances)?.after
        if (instance?.status === 'INACTIVE') deregistered.add(instance.arn)
        const row = changeOf(change, serviceEvents)?.after
        if (row) event(row)
      }
      for (const step of pending) {
        const taken = step()
        if (taken) for (const what of beyondBounds(taken)) broken(what)
      }
    },
    created: ({ host, taskArn, container, orphaned }) => {
      const row = seen.tasks.rows.get(taskArn)
      // Of an instance that was deregistered by force nobody asks its agent any more.
      if (row?.lastStatus === 'STOPPED' && !orphaned && !deregistered.has(row.containerInstanceArn ?? ''))
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

const lineOf = (change: Change): string => {
  const row = changeOf(change, tasks)?.after
  if (row) return `task ${row.arn} ${row.lastStatus}/${row.desiredStatus} v${row.version} ${row.stoppedReason ?? ''}`
  const instance = changeOf(change, containerInstances)?.after
  if (instance) return `instance ${instance.arn} ${instance.status} ${instance.agentConnected} v${instance.version}`
  const told = changeOf(change, serviceEvents)?.after
  if (told) return `event ${told.message}`
  return `${change.table.name} ${change.key} ${JSON.stringify(change.after)}`
}
