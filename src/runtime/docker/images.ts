// Makes images available, as the ECS agent's ECS_IMAGE_PULL_BEHAVIOR words say: decides whether to pull, shares one pull
// among all who want the same image, falls back to the cached image where the word allows it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
// The sandbox's image is made, not pulled. Reads the engine's images. Before: docker-driver.ts. After: image-pull.ts.
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { DriverError, type PullPolicy, SANDBOX_IMAGE } from '../driver.ts'
import { asEngineError, type Engine, EngineError } from './engine.ts'
import { type PullLimits, pullImage } from './image-pull.ts'
import { importSandbox, removeSandbox } from './import-sandbox.ts'

export type Images = {
  readonly pull: (image: string, policy: PullPolicy, signal: AbortSignal) => Promise<{ readonly digest?: string }>
  /** Removes the images that were made here, unless a container uses them. */
  readonly removeMade: () => Promise<void>
  /** The engine said that it has no such image: what we knew of it is wrong. */
  readonly forget: (image: string) => void
}

export type PullSettings = {
  readonly limits?: Partial<PullLimits>
  /** How long the answer "the engine has this image" is used again: a burst of tasks asks once. */
  readonly cachedForMs?: number
  /** How long a registry that did not answer is left alone by those who can do with the cached image. */
  readonly unreachableForMs?: number
}

/** The ECS agent waits five minutes for a pull to begin; a registry that says nothing for one will not answer. */
const BEGIN_MS = 60_000
/** With a cached image to fall back to, a task need not wait long for a registry that may be down. */
const BEGIN_WITH_CACHED_MS = 10_000
const INACTIVITY_MS = 60_000
const CACHED_FOR_MS = 5_000
const UNREACHABLE_FOR_MS = 30_000
const INSPECT_LIMIT_MS = 30_000
/** Images remembered, newest kept: a host runs tens. */
const MAX_REMEMBERED = 1_000

type Cached = { readonly digest?: string }

export const openImages = (parts: {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  readonly settings: PullSettings
}): Images => {
  const { engine, clock, log, settings } = parts
  const known = new Map<string, { readonly at: number; readonly cached: Cached }>()
  /** Questions under way: the tasks of a burst that come before the answer wait for it together. */
  const looks = new Map<string, Promise<Cached | undefined>>()
  const pulls = new Map<string, { readonly done: Promise<Cached>; readonly abort: AbortController; waiting: number }>()
  /** For `once`, until this process ends: then an image is pulled once more. */
  const pulledOnce = new Set<string>()
  const unreachable = new Map<string, { readonly until: number; readonly error: EngineError }>()

  const inspect = async (image: string): Promise<Cached | undefined> => {
    try {
      const info = await engine.call(INSPECT_LIMIT_MS, docker => docker.getImage(image).inspect())
      const digest = digestOf(image, info.RepoDigests)
      const cached = digest === undefined ? {} : { digest }
      remember(known, image, { at: clock.now(), cached })
      return cached
    } catch (error) {
      known.delete(image)
      if (error instanceof EngineError && error.status === 404) return undefined
      throw error
    }
  }

  const cachedImage = async (image: string): Promise<Cached | undefined> => {
    const entry = known.get(image)
    if (entry && clock.now() - entry.at < (settings.cachedForMs ?? CACHED_FOR_MS)) return entry.cached
    const asked = looks.get(image) ?? inspect(image).finally(() => looks.delete(image))
    looks.set(image, asked)
    return await asked
  }

  const fetch = async (image: string, beginMs: number, signal: AbortSignal): Promise<Cached> => {
    const limits = { beginMs, inactivityMs: INACTIVITY_MS, ...settings.limits }
    try {
      await pullImage({ engine, clock, limits }, image, signal)
    } catch (error) {
      if (error instanceof EngineError && !signal.aborted && isUnreachable(error)) {
        const until = clock.now() + (settings.unreachableForMs ?? UNREACHABLE_FOR_MS)
        remember(unreachable, registryOf(image), { until, error })
      }
      throw error
    }
    unreachable.delete(registryOf(image))
    pulledOnce.add(image)
    const cached = await inspect(image)
    if (!cached) throw new EngineError(`No such image: ${image}`, {})
    return cached
  }

  /** One pull of an image at a time, cancelled when the last who waits for it has gone. */
  const sharedFetch = async (image: string, beginMs: number, signal: AbortSignal): Promise<Cached> => {
    const pull = pulls.get(image) ?? beginPull(image, beginMs)
    pull.waiting++
    const { cancelled, ignore } = cancellation(signal)
    try {
      return await Promise.race([pull.done, cancelled])
    } finally {
      ignore()
      pull.waiting--
      if (pull.waiting === 0) {
        if (pulls.get(image) === pull) pulls.delete(image)
        pull.abort.abort()
      }
    }
  }

  const beginPull = (image: string, beginMs: number) => {
    const abort = new AbortController()
    const pull = { done: fetch(image, beginMs, abort.signal), abort, waiting: 0 }
    pulls.set(image, pull)
    return pull
  }

  let making: Promise<void> | undefined
  const makeSandbox = async (): Promise<Cached> => {
    if (await cachedImage(SANDBOX_IMAGE)) return {}
    making ??= importSandbox(engine).finally(() => {
      making = undefined
    })
    await making
    return {}
  }

  const decide = async (image: string, policy: PullPolicy, signal: AbortSignal): Promise<Cached> => {
    if (image === SANDBOX_IMAGE) return makeSandbox()
    const cached = policy === 'always' ? undefined : await cachedImage(image)
    if (cached && (policy === 'prefer-cached' || (policy === 'once' && pulledOnce.has(image)))) return cached
    const down = unreachable.get(registryOf(image))
    if (cached && policy === 'default' && down && clock.now() < down.until) return cached
    try {
      return await sharedFetch(image, cached ? BEGIN_WITH_CACHED_MS : BEGIN_MS, signal)
    } catch (error) {
      if (!cached || policy !== 'default' || signal.aborted) throw error
      log.warn({ image, reason: asEngineError(error).message }, 'could not pull the image: using the cached one')
      return cached
    }
  }

  return {
    pull: async (image, policy, signal) => {
      try {
        return await decide(image, policy, signal)
      } catch (error) {
        throw new DriverError('CannotPullContainerError', asEngineError(error).message, error)
      }
    },
    removeMade: async () => {
      known.delete(SANDBOX_IMAGE)
      await removeSandbox(engine)
    },
    forget: image => {
      known.delete(image)
    },
  }
}

/** `repository@sha256:...` entries, one for each repository the image has a name in; none for an image that was built here. */
const digestOf = (image: string, digests: readonly string[] | undefined | null): string | undefined => {
  const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  const all = digests ?? []
  const mine = all.find(digest => digest.startsWith(`${repository}@`)) ?? all[0]
  return mine?.slice(mine.indexOf('@') + 1)
}

/** The first part of a name is a registry's host when it looks like one (the engine's own rule); else it is Docker Hub's. */
const registryOf = (image: string): string => {
  const first = image.split('/')[0] ?? ''
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost')
  return isHost ? first : 'docker.io'
}

/** What the engine says when no registry answered, rather than a registry said no. */
const isUnreachable = (error: EngineError): boolean =>
  error.timedOut ||
  /\bdial (tcp|udp)\b|no such host|i\/o timeout|Client\.Timeout|TLS handshake|x509:/.test(error.message)

/** Rejects when `signal` is aborted; `ignore` takes the listener off again. */
const cancellation = (signal: AbortSignal): { readonly cancelled: Promise<never>; readonly ignore: () => void } => {
  let cancel = () => {}
  const cancelled = new Promise<never>((_resolve, reject) => {
    cancel = () => reject(new EngineError('the pull was cancelled', {}))
  })
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  return { cancelled, ignore: () => signal.removeEventListener('abort', cancel) }
}

const remember = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
  map.delete(key)
  map.set(key, value)
  const oldest = map.size > MAX_REMEMBERED ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}
