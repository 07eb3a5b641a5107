// The thread that copies the write-ahead log into the journal's file while the journal's own thread (checkpoints.ts) goes on
// committing. Started with the first log that is long enough.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { type CheckpointAnswer, type CheckpointInput, exclusiveUri, SYNCHRONOUS } from './checkpoints.ts'

const port = parentPort
assert(port, 'this file is a worker')
const { file, copying }: CheckpointInput = workerData
let database: DatabaseSync | undefined

const copy = (): CheckpointAnswer => {
  try {
    database ??= open()
    // Copies what was committed before it began; holds up no commit, and is held up by none.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return {}
  } catch (error) {
    assert(error instanceof Error, 'SQLite throws errors')
    return { failed: { message: error.message, errcode: 'errcode' in error ? error.errcode : undefined } }
  }
}

const open = (): DatabaseSync => {
  const opened = new DatabaseSync(exclusiveUri(file))
  opened.exec(SYNCHRONOUS)
  return opened
}

port.on('message', (request: 'copy' | 'end') => {
  if (request === 'end') {
    database?.close()
    port.close()
    return
  }
  const answer = copy()
  Atomics.store(copying, 0, 0)
  Atomics.notify(copying, 0)
  port.postMessage(answer)
})
