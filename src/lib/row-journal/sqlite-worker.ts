// The journal's thread: an fsync must not hold up the event loop. Answers the requests of open-row-journal.ts, each before
// the next, out of sqlite-file.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../assert.ts'
import type { PackedRows } from './packed-rows.ts'
import type { RowJournalFailureCode } from './row-journal.ts'
import { failureOf } from './sqlite-failure.ts'
import { openSqliteFile, type SqliteFile } from './sqlite-file.ts'

export type WorkerRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'next' }
  | { readonly kind: 'writable' }
  | { readonly kind: 'close' }
  | { readonly kind: 'commit'; readonly rows: PackedRows }

export type WorkerAnswer =
  | { readonly ok: true; readonly page: PackedRows | undefined }
  | { readonly ok: false; readonly code: RowJournalFailureCode; readonly message: string }

const port = parentPort
assert(port, 'this file is a worker')
const path: unknown = workerData
assert(typeof path === 'string', 'the worker was started without its file')

let file: SqliteFile | undefined

const answer = async (request: WorkerRequest): Promise<PackedRows | undefined> => {
  if (request.kind === 'open') {
    file = openSqliteFile(path)
    return undefined
  }
  if (request.kind === 'close') {
    await file?.close()
    // With no port to listen on, the thread ends.
    setImmediate(() => port.close())
    return undefined
  }
  assert(file, 'the file is not open')
  if (request.kind === 'next') return file.next()
  if (request.kind === 'writable') file.writable()
  else file.commit(request.rows)
  return undefined
}

port.on('message', async (request: WorkerRequest) => {
  let reply: WorkerAnswer
  try {
    reply = { ok: true, page: await answer(request) }
  } catch (error) {
    const { code, message } = failureOf(path, error)
    reply = { ok: false, code, message }
  }
  port.postMessage(reply, reply.ok && reply.page ? [reply.page.lengths.buffer] : [])
})
