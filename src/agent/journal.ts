// What the agent must not forget: who it is, how far it read the server's messages, and each task with its payload, its
// desired status and how far it came. Rows of a row journal (SQLite, or memory for simulated instances).
// Before: start.ts opens it. After: session.ts waits for `durable()` before it acks, engine/ puts every change.
//
// What waits for the disk and what does not. An ack does: it says that the task will not be forgotten. Creating the
// container does not: its name comes from the task's ARN and its labels say whose it is, so that after a crash between the
// two it is either found again by a payload that the server repeats (it got no ack), or removed when the server says that
// there is no such task. The first report that it runs waits for the payload: the server does not repeat that afterwards, so a
// crash would leave containers that nobody looks after; what the report says the engine itself remembers. A report of STOPPED
// waits for the record when the task never ran, or the engine has nothing to show for it (an image that could not be pulled):
// else a crash would let the agent run a task that it told the server is over.
//
// So what nobody waits for is written a moment later, and goes with what somebody does wait for: a task that starts costs one
// or two fsyncs instead of five. They are not free even to others: the container engine's own fsyncs queue behind them.
import type { PayloadTask } from '../agent-link/acs.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { RowChange, RowJournal } from '../lib/row-journal/row-journal.ts'
import type { TaskRecord } from './engine/record.ts'

export type Identity = {
  /** Marks this agent's containers: two agents on one engine leave each other's alone. */
  readonly agentId: string
  /** As configured when it registered. */
  readonly cluster: string
  readonly containerInstanceArn?: string
  /** The highest sequence number or timeline seen from the server; -1 before the first. */
  readonly sequence: number
}

export type AgentJournal = {
  readonly identity: () => Identity
  readonly saveIdentity: (change: Partial<Identity>) => void
  /** Tasks as they were found when the journal was opened. */
  readonly found: readonly { readonly payload: PayloadTask; readonly record: TaskRecord }[]
  readonly putPayload: (payload: PayloadTask) => void
  readonly putRecord: (record: TaskRecord) => void
  readonly forget: (arn: string) => void
  /** Resolves when all that was put so far is on disk. */
  readonly durable: () => Promise<void>
  /** Resolves when the task's payload is. */
  readonly payloadDurable: (arn: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** How long what nobody waits for may wait. The container engine remembers it meanwhile, or it is told or done once more. */
const LAZY_MS = 1_000

const IDENTITY = 'identity'
const PAYLOADS = 'payload'
const RECORDS = 'task'

type Pending = Readonly<Record<string, Map<string, RowChange>>>

/** `fresh`: who the agent is when the journal does not know; without an id nothing is written. */
export const openAgentJournal = async (
  rows: RowJournal,
  fresh: { readonly agentId: string; readonly cluster: string },
  clock: Clock,
): Promise<AgentJournal> => {
  let identity: Identity = { ...fresh, sequence: -1 }
  const payloads = new Map<string, PayloadTask>()
  const records = new Map<string, TaskRecord>()
  let known = false
  for await (const page of rows.load()) {
    for (const { table, key, json } of page) {
      const row = JSON.parse(json)
      if (table === PAYLOADS) payloads.set(key, row)
      else if (table === RECORDS) records.set(key, row)
      else if (table === IDENTITY) {
        identity = row
        known = true
      }
    }
  }
  // Each row as last put, by table.
  const pending = { [IDENTITY]: new Map(), [PAYLOADS]: new Map(), [RECORDS]: new Map() } as const satisfies Pending
  /** Tasks whose payload is on disk. */
  const written = new Set(payloads.keys())
  let timer: Timer | undefined
  let last: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => {
    timer?.cancel()
    timer = undefined
    const batch = Object.values(pending).flatMap(rows => [...rows.values()])
    if (batch.length === 0) return last
    last = rows.commit(batch).then(() => {
      for (const { table, key, row } of batch) if (table === PAYLOADS && row !== undefined) written.add(key)
    })
    // Whoever awaits durable() is told; nobody else may bring the process down by not listening.
    last.catch(() => {})
    for (const rows of Object.values(pending)) rows.clear()
    return last
  }
  const put = (table: keyof typeof pending, key: string, row: unknown): void => {
    pending[table].set(key, { table, key, row })
    timer ??= clock.after(LAZY_MS, flush)
  }
  const saveIdentity = (change: Partial<Identity>): void => {
    identity = { ...identity, ...change }
    put(IDENTITY, IDENTITY, identity)
  }
  if (!known && fresh.agentId !== '') saveIdentity({})
  const found = [...records.values()]
    .sort((a, b) => a.acceptedAt - b.acceptedAt)
    .flatMap(record => {
      const payload = payloads.get(record.arn)
      return payload ? [{ payload, record }] : []
    })
  return {
    identity: () => identity,
    saveIdentity,
    found,
    putPayload: payload => put(PAYLOADS, payload.arn, payload),
    putRecord: record => put(RECORDS, record.arn, record),
    payloadDurable: arn => (written.has(arn) ? Promise.resolve() : flush()),
    forget: arn => {
      written.delete(arn)
      put(PAYLOADS, arn, undefined)
      put(RECORDS, arn, undefined)
    },
    durable: flush,
    close: async () => {
      // One that failed still has its file, and its lock, to give back.
      try {
        await flush()
      } finally {
        await rows.close()
      }
    },
  }
}
