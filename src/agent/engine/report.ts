// What the server is owed about a task: the SubmitTaskStateChange that comes next, if any. Pure, and by level: worked out from
// the record and from what the server last answered to, so nothing is queued, nothing is lost, and what is owed while no
// server answers is bounded by the number of tasks. A task that ran is first reported RUNNING, also when it ended meanwhile:
// else the server would take it for one that failed to start. Before: observe.ts. After: reporter.ts sends it.
import type { AttachmentStateChange, ContainerStateChange } from '@aws-sdk/client-ecs'
import type { PayloadTask } from '../../agent-link/acs.ts'
import { tellAddress } from '../../domain/sandbox.ts'
import { networkBindings } from './network-bindings.ts'
import type { ContainerRecord, KnownTask, ReportedStatus, TaskRecord } from './record.ts'
import { isSandbox } from './sandbox.ts'

/**
 * News of a pull alone waits this long, as most tasks run before: the ECS agent sends such news every 10 to 30 s.
 * All other changes are sent at once.
 */
const PENDING_DELAY_MS = 1_000

/** The longest reason that the API takes. */
const MOST_REASON = 1024

type ReportedContainer = Pick<
  ContainerStateChange,
  'containerName' | 'status' | 'runtimeId' | 'imageDigest' | 'exitCode' | 'reason' | 'networkBindings'
>

export type Report = {
  readonly cluster: string
  readonly task: string
  readonly status: Exclude<ReportedStatus, 'NONE'>
  readonly reason?: string
  readonly containers?: readonly ReportedContainer[]
  /** The task's network interface is there; its address stands at the sandbox's entry among the containers. */
  readonly attachments?: readonly AttachmentStateChange[]
  /** Epoch seconds. */
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  readonly executionStoppedAt?: number
}

export type Owed = {
  readonly report: Report
  /** To be handed back with the server's answer. */
  readonly summary: string
  /** Not before. */
  readonly dueAt: number
  /**
   * What must be on disk before it is told. `payload`: the server, once told, will not repeat it. `record`: nothing else would
   * remember what is told.
   */
  readonly needs: 'nothing' | 'payload' | 'record'
}

const STATUS_OF = {
  new: 'PENDING',
  pulled: 'PENDING',
  created: 'PENDING',
  running: 'RUNNING',
  // Restarts are the host's own business: nobody is told.
  restarting: 'RUNNING',
  stopped: 'STOPPED',
} as const

/** The containers' state in short: differs when there is something to tell. */
export const summaryOf = (record: TaskRecord): string =>
  record.containers
    .map(container => {
      const { phase, exitCode = '', digest, portMoves = 0 } = container
      const moved = portMoves > 0 ? `p${portMoves}` : ''
      return `${STATUS_OF[phase][0]}${exitCode}${digest ? 'd' : ''}${addressOf(container) ? 'a' : ''}${moved}`
    })
    .join(' ')

export const owed = ({ payload, record }: KnownTask): Owed | undefined => {
  const { acknowledged } = record
  if (acknowledged.status === 'STOPPED') return undefined
  const ran = record.runningAt !== undefined
  const ended = record.stoppedAt !== undefined || record.invalid !== undefined
  const make = (status: Report['status'], summary: string, dueAt = 0, asItRan = false): Owed => ({
    report: reportOf({ payload, record }, status, asItRan),
    summary,
    dueAt,
    needs: needsOf(record, status),
  })
  if (ended && ran && acknowledged.status !== 'RUNNING') return make('RUNNING', '', 0, true)
  const summary = summaryOf(record)
  if (ended) return make('STOPPED', summary)
  if (ran) {
    return acknowledged.status === 'RUNNING' && acknowledged.summary === summary ? undefined : make('RUNNING', summary)
  }
  if (acknowledged.status === 'PENDING' && acknowledged.summary === summary) return undefined
  if (record.containers.some(container => container.phase === 'stopped')) return make('PENDING', summary)
  const attached = record.containers.find(addressOf)
  if (attached) {
    const changedAt = Math.max(attached.startedAt ?? 0, record.pullStoppedAt ?? 0)
    return make('PENDING', summary, changedAt + PENDING_DELAY_MS)
  }
  if (!record.containers.every(container => container.phase !== 'new')) return undefined
  if (!record.containers.some(container => container.digest !== undefined)) return undefined
  return make('PENDING', summary, (record.pullStoppedAt ?? 0) + PENDING_DELAY_MS)
}

const needsOf = ({ acknowledged, containers }: TaskRecord, status: Report['status']): Owed['needs'] => {
  const first = acknowledged.status !== 'RUNNING'
  // A container that is still there would say after a crash how it ended; of one that was never made, or that somebody removed, only
  // the record knows: it would be made again.
  const onlyHere = containers.some(({ id, removed }) => id === undefined || removed)
  if (status === 'STOPPED') return first || onlyHere ? 'record' : 'nothing'
  return status === 'RUNNING' && first ? 'payload' : 'nothing'
}

/** Other containers have none of their own that anybody is told. */
const addressOf = (container: ContainerRecord) => (isSandbox(container) ? container.address : undefined)

// What became of a task whose network never was there is told of the task: the sandbox is no container that callers know.
const reasonOf = (record: TaskRecord): string | undefined =>
  record.invalid ??
  record.containers.find(container => isSandbox(container) && container.startedAt === undefined)?.reason

const attachmentsOf = ({ payload, record }: KnownTask): Pick<Report, 'attachments'> => {
  const interfaces = payload.elasticNetworkInterfaces ?? []
  if (interfaces.length === 0 || !record.containers.some(addressOf)) return {}
  return { attachments: interfaces.map(({ attachmentArn }) => ({ attachmentArn, status: 'ATTACHED' })) }
}

const seconds = (name: string, at: number | undefined) => (at === undefined ? {} : { [name]: at / 1000 })

const reportOf = ({ payload, record }: KnownTask, status: Report['status'], asItRan: boolean): Report => ({
  cluster: payload.taskClusterArn,
  task: record.arn,
  status,
  ...(record.invalid === undefined
    ? { containers: record.containers.map(container => containerChange(payload, container, asItRan)) }
    : {}),
  ...(reasonOf(record) === undefined ? {} : { reason: reasonOf(record)?.slice(0, MOST_REASON) ?? '' }),
  ...attachmentsOf({ payload, record }),
  ...seconds('pullStartedAt', record.pullStartedAt),
  ...seconds('pullStoppedAt', record.pullStoppedAt),
  ...(asItRan ? {} : seconds('executionStoppedAt', record.executionStoppedAt)),
})

const bindingsOf = ({ containers }: PayloadTask, { name, ports }: ContainerRecord) => {
  if (ports.length === 0) return {}
  const mappings = containers.find(container => container.name === name)?.portMappings ?? []
  return { networkBindings: [...networkBindings(ports, mappings)] }
}

// `asItRan`: as it was when all its containers ran; those that ended since are told next.
const containerChange = (payload: PayloadTask, container: ContainerRecord, asItRan: boolean): ReportedContainer => ({
  containerName: container.name,
  status: asItRan && container.startedAt !== undefined ? 'RUNNING' : STATUS_OF[container.phase],
  ...(container.id === undefined ? {} : { runtimeId: container.id }),
  ...(container.digest === undefined ? {} : { imageDigest: container.digest }),
  ...(asItRan || container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
  ...((asItRan && container.startedAt !== undefined) || container.reason === undefined
    ? {}
    : { reason: container.reason.slice(0, MOST_REASON) }),
  ...bindingsOf(payload, container),
  ...(isSandbox(container) && container.address ? tellAddress(container.address) : {}),
})
