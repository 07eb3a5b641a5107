// Removes everything that an agent made on its host: for `quickstart down` and for taking a host out of service. The agent must not
// be running. Before: whoever ends the agent for good. After: the driver; the journal forgets the tasks.
import { join } from 'node:path'
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
  readonly dataDir: string
}): Promise<{ readonly containers: number; readonly volumes: number }> => {
  const { driver, dataDir } = input
  const journal = await openAgentJournal(await openRowJournal({ file: join(dataDir, 'agent.db') }), {
    agentId: '',
    cluster: '',
  })
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
    await driver.removeMadeImages()
    for (const { record } of journal.found) journal.forget(record.arn)
    return { containers: containers.length, volumes: volumes.length }
  } finally {
    await journal.close()
  }
}
