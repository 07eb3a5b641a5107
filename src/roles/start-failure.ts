// What to tell whoever started us when a command cannot do its work: the thing, and what to do about it. Undefined for what
// nobody expects: a bug, which shows its stack. Before: main.ts.
import { ApiError } from '../agent/api.ts'
import { RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import { UsageError } from '../lib/usage-error.ts'
import { EngineError } from '../runtime/docker/engine.ts'

export const startFailure = (error: unknown): string | undefined => {
  if (error instanceof UsageError || error instanceof RowJournalFailure) return error.message
  if (error instanceof EngineError) return withoutEngine(error)
  if (error instanceof ApiError) return `the server refuses this host: ${error.message}`
  // Of the store, which is not loaded where only an agent or a profile is asked for.
  if (error instanceof Error && error.name === 'StoreFailure') return error.message
  // Of the system: names what it was about (EACCES: permission denied, open '/var/lib/stowage/agent/agent.db').
  if (error instanceof Error && 'syscall' in error) return error.message
  return undefined
}

const withoutEngine = (error: EngineError): string => {
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EACCES' || code === 'EPERM') {
    return `no right to Docker's socket (${error.message}): run this as root, or as a member of the socket's group`
  }
  if (error.status !== undefined) return `Docker Engine refuses what an agent needs: ${error.message}`
  return `Docker Engine does not answer (${error.message}): start it, or say with DOCKER_HOST=unix:///path where its socket is`
}
