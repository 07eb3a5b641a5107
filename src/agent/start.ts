// The agent of one host: its parts put together, and put together again should its journal fail. Tasks never notice: they are
// the container engine's, and found again by label and journal.
// Before: main.ts. After: registration.ts, session.ts, telemetry.ts, engine/.
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { forgetfulRowJournal } from '../lib/row-journal/forgetful-row-journal.ts'
import type { RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import type { Driver } from '../runtime/driver.ts'
import { type AgentParts, type Life, live } from './life.ts'
import { type AgentSettings, DEFAULT_SETTINGS } from './settings.ts'
import type { Credentials } from './signer.ts'
import type { Transport } from './transport.ts'

export type Agent = {
  /** Changes only when the server has forgotten the instance. */
  readonly containerInstanceArn: string
  /** Leaves tasks running. */
  readonly stop: () => Promise<void>
}

export type AgentInput = {
  readonly driver: Driver
  /** Base URL of the ECS API. */
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
  /** Name or ARN. */
  readonly cluster: string
  /** The network, unless told otherwise. */
  readonly transport?: Transport
  /** Where the journal is kept; without one the agent's memory ends with the process. */
  readonly dataDir?: string | undefined
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings: Partial<AgentSettings> & Pick<AgentSettings, 'availabilityZone'>
}

/** Between a failed journal and the next try to open it. */
const REOPEN_MS = 5_000

type OpenRows = (onFailure: (failure: RowJournalFailure) => void) => Promise<RowJournal>

/** Resolves when the host is registered; tries for as long as no server answers, and rejects when the server says no. */
export const startAgent = (input: AgentInput): Promise<Agent> =>
  startAgentOn(input, onFailure => openRows(input.dataDir, onFailure))

/** With a journal of the caller's: tests. */
export const startAgentOn = async (input: Omit<AgentInput, 'dataDir'>, open: OpenRows): Promise<Agent> => {
  const parts: AgentParts = { ...input, settings: { ...DEFAULT_SETTINGS, ...input.settings } }
  const stopping = new AbortController()
  let current = await begin(parts, open, stopping.signal)
  const supervised = supervise(parts, open, current, stopping.signal, next => {
    current = next
  })
  return {
    get containerInstanceArn() {
      return current.life.containerInstanceArn()
    },
    stop: async () => {
      stopping.abort(new Error('the agent stops'))
      await supervised
    },
  }
}

type Running = { readonly life: Life; readonly failed: Promise<RowJournalFailure> }

const begin = async (parts: AgentParts, open: OpenRows, stopping: AbortSignal): Promise<Running> => {
  const failed = Promise.withResolvers<RowJournalFailure>()
  return { life: await live(parts, await open(failed.resolve), stopping), failed: failed.promise }
}

/** Ends the life whose journal failed and begins another, until the agent is stopped. */
const supervise = async (
  parts: AgentParts,
  open: OpenRows,
  first: Running,
  stopping: AbortSignal,
  onNext: (next: Running) => void,
): Promise<void> => {
  const { clock, log } = parts
  const stopped = new Promise<undefined>(resolve => stopping.addEventListener('abort', () => resolve(undefined)))
  let current: Running | undefined = first
  let said = ''
  while (!stopping.aborted) {
    const failure = await Promise.race([current?.failed, stopped])
    await current?.life.end()
    if (stopping.aborted) return
    if (failure) log.error({ error: failure.message }, 'The journal failed: no new tasks until it can be opened again')
    await clock.sleep(REOPEN_MS, stopping).catch(() => {})
    current = await begin(parts, withRoom(open), stopping).catch(error => {
      // Once for each reason: a full disk may stay full all night.
      if (said !== String(error)) log.error({ error: String(error) }, 'The agent could not begin again yet')
      said = String(error)
      return undefined
    })
    if (current) {
      said = ''
      onNext(current)
    }
  }
  await current?.life.end()
}

// A journal that can be opened may have no room for the next task still. An agent that connected all the same would be given it, fail,
// and be back before anybody missed it: over and over, with tasks that wait for it and are never started elsewhere.
const withRoom =
  (open: OpenRows): OpenRows =>
  async onFailure => {
    const rows = await open(onFailure)
    try {
      await rows.writable()
    } catch (error) {
      await rows.close().catch(() => {})
      throw error
    }
    return rows
  }

const openRows = async (
  dataDir: string | undefined,
  onFailure: (failure: RowJournalFailure) => void,
): Promise<RowJournal> => {
  if (dataDir === undefined) return forgetfulRowJournal()
  // Loaded only where there is a disk: thousands of simulated agents in one process need no SQLite.
  const { openRowJournal } = await import('../lib/row-journal/open-row-journal.ts')
  return openRowJournal({ file: join(dataDir, 'agent.db'), onFailure })
}
