// Opens a row journal on disk: SQLite in a thread of its own. This side queues, packs and asks; sqlite-worker.ts answers.
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { groupCommit } from './group-commit.ts'
import { type PackedRows, packBatch, storedRows } from './packed-rows.ts'
import { type RowJournal, RowJournalFailure, type StoredRow } from './row-journal.ts'
import type { WorkerAnswer, WorkerRequest } from './sqlite-worker.ts'

const openHere = new Set<string>()

/**
 * Opens or makes the file (mode 0600, its directory too) and checks it. Rejects with a RowJournalFailure: LOCKED, DAMAGED,
 * NEWER, IO, DISK_FULL (a new file only: one that exists can be read on a full disk). `onFailure` is called at most once,
 * when a commit or the thread fails.
 */
export const openRowJournal = async (input: {
  readonly file: string
  readonly onFailure?: (failure: RowJournalFailure) => void
}): Promise<RowJournal> => {
  const { file, onFailure = () => {} } = input
  // The lock is the process's: SQLite would let it open the file twice.
  const path = resolve(file)
  if (openHere.has(path)) throw new RowJournalFailure('LOCKED', `${file}: this process has it open already.`)
  openHere.add(path)
  const thread = startThread(file, failure => group.fail(failure))
  const end = async (): Promise<void> => {
    await thread.end()
    openHere.delete(path)
  }
  const group = groupCommit(async batch => {
    await thread.ask({ kind: 'commit', rows: packBatch(batch) })
  }, onFailure)
  try {
    await thread.ask({ kind: 'open' })
  } catch (error) {
    await end()
    throw error
  }
  let closing: Promise<void> | undefined
  return {
    load: lastRead => load(thread, lastRead),
    commit: group.commit,
    writable: async () => {
      await thread.ask({ kind: 'writable' })
    },
    close: () => {
      closing ??= group.close().then(end)
      return closing
    },
  }
}

// One page is asked for ahead: the thread reads it while this side parses the one before.
async function* load(thread: Thread, lastRead?: () => void): AsyncGenerator<readonly StoredRow[]> {
  let next = thread.ask({ kind: 'next' })
  for (;;) {
    const page = await next
    if (!page) return
    next = thread.ask({ kind: 'next' })
    // Awaited in the next turn, or by nobody when the reader stops here.
    next.catch(() => {})
    if (page.lengths.length > 0) yield storedRows(page)
    else lastRead?.()
  }
}

type Thread = {
  /** Answered in the order asked; rejects with a RowJournalFailure. */
  readonly ask: (request: WorkerRequest) => Promise<PackedRows | undefined>
  /** Closes the file, as far as it is open, and waits for the thread's end. */
  readonly end: () => Promise<void>
}

type Waiter = { readonly resolve: (page: PackedRows | undefined) => void; readonly reject: (failure: Error) => void }

const startThread = (file: string, onDeath: (failure: RowJournalFailure) => void): Thread => {
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
    workerData: file,
    name: 'row-journal',
    // The process's own flags (`--eval`, `--cpu-prof`) are not meant for it.
    execArgv: [],
  })
  const waiters: Waiter[] = []
  let ending = false
  let dead: RowJournalFailure | undefined
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))

  const die = (cause?: unknown): void => {
    if (dead) return
    dead = ending
      ? new RowJournalFailure('CLOSED', `${file} is closed`)
      : new RowJournalFailure('IO', `${file}: the thread that writes it ended. Start again.`, cause)
    for (const waiter of waiters.splice(0)) waiter.reject(dead)
    if (!ending) onDeath(dead)
  }
  worker.on('error', die)
  worker.once('exit', () => die())
  worker.on('message', (answer: WorkerAnswer) => {
    const waiter = waiters.shift()
    if (waiters.length === 0) worker.unref()
    if (answer.ok) waiter?.resolve(answer.page)
    else waiter?.reject(new RowJournalFailure(answer.code, answer.message))
  })

  const ask = (request: WorkerRequest): Promise<PackedRows | undefined> => {
    if (dead) return Promise.reject(dead)
    // An idle journal does not keep the process alive; one that owes an answer does.
    if (waiters.length === 0) worker.ref()
    worker.postMessage(request, request.kind === 'commit' ? [request.rows.lengths.buffer] : [])
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }))
  }
  const end = async (): Promise<void> => {
    ending = true
    await ask({ kind: 'close' }).catch(() => {})
    if (!dead) worker.ref()
    await exited
  }
  return { ask, end }
}
