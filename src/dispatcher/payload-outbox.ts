// What one agent is still owed, and which payloads carry it: a task waits, goes out in a payload, and is settled by the agent's
// acknowledgement, or by a row that owes nothing more (an agent reports a task that it finds invalid, and never acknowledges
// the payload). At most one entry a task: what waits is the newest row, so a slow agent costs no memory.
// Before: session.ts, told of rows by the store's watch. After: the link.
import type { Task } from '../domain/task.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { LinkSequence } from './link-sequence.ts'
import { owedTo } from './owed.ts'
import type { DispatcherSettings } from './settings.ts'

export type PayloadHeader = { readonly messageId: string; readonly seqNum: number }

type Payload = PayloadHeader & { sentAt: number; readonly tasks: Map<string, Task> }

export type OutboxParts = {
  readonly clock: Clock
  readonly ids: Ids
  readonly sequence: LinkSequence
  readonly settings: DispatcherSettings
  /** A task as JSON, or undefined when it can't be told. */
  readonly encode: (task: Task) => string | undefined
  readonly deliver: (header: PayloadHeader, tasks: readonly string[]) => void
}

export class PayloadOutbox {
  readonly #parts: OutboxParts
  /** By task ARN, oldest first. */
  readonly #waiting = new Map<string, Task>()
  readonly #inFlight = new Map<string, Payload>()
  readonly #carriers = new Map<string, Payload>()

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** A row changed: queues the task when it owes something that the row before did not. */
  note(before: Task | undefined, after: Task): void {
    const owed = owedTo(after)
    if (!owed) this.settle(after.arn)
    else if (!before || owedTo(before) !== owed) {
      this.settle(after.arn)
      this.#waiting.set(after.arn, after)
    } else if (this.#waiting.has(after.arn)) this.#waiting.set(after.arn, after)
  }

  /** Nothing is owed for this task any more; a payload that carries nothing else needs no acknowledgement. */
  settle(arn: string): void {
    this.#waiting.delete(arn)
    const carrier = this.#carriers.get(arn)
    if (!carrier) return
    this.#carriers.delete(arn)
    carrier.tasks.delete(arn)
    if (carrier.tasks.size === 0) this.#inFlight.delete(carrier.messageId)
  }

  /** Sends what waits, as far as the limits let it. */
  flush(): void {
    const { clock, ids, sequence, settings, deliver } = this.#parts
    while (this.#waiting.size > 0 && this.#inFlight.size < settings.payloadsInFlight) {
      const seqNum = sequence.take()
      if (seqNum === undefined) return
      const payload: Payload = { messageId: ids.uuid(), seqNum, sentAt: clock.now(), tasks: new Map() }
      const texts = this.#pack(payload)
      if (texts.length === 0) return
      this.#inFlight.set(payload.messageId, payload)
      deliver(payload, texts)
    }
  }

  #pack(payload: Payload): string[] {
    const { encode, settings } = this.#parts
    const texts: string[] = []
    let bytes = 0
    for (const [arn, task] of this.#waiting) {
      if (texts.length === settings.tasksPerPayload) break
      const text = encode(task)
      if (text !== undefined) {
        bytes += Buffer.byteLength(text)
        if (texts.length > 0 && bytes > settings.payloadBytes) break
        texts.push(text)
        payload.tasks.set(arn, task)
        this.#carriers.set(arn, payload)
      }
      this.#waiting.delete(arn)
    }
    return texts
  }

  /** The agent has taken this payload in; gives the tasks of it that were not settled before. */
  acknowledge(messageId: string): readonly Task[] {
    const payload = this.#inFlight.get(messageId)
    if (!payload) return []
    this.#inFlight.delete(messageId)
    for (const arn of payload.tasks.keys()) this.#carriers.delete(arn)
    return [...payload.tasks.values()]
  }

  /** Sends again, under its own id and number, each payload that has waited too long for its acknowledgement. */
  resendOverdue(): void {
    const { clock, settings, encode, deliver } = this.#parts
    const now = clock.now()
    for (const payload of this.#inFlight.values()) {
      if (now - payload.sentAt < settings.redeliverAfterMs) continue
      payload.sentAt = now
      deliver(
        payload,
        [...payload.tasks.values()].flatMap(task => encode(task) ?? []),
      )
    }
  }
}
