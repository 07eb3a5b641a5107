// What the rows say about an agent's link: that it is open, by which versions, and how far its sequence numbers are taken.
// Before: start.ts and session.ts, in their transactions. After: placement, which uses connected instances only.
import type { VersionInfo } from '@aws-sdk/client-ecs'
import type { Task } from '../domain/task.ts'
import type { Store, Transaction } from '../store/store.ts'
import { containerInstances, tasks } from '../store/tables.ts'
import type { SequenceBlock } from './link-sequence.ts'

/** Sequence numbers reserved at a time: one durable write for so many payloads. What is left of a block is never used. */
const SEQUENCE_BLOCK = 1_000

export type Connected = { readonly liveTasks: readonly Task[]; readonly sequence: SequenceBlock }

/** Marks the instance connected; gives what its session begins with, all as of this transaction. Undefined: it is gone. */
export const connectAgent = (
  tx: Transaction,
  arn: string,
  versionInfo: VersionInfo,
  now: number,
): Connected | undefined => {
  const row = tx.get(containerInstances, arn)
  if (!row || row.status === 'INACTIVE') return undefined
  const sequence = blockAfter(row.linkSequence, now)
  const news = row.agentConnected && sameVersions(row.versionInfo, versionInfo) ? 0 : 1
  const { silentSince: _, ...known } = row
  tx.put(containerInstances, {
    ...known,
    agentConnected: true,
    versionInfo,
    linkSequence: sequence.last,
    version: row.version + news,
  })
  return { liveTasks: [...tx.byIndex(tasks, 'liveByInstance', arn)], sequence }
}

const sameVersions = (a: VersionInfo, b: VersionInfo): boolean =>
  a.agentVersion === b.agentVersion && a.agentHash === b.agentHash && a.dockerVersion === b.dockerVersion

/** `silentSince`: when it was last heard; the instance loop (reconcilers/instance/) decides when that is too long. */
export const disconnectAgent = (tx: Transaction, arn: string, silentSince: number): void => {
  const row = tx.get(containerInstances, arn)
  if (!row?.agentConnected) return
  tx.put(containerInstances, { ...row, agentConnected: false, silentSince, version: row.version + 1 })
}

/** What the last process noted as connected and has not come back by now is not. It was silent since the start, as far as we know. */
export const disconnectAbsent = (store: Store, isOpen: (arn: string) => boolean, startedAt: number): Promise<void> =>
  store.write(tx => {
    for (const row of [...tx.all(containerInstances)]) if (!isOpen(row.arn)) disconnectAgent(tx, row.arn, startedAt)
  })

export const reserveSequence = (tx: Transaction, arn: string, now: number): SequenceBlock | undefined => {
  const row = tx.get(containerInstances, arn)
  if (!row) return undefined
  const block = blockAfter(row.linkSequence, now)
  tx.put(containerInstances, { ...row, linkSequence: block.last })
  return block
}

// An agent ignores a manifest whose number is not above the last it saw. Numbers start from the time so that this holds even
// for an agent that remembers more than we do, after our data was lost or an older backup was put back.
const blockAfter = (taken: number, now: number): SequenceBlock => {
  const first = Math.max(taken + 1, now)
  return { first, last: first + SEQUENCE_BLOCK - 1 }
}
