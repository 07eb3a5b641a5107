// The data directory of a server or an agent, for its owner alone. Before: openCore and startDockerAgent, each with its own.
import { mkdir } from 'node:fs/promises'
import { UsageError } from '../lib/usage-error.ts'

export const makeDataDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch(error => {
    throw new UsageError(`the data directory cannot be made (${error.message}); choose another with --data`)
  })
}
