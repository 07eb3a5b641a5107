// The ACS link as the agent sees it: payloads become tasks, acks follow when they are on disk, the manifest settles differences,
// heartbeats are answered. Before: link.ts with messages. After: engine/adopt.ts and engine/engine.ts.
import type { AgentMessage, TaskIdentifier } from '../agent-link/acs.ts'
import type { BackoffPolicy } from '../lib/backoff.ts'
import type { Log } from '../lib/log.ts'
import type { Adoption } from './engine/adopt.ts'
import type { AgentJournal } from './journal.ts'
import type { LinkEnd } from './link.ts'
import { readTask } from './read-payload.ts'

/** The ECS agent's. */
export const ACS_BACKOFF: BackoffPolicy = { firstMs: 250, mostMs: 120_000, factor: 1.5, jitter: 0.2 }
/** The ECS agent's: a deregistered instance may be asked for again, but not soon. */
const INACTIVE_MS = 60 * 60_000

export const ACS_MESSAGES: ReadonlySet<string> = new Set([
  'PayloadMessage',
  'TaskManifestMessage',
  'TaskStopVerificationAck',
  'HeartbeatMessage',
  'CloseMessage',
  'ErrorMessage',
])

export type SessionDeps = {
  readonly adoption: Adoption
  readonly journal: AgentJournal
  readonly log: Log
  readonly send: (frame: string) => boolean
  readonly onHeartbeat: () => void
  /** The server does not know this container instance. */
  readonly registerAgain: () => Promise<void>
}

type Message = Readonly<Record<string, unknown>>

export class Session {
  readonly #deps: SessionDeps
  /** The manifest whose stop verification is awaited: its answer is taken once. */
  #verifying: string | undefined

  constructor(deps: SessionDeps) {
    this.#deps = deps
  }

  receive(type: string, message: Message): void {
    switch (type) {
      case 'HeartbeatMessage':
        this.#send({ type: 'HeartbeatAckRequest', message: { messageId: text(message, 'messageId') } })
        this.#deps.onHeartbeat()
        break
      case 'PayloadMessage':
        this.#payload(message)
        break
      case 'TaskManifestMessage':
        this.#manifest(message)
        break
      case 'TaskStopVerificationAck':
        this.#verified(message)
        break
      case 'CloseMessage':
      case 'ErrorMessage':
        this.#deps.log.warn({ type, message: text(message, 'message') }, 'The server says')
    }
  }

  async ended(end: LinkEnd): Promise<number | undefined> {
    this.#verifying = undefined
    if (end.type !== 'refused') return undefined
    this.#deps.log.warn({ status: end.status, answer: end.text }, 'The server refuses the link')
    if (end.exception === 'InactiveInstanceException') return INACTIVE_MS
    if (end.exception === 'InvalidInstanceException') {
      // A server that lost its state, or another server: the tasks stay until its manifest is there.
      await this.#deps.registerAgain().catch(error => {
        this.#deps.log.error({ error: String(error) }, 'The server refuses a new container instance')
      })
    }
    return undefined
  }

  #payload(message: Message): void {
    if (!isAddressed(message)) return
    const { adoption } = this.#deps
    const read = tasksIn(message).flatMap(raw => readTask(raw) ?? [])
    // What is to stop makes room for what is to run.
    const stopped = read.filter(({ payload }) => payload.desiredStatus === 'STOPPED')
    const running = read.filter(({ payload }) => payload.desiredStatus === 'RUNNING')
    for (const { payload, invalid } of [...stopped, ...running]) adoption.accept(payload, invalid)
    this.#raise(message['seqNum'])
    this.#ackWhenDurable(message)
    this.#deps.log.debug({ tasks: read.length, seqNum: message['seqNum'] }, 'A payload came')
  }

  #manifest(message: Message): void {
    if (!isAddressed(message)) return
    const { adoption } = this.#deps
    // Older than what was seen: what it says may have changed since. Nothing is answered.
    if (!this.#raise(message['timeline'])) return
    const running = new Set(
      tasksIn(message).flatMap(task =>
        identifier(task)?.desiredStatus === 'RUNNING' ? [identifier(task)?.taskArn ?? ''] : [],
      ),
    )
    const messageId = text(message, 'messageId')
    const candidates = adoption.stopCandidates(running)
    this.#verifying = candidates.length > 0 ? messageId : undefined
    this.#ackWhenDurable(message)
    if (candidates.length === 0) return
    this.#deps.log.info({ tasks: candidates.map(task => task.taskArn) }, 'Not in the manifest: asking whether to stop')
    this.#send({
      type: 'TaskStopVerificationMessage',
      message: {
        messageId,
        stopCandidates: candidates.map(task => ({ ...task, taskClusterArn: text(message, 'clusterArn') })),
      },
    })
  }

  #verified(message: Message): void {
    if (this.#verifying === undefined || text(message, 'messageId') !== this.#verifying) return
    this.#verifying = undefined
    const stopTasks: unknown = message['stopTasks']
    for (const task of Array.isArray(stopTasks) ? stopTasks : []) {
      const arn = identifier(task)?.taskArn
      if (arn) this.#deps.adoption.stop(arn)
    }
  }

  /** False when the number is not newer than what was seen. */
  #raise(sequence: unknown): boolean {
    const { journal } = this.#deps
    // One that no server could go beyond would be the last that this agent ever takes.
    if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence)) return false
    if (sequence <= journal.identity().sequence) return false
    journal.saveIdentity({ sequence })
    return true
  }

  #ackWhenDurable(message: Message): void {
    const { journal, log } = this.#deps
    const ack: AgentMessage = {
      type: 'AckRequest',
      message: {
        cluster: text(message, 'clusterArn'),
        containerInstance: text(message, 'containerInstanceArn'),
        messageId: text(message, 'messageId'),
      },
    }
    journal.durable().then(
      () => this.#send(ack),
      error => log.error({ error: String(error) }, 'Not acknowledged: the journal failed'),
    )
  }

  #send(message: AgentMessage): void {
    this.#deps.send(JSON.stringify(message))
  }
}

const text = (message: Message, name: string): string => {
  const value = message[name]
  return typeof value === 'string' ? value : ''
}

const isAddressed = (message: Message): boolean =>
  ['messageId', 'clusterArn', 'containerInstanceArn'].every(name => text(message, name) !== '')

const tasksIn = (message: Message): readonly unknown[] => {
  const tasks = message['tasks']
  return Array.isArray(tasks) ? tasks : []
}

const identifier = (raw: unknown): Partial<TaskIdentifier> | undefined =>
  typeof raw === 'object' && raw !== null ? raw : undefined
