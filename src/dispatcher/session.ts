// The server's side of one agent's ACS link: tells it of the tasks of its instance, settles differences by the manifest, and
// notes what it acknowledges. Reads its instance's tasks as they were when it connected, then their changes.
// Before: start.ts, which hands it the store's changes. After: the agent; its reports come back by SubmitTaskStateChange
// (services/ecs/agent/), not here.
import type { ServerMessage, TaskIdentifier } from '../agent-link/acs.ts'
import type { LinkSocket } from '../agent-link/socket.ts'
import { familySpaceOf } from '../domain/arn.ts'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { changeTask, climbs, isStopped, isToStop, type Task } from '../domain/task.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Change, Store } from '../store/store.ts'
import { taskDefinitionKey, taskDefinitions, tasks } from '../store/tables.ts'
import { readAgentMessage } from './acs-frame.ts'
import { AgentLink } from './agent-link.ts'
import { type Connected, reserveSequence } from './connection.ts'
import { type LinkSequence, linkSequence } from './link-sequence.ts'
import { defaultLogDriverMode, withLogDriverMode } from './log-driver-mode.ts'
import { payloadTask } from './payload.ts'
import { type PayloadHeader, PayloadOutbox } from './payload-outbox.ts'
import type { DispatcherSettings } from './settings.ts'

export type SessionParts = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings: DispatcherSettings
}

type InstanceIds = Pick<ContainerInstance, 'arn' | 'clusterArn'>

export class AcsSession {
  readonly link: AgentLink
  readonly #instance: InstanceIds
  readonly #parts: SessionParts
  /** Changes that were told before the session began, the newest row of each task (undefined: deleted). */
  readonly #early = new Map<string, Task | undefined>()
  #outbox: PayloadOutbox | undefined
  #manifestId: string | undefined

  constructor(socket: LinkSocket, instance: InstanceIds, parts: SessionParts, closed: () => void) {
    this.#instance = instance
    this.#parts = parts
    const { clock, log, settings } = parts
    this.link = new AgentLink(socket, { clock, log, settings, receive: text => this.#receive(text), closed })
  }

  /** The connection is durable: says all that the agent is owed, then which tasks it should have. */
  begin({ liveTasks, sequence }: Connected): void {
    const live = new Map(liveTasks.map(task => [task.arn, task]))
    for (const [arn, task] of this.#early) {
      if (task && !isStopped(task)) live.set(arn, task)
      else live.delete(arn)
    }
    this.#early.clear()
    const { store, clock, ids, log, settings } = this.#parts
    const reserve = () =>
      store
        .write(tx => reserveSequence(tx, this.#instance.arn, clock.now()))
        .catch(error => {
          log.error({ error: String(error) }, 'Could not reserve sequence numbers')
          return undefined
        })
    const numbers = linkSequence(sequence, reserve, () => this.flush())
    const deliver = (header: PayloadHeader, texts: readonly string[]) => this.#sendPayload(header, texts)
    const outbox = new PayloadOutbox({
      clock,
      ids,
      settings,
      sequence: numbers,
      encode: task => this.#encode(task),
      deliver,
    })
    this.#outbox = outbox
    for (const task of live.values()) outbox.note(undefined, task)
    outbox.flush()
    this.#sendManifest([...live.values()], numbers)
  }

  /** A task of this instance changed, durably; `flush` follows when all changes of the commit are noted. */
  note({ key, before, after }: Change<Task>): void {
    if (!this.#outbox) this.#early.set(key, after)
    else if (after) this.#outbox.note(before, after)
    else this.#outbox.settle(key)
  }

  flush(): void {
    this.#outbox?.flush()
  }

  /** Once a heartbeat period. */
  beat(): void {
    if (!this.link.beat()) return
    this.#send({ type: 'HeartbeatMessage', message: { messageId: this.#parts.ids.uuid(), healthy: true } })
    this.#outbox?.resendOverdue()
  }

  #receive(text: string): boolean {
    const frame = readAgentMessage(text)
    if (!frame) return false
    switch (frame.type) {
      case 'AckRequest':
        this.#acknowledged(frame.message.messageId)
        break
      case 'NackRequest':
        // Agents refuse updates of themselves so, and we send none.
        this.#parts.log.warn({ reason: frame.message.reason }, 'An agent refused a message')
        break
      case 'TaskStopVerificationMessage':
        if (frame.message.messageId === this.#manifestId) this.#verifyStops(frame.message.stopCandidates)
        break
      case 'HeartbeatAckRequest':
        break
    }
    return true
  }

  // The agent has the order to stop: the task is on its way down from here on.
  #acknowledged(messageId: string): void {
    const told = this.#outbox?.acknowledge(messageId).filter(isToStop) ?? []
    this.flush()
    if (told.length === 0) return
    const { store, log } = this.#parts
    store
      .write(tx => {
        for (const { arn } of told) {
          const row = tx.get(tasks, arn)
          if (row && climbs(row.lastStatus, 'STOPPING')) tx.put(tasks, changeTask(row, { lastStatus: 'STOPPING' }))
        }
      })
      .catch(error => log.error({ error: String(error) }, 'Could not note that tasks are stopping'))
  }

  // Running tasks that the manifest does not have. A task may have been placed since: only what the store does not want is
  // confirmed, and only when that is durable. A manifest is answered once.
  #verifyStops(candidates: readonly TaskIdentifier[]): void {
    const { store, clock, log } = this.#parts
    const messageId = this.#manifestId
    if (messageId === undefined) return
    this.#manifestId = undefined
    const stopTasks = candidates.filter(({ taskArn }) => !this.#isWanted(store.get(tasks, taskArn)))
    const answer = () =>
      this.#send({ type: 'TaskStopVerificationAck', message: { messageId, generatedAt: clock.now(), stopTasks } })
    store.durable().then(answer, error => log.error({ error: String(error) }, 'Could not answer a stop verification'))
  }

  #isWanted(task: Task | undefined): boolean {
    if (!task || task.containerInstanceArn !== this.#instance.arn) return false
    return !isToStop(task) && !isStopped(task)
  }

  #sendManifest(live: readonly Task[], numbers: LinkSequence): void {
    const timeline = numbers.take()
    if (timeline === undefined) return
    const { clock, ids } = this.#parts
    this.#manifestId = ids.uuid()
    const entries = live.map(task => ({
      taskArn: task.arn,
      taskClusterArn: task.clusterArn,
      desiredStatus: isToStop(task) ? ('STOPPED' as const) : ('RUNNING' as const),
    }))
    this.#send({
      type: 'TaskManifestMessage',
      message: { ...this.#addressed(this.#manifestId), generatedAt: clock.now(), timeline, tasks: entries },
    })
  }

  // The tasks are JSON already, so that none is encoded twice to know its size.
  #sendPayload({ messageId, seqNum }: PayloadHeader, texts: readonly string[]): void {
    const header = { ...this.#addressed(messageId), seqNum, generatedAt: this.#parts.clock.now() }
    const members = JSON.stringify(header).slice(1, -1)
    this.link.send(`{"type":"PayloadMessage","message":{${members},"tasks":[${texts.join(',')}]}}`)
  }

  #addressed(messageId: string) {
    return { messageId, clusterArn: this.#instance.clusterArn, containerInstanceArn: this.#instance.arn }
  }

  #encode(task: Task): string | undefined {
    const key = taskDefinitionKey(familySpaceOf(task.taskDefinitionArn), task.family, task.revision)
    const definition = this.#parts.store.get(taskDefinitions, key)
    if (definition) {
      const mode = defaultLogDriverMode(this.#parts.store, task)
      return JSON.stringify(payloadTask(task, withLogDriverMode(definition, mode)))
    }
    this.#parts.log.error({ task: task.arn, taskDefinition: task.taskDefinitionArn }, 'A task without its definition')
    return undefined
  }

  #send(message: ServerMessage): void {
    this.link.send(JSON.stringify(message))
  }
}
