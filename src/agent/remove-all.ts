// Removes everything that an agent made on its host, but for images, which other agents may use. The agent must not be running.
// Before: `quickstart down`, when it has ended the agent for good. After: the driver; the journal forgets the tasks.
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { openRowJournal } from '../lib/row-journal/open-row-journal.ts'
import type { Driver } from '../runtime/driver.ts'
import { AGENT_LABEL, taskArnIn } from './engine/labels.ts'
import { removeTaskGroup } from './engine/task-group.ts'
import { openAgentJournal } from './journal.ts'

/** The container engine removes no faster with more. */
const REMOVALS_AT_A_TIME = 4

/** Containers are killed, not stopped: nobody waits for what they were doing. Rejects with LOCKED while the agent runs. */
export const removeAll = async (input: {
  readonly driver: Driver
  /** The agent's own. */
  readonly dataDir: string
  readonly clock: Clock
}): Promise<{ readonly containers: number; readonly volumes: number }> => {
  const { driver, dataDir, clock } = input
  const rows = await openRowJournal({ file: join(dataDir, 'agent.db') })
  const journal = await openAgentJournal(rows, { agentId: '', cluster: '' }, clock)
  try {
    const { agentId } = journal.identity()
    // A data directory that no agent ever used: then there is nothing of its making.
    if (agentId === '') return { containers: 0, volumes: 0 }
    const containers = await driver.list(AGENT_LABEL, agentId)
    const queue = containers.values()
    const work = async (): Promise<void> => {
      for (const { id } of queue) await driver.remove(id)
    }
    await Promise.all(Array.from({ length: REMOVALS_AT_A_TIME }, work))
    const volumes = await driver.listVolumes(AGENT_LABEL, agentId)
    for (const volume of volumes) await driver.removeVolume(volume)
    for (const arn of new Set(containers.map(({ labels }) => taskArnIn(labels)))) await removeTaskGroup(driver, arn)
    for (const { record } of journal.found) journal.forget(record.arn)
    return { containers: containers.length, volumes: volumes.length }
  } finally {
    await journal.close()
  }
}
