// One pull of one image: asks the engine, follows its progress, gives up when it goes silent. Before: images.ts. After: the
// engine's POST /images/create, and the registry behind it.
import type { Clock } from '../../lib/clock.ts'
import { asEngineError, type Engine, EngineError, spell } from './engine.ts'
import { jsonLines } from './json-lines.ts'

/** How long a silent pull may go on, in milliseconds. */
export type PullLimits = {
  /** To the first sign of life: nothing comes before the registry has answered. */
  readonly beginMs: number
  /** Between two lines of progress; the ECS agent's ECS_IMAGE_PULL_INACTIVITY_TIMEOUT is one minute too. */
  readonly inactivityMs: number
}

/** `name[:tag]` or `name@sha256:...`; without a tag the engine would pull all that there are. */
export const pullReference = (image: string): { readonly fromImage: string; readonly tag?: string } => {
  if (image.includes('@')) return { fromImage: image }
  const colon = image.lastIndexOf(':')
  // A colon before the last slash belongs to the registry's port.
  if (colon <= image.lastIndexOf('/')) return { fromImage: image, tag: 'latest' }
  return { fromImage: image.slice(0, colon), tag: image.slice(colon + 1) }
}

/** Rejects with an EngineError: the registry's words, or that it went silent, or that `signal` was aborted. */
export const pullImage = async (
  parts: { readonly engine: Engine; readonly clock: Clock; readonly limits: PullLimits },
  image: string,
  signal: AbortSignal,
): Promise<void> => {
  const abort = new AbortController()
  let silence: EngineError | undefined
  const giveUpAfter = (ms: number, message: string) =>
    parts.clock.after(ms, () => {
      silence = new EngineError(message, { timedOut: true })
      abort.abort()
    })
  const stop = () => abort.abort()
  signal.addEventListener('abort', stop, { once: true })
  const { beginMs, inactivityMs } = parts.limits
  let timer = giveUpAfter(beginMs, `Could not transition to pulled; timed out after waiting ${spell(beginMs)}`)
  try {
    if (signal.aborted) throw new EngineError('the pull was cancelled', {})
    const stream = await parts.engine.open(docker =>
      docker.createImage({ ...pullReference(image), abortSignal: abort.signal }),
    )
    for await (const line of jsonLines(stream)) {
      const failure = failureOf(line)
      if (failure !== undefined) throw new EngineError(`Error response from daemon: ${failure}`, {})
      timer.cancel()
      timer = giveUpAfter(inactivityMs, 'inactivity time exceeded timeout while pulling image')
    }
  } catch (error) {
    if (silence) throw silence
    if (signal.aborted) throw new EngineError('the pull was cancelled', { cause: error })
    throw asEngineError(error)
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', stop)
  }
}

const failureOf = (line: unknown): string | undefined =>
  typeof line === 'object' && line !== null && 'error' in line ? String(line.error) : undefined
