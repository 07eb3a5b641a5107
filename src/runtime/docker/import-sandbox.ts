// Brings the sandbox's image to the engine and takes it away again. Before: images.ts. After: the engine's image import.
import { Readable } from 'node:stream'
import { SANDBOX_IMAGE } from '../driver.ts'
import { type Engine, EngineError } from './engine.ts'
import { jsonLines } from './json-lines.ts'
import { sandboxTar } from './sandbox-image.ts'

const READ_LIMIT_MS = 30_000
const REMOVE_LIMIT_MS = 2 * 60_000

const [REPOSITORY, TAG] = SANDBOX_IMAGE.split(':')

/** Rejects with an EngineError. Doing it again gives the name to an equal image. */
export const importSandbox = async (engine: Engine): Promise<void> => {
  const { Architecture } = await engine.call(READ_LIMIT_MS, docker => docker.info())
  const arm = Architecture === 'aarch64' || Architecture === 'arm64'
  const tar = sandboxTar(arm ? 'arm64' : 'x86_64')
  const stream = await engine.open(docker => docker.importImage(Readable.from([tar]), { repo: REPOSITORY, tag: TAG }))
  for await (const line of jsonLines(stream)) {
    if (typeof line === 'object' && line !== null && 'error' in line)
      throw new EngineError(`Error response from daemon: ${String(line.error)}`, {})
  }
}

/** One that is not there, or that a container of somebody else uses, is left as it is. */
export const removeSandbox = async (engine: Engine): Promise<void> => {
  try {
    await engine.call(REMOVE_LIMIT_MS, docker => docker.getImage(SANDBOX_IMAGE).remove())
  } catch (error) {
    const status = error instanceof EngineError ? error.status : undefined
    if (status !== 404 && status !== 409) throw error
  }
}
