// The agent of one host: its parts put together, and put together again should its journal fail. Tasks never notice: they are
// the container engine's, and found again by label and journal.
// Before: main.ts. After: registration.ts, session.ts, telemetry.ts, engine/.
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { memoryRowJournal } from '../lib/row-journal/memory-row-journal.ts'
import type { RowJournal, RowJournalFailure } from '../lib/row-journal/row-journal.ts'
import type { Driver } from '../runtime/driver.ts'
import { type AgentParts, type Life, live } from './life.ts'
import { type AgentSettings, DEFAULT_SETTINGS } from './settings.ts'
import type { Credentials } from './signer.ts'

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
  /** Where the journal is kept; without one the agent's memory ends with the process. */
  readonly dataDir?: string | undefined
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings: Partial<AgentSettings> & Pick<AgentSettings, 'availabilityZone'>
}

/** Between a failed journal and the next try to open it. */
const REOPEN_MS = 5_000

/** Resolves when the host is registered; tries for as long as no server answers, and rejects when the server says no. */
export const startAgent = async (input: AgentInput): Promise<Agent> => {
  const { clock, log } = input
  const stopping = new AbortController()
  const parts: AgentParts = { ...input, settings: { ...DEFAULT_SETTINGS, ...input.settings } }
  let current: Life | undefined
  let arn = ''

  const begin = async (): Promise<void> => {
    const life = await live(parts, await openRows(input.dataDir, failure => broken(failure)), stopping.signal)
    current = life
    arn = life.containerInstanceArn()
  }
  const broken = (failure: RowJournalFailure): void => {
    if (stopping.signal.aborted) return
    log.error({ error: failure.message }, 'The agent has no journal: it takes no new tasks until it can open it again')
    const life = current
    current = undefined
    beginAgain(life).catch(error => log.debug({ error: String(error) }, 'The agent was stopped meanwhile'))
  }
  const beginAgain = async (before: Life | undefined): Promise<void> => {
    await before?.end()
    while (!current) {
      await clock.sleep(REOPEN_MS, stopping.signal)
      await begin().catch(error => log.error({ error: String(error) }, 'The agent could not start again yet'))
    }
  }

  await begin()
  return {
    get containerInstanceArn() {
      return current?.containerInstanceArn() ?? arn
    },
    stop: async () => {
      stopping.abort(new Error('the agent stops'))
      await current?.end()
    },
  }
}

const openRows = async (
  dataDir: string | undefined,
  onFailure: (failure: RowJournalFailure) => void,
): Promise<RowJournal> => {
  if (dataDir === undefined) return memoryRowJournal({ onFailure })
  // Loaded only where there is a disk: thousands of simulated agents in one process need no SQLite.
  const { openRowJournal } = await import('../lib/row-journal/open-row-journal.ts')
  return openRowJournal({ file: join(dataDir, 'agent.db'), onFailure })
}
