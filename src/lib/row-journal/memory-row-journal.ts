// A row journal in memory, with the semantics of the one on disk: rows go through JSON, commits in groups. For tests and the
// simulation.
import { type Batch, groupCommit } from './group-commit.ts'
import type { RowJournal, RowJournalFailure, StoredRow } from './row-journal.ts'

/** What survives the journal: give the same one to the next journal to reopen it. */
export type MemoryDisk = Map<string, Map<string, string>>

export const memoryRowJournal = (
  input: {
    readonly disk?: MemoryDisk
    /**
     * Called before batch `n` (1, 2, ...) is written: delays it by its promise (a disk's latency), or fails it, and with it the
     * journal, by a RowJournalFailure.
     */
    readonly beforeWrite?: (n: number) => Promise<void> | void
    /** Called when batch `n` is on the disk and nobody has been told yet: where a crash leaves a commit that nobody knows of. */
    readonly afterWrite?: (n: number) => Promise<void> | void
    readonly beforeWritable?: () => Promise<void> | void
    readonly onFailure?: (failure: RowJournalFailure) => void
  } = {},
): RowJournal => {
  const { disk = new Map(), beforeWrite, afterWrite, beforeWritable, onFailure = () => {} } = input
  let written = 0
  const write = async (batch: Batch): Promise<void> => {
    // Before the wait, as the journal on disk does: what is put meanwhile belongs to the next batch.
    const encoded = [...batch].map(([table, rows]) => [table, [...rows].map(encode)] as const)
    const n = ++written
    await beforeWrite?.(n)
    for (const [table, rows] of encoded) {
      const stored = disk.get(table) ?? new Map<string, string>()
      disk.set(table, stored)
      for (const [key, json] of rows) {
        if (json === undefined) stored.delete(key)
        else stored.set(key, json)
      }
    }
    await afterWrite?.(n)
  }
  const group = groupCommit(write, onFailure)
  return {
    load: lastRead => pages(disk, lastRead),
    commit: group.commit,
    writable: async () => beforeWritable?.(),
    close: group.close,
  }
}

const encode = ([key, row]: readonly [string, unknown]) =>
  [key, row === undefined ? undefined : JSON.stringify(row)] as const

async function* pages(disk: MemoryDisk, lastRead?: () => void): AsyncGenerator<readonly StoredRow[]> {
  for (const [table, rows] of disk) yield [...rows].map(([key, json]) => ({ table, key, json }))
  lastRead?.()
}
