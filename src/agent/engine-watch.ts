// Whether the container engine answers at all. One that has not for a while makes this host one that tasks only fail on, and that
// placement likes best, because it looks empty: its agent then leaves the server ("an agent that may be unhealthy or stopped" is
// not connected: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html), so that nothing more is
// placed here and services go on elsewhere, as if the host were lost. It comes back when the engine does.
// Before: life.ts. After: link.ts, which is held meanwhile.
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type Driver, isEngineGone } from '../runtime/driver.ts'

/** Between two looks; the engine answers one in under a millisecond. */
const LOOK_MS = 5_000
/** Between two looks for one that is not there yet. */
const AGAIN_MS = 1_000
/** An engine that is restarted, or upgraded by a package, is back within seconds: until then tasks wait for it. */
const PATIENCE_MS = 10_000

export type EngineWatchDeps = {
  readonly driver: Pick<Driver, 'ping'>
  readonly onSilent: () => void
  readonly onBack: () => void
  readonly clock: Clock
  readonly log: Log
}

/**
 * At the agent's start. With `wait`, as for a host that is known to the server and may boot with its agent before its engine, it waits
 * for one that is not there. Rejects when the engine says no.
 */
export const engineInfo = async (
  { driver, clock, log }: { readonly driver: Pick<Driver, 'info'>; readonly clock: Clock; readonly log: Log },
  wait: boolean,
  signal: AbortSignal,
): ReturnType<Driver['info']> => {
  for (let tries = 0; ; tries++) {
    try {
      return await driver.info()
    } catch (error) {
      if (!wait || !isEngineGone(error)) throw error
      if (tries === 0) log.warn({ error: String(error) }, 'The container engine does not answer: waiting for it')
      await clock.sleep(AGAIN_MS, signal)
    }
  }
}

/** Looks until `signal` is aborted. */
export const watchEngine = async (deps: EngineWatchDeps, signal: AbortSignal): Promise<void> => {
  const { driver, onSilent, onBack, clock, log } = deps
  /** The first look that had no answer since the last that had. */
  let silentSince: number | undefined
  let told = false
  while (!signal.aborted) {
    const askedAt = clock.now()
    const error = await driver.ping().then(
      () => undefined,
      (failure: unknown) => String(failure),
    )
    if (signal.aborted) return
    silentSince = error === undefined ? undefined : (silentSince ?? askedAt)
    const silent = silentSince !== undefined && clock.now() - silentSince >= PATIENCE_MS
    if (silent && !told) {
      log.error({ error }, 'The container engine does not answer: no tasks for this host until it does')
      onSilent()
    }
    if (error === undefined && told) {
      log.warn({}, 'The container engine answers again')
      onBack()
    }
    told = silent || (told && error !== undefined)
    await clock.sleep(LOOK_MS, signal).catch(() => {})
  }
}
