// When the write-ahead log is copied into the file, and by whom. SQLite would do it inside of a commit: 16 MiB and two fsyncs, 43 ms
// on a busy machine for which every answer of the server waited. Here a second thread, with a connection of its own, copies most
// of it (checkpoint-thread.ts) while commits go on, and the thread that commits only what came meanwhile: until nothing is left, the log is
// not begun anew. Part of the journal's thread; sqlite-file.ts calls it.
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { RowJournalFailure } from './row-journal.ts'

/** Pages in the write-ahead log (16 MiB) before they are copied into the file: rarer makes a start after a crash longer. */
export const CHECKPOINT_PAGES = 2048
/** Left by the other thread, they are copied in between two commits: 2 MiB, a few milliseconds. */
const REST_PAGES = 256
/** A log this long (64 MiB) waits for the other thread: the disk takes commits faster than it takes what they change. */
const MOST_PAGES = 4 * CHECKPOINT_PAGES
/** A disk that takes longer for one checkpoint has failed. */
const LONGEST_MS = 60_000

export type Checkpoints = {
  /** Before each commit: throws what made the last checkpoint fail, and waits when the log is too long. */
  readonly before: () => void
  /** After each commit: begins a checkpoint when one is due. */
  readonly after: () => void
  /** Resolves when the other thread has let go of the file. */
  readonly end: () => Promise<void>
}

/** Of both connections: a commit and a checkpoint are on the disk when they return. */
export const SYNCHRONOUS = 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON'

/** What the other thread says when it is done: nothing, or why it failed. */
export type CheckpointAnswer = { readonly failed?: { readonly message: string; readonly errcode: unknown } }
/** The first number is 1 while the other thread copies. */
export type CheckpointInput = { readonly file: string; readonly copying: Int32Array }

/**
 * How both connections name the file. This VFS locks it for the process, not for a connection, and keeps the index of the log in memory
 * that they share, not in a file that could go out of step: https://www.sqlite.org/vfs.html#standard_unix_vfses
 */
export const exclusiveUri = (file: string): string => `${pathToFileURL(file).href}?vfs=unix-excl`

type Thread = { readonly worker: Worker; readonly exited: Promise<void> }

export const checkpointsOf = (database: DatabaseSync, file: string): Checkpoints => {
  database.exec('PRAGMA wal_autocheckpoint = 0')
  const look = database.prepare('PRAGMA wal_checkpoint(NOOP)')
  const copyRest = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  const copying = new Int32Array(new SharedArrayBuffer(4))
  let thread: Thread | undefined
  let asked = false
  let failure: unknown

  /** Pages in the log, and those of them that are not in the file. */
  const pages = (): { readonly log: number; readonly rest: number } => {
    const { log, checkpointed } = look.get() ?? {}
    assert(typeof log === 'number' && typeof checkpointed === 'number', 'SQLite says how long the log is')
    return { log, rest: log - checkpointed }
  }

  const ask = (): void => {
    thread ??= startThread()
    asked = true
    Atomics.store(copying, 0, 1)
    thread.worker.postMessage('copy')
  }

  const startThread = (): Thread => {
    const input: CheckpointInput = { file, copying }
    const worker = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
      workerData: input,
      name: 'checkpoint',
      execArgv: [],
    })
    worker.on('message', answered)
    worker.on('error', failed)
    return { worker, exited: new Promise(resolve => worker.once('exit', () => resolve())) }
  }

  const failed = (why: unknown): void => {
    failure ??= why
  }

  const answered = (answer: CheckpointAnswer): void => {
    asked = false
    if (answer.failed) {
      failed(Object.assign(new Error(answer.failed.message), { errcode: answer.failed.errcode }))
      return
    }
    try {
      const { log, rest } = pages()
      // The next commit begins the log anew, when all of it is in the file.
      if (rest <= REST_PAGES) copyRest.get()
      else if (log >= CHECKPOINT_PAGES) ask()
    } catch (error) {
      failed(error)
    }
  }

  return {
    before: () => {
      if (asked && pages().log >= MOST_PAGES) {
        if (Atomics.wait(copying, 0, 1, LONGEST_MS) === 'timed-out') failed(tooSlow(file))
        else if (pages().rest > 0) copyRest.get()
      }
      if (failure) throw failure
    },
    after: () => {
      if (!asked && pages().log >= CHECKPOINT_PAGES) ask()
    },
    end: async () => {
      thread?.worker.postMessage('end')
      await thread?.exited
    },
  }
}

const tooSlow = (file: string): RowJournalFailure =>
  new RowJournalFailure('IO', `${file}: its write-ahead log was not copied in ${LONGEST_MS / 1000} s. Check the disk.`)
