// Follows the engine's events of the containers with one label: GET /events, opened again with a back-off when it
// breaks. Every time it opens the listener is told to look at everything (`resync`): what happened meanwhile may be lost.
// Before: docker-driver.ts. After: the listener, which is the agent's task engine.
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { DriverEvent } from '../driver.ts'
import { healthOf } from './container-state.ts'
import { asEngineError, type Engine } from './engine.ts'
import { jsonLines } from './json-lines.ts'

/** An engine that restarts is back within seconds; one connection a host, so nobody needs the jitter. */
const RECONNECT: BackoffPolicy = { firstMs: 50, mostMs: 5_000, factor: 2, jitter: 0 }
/** Overlap asked for when the stream opens: the engine answers a moment before it listens. Said twice does no harm. */
const OVERLAP_MS = 1_000
const EVENTS = ['start', 'die', 'oom', 'health_status', 'destroy']

type EngineEvent = {
  readonly Action: string
  readonly timeNano?: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

export const followEvents = (
  parts: { readonly engine: Engine; readonly clock: Clock; readonly log: Log },
  label: { readonly key: string; readonly value: string },
  listener: (event: DriverEvent) => void,
): (() => void) => {
  const { engine, clock, log } = parts
  const end = new AbortController()
  const filters = { type: ['container'], label: [`${label.key}=${label.value}`], event: EVENTS }

  const followOnce = async (opened: () => void): Promise<void> => {
    const since = (clock.now() - OVERLAP_MS) / 1000
    const request = { filters: JSON.stringify(filters), since, abortSignal: end.signal }
    const stream = await engine.open(docker => docker.getEvents(request))
    opened()
    listener({ type: 'resync' })
    const toDriverEvent = eventReader()
    for await (const line of jsonLines(stream)) {
      const event = isEngineEvent(line) ? toDriverEvent(line) : undefined
      if (event && !end.signal.aborted) listener(event)
    }
  }

  const follow = async (): Promise<void> => {
    let failures = 0
    while (!end.signal.aborted) {
      let reason = 'the stream ended'
      try {
        await followOnce(() => {
          failures = 0
        })
      } catch (error) {
        reason = asEngineError(error).message
      }
      if (end.signal.aborted) return
      failures++
      // Once an outage: whether the engine is there at all is told by the agent (engine-watch.ts).
      const say = failures === 1 ? log.warn : log.debug
      say({ reason, failures }, "the Docker Engine's event stream broke: opening it again")
      await clock.sleep(backoffMs(RECONNECT, failures, 0.5), end.signal).catch(() => {})
    }
  }
  void follow()
  return () => end.abort()
}

/** Keeps which containers ran out of memory until they die: the engine says the one before the other. */
export const eventReader = (): ((event: EngineEvent) => DriverEvent | undefined) => {
  const outOfMemory = new Set<string>()
  return ({ Action, Actor, timeNano }) => {
    const { image: _image, name: _name, exitCode, ...labels } = Actor.Attributes
    const at = timeNano === undefined ? {} : { at: timeNano / 1e6 }
    const changed = { type: 'changed', id: Actor.ID, labels, ...at } as const
    if (Action === 'start') return { ...changed, what: 'started' }
    if (Action === 'die') {
      const oomKilled = outOfMemory.delete(Actor.ID)
      return { ...changed, what: 'died', ...(exitCode !== undefined && { exitCode: Number(exitCode) }), oomKilled }
    }
    if (Action === 'destroy') {
      outOfMemory.delete(Actor.ID)
      return { ...changed, what: 'removed' }
    }
    if (Action === 'oom') outOfMemory.add(Actor.ID)
    const health = /^health_status: (.*)$/.exec(Action)?.[1]
    return health === undefined ? undefined : { ...changed, what: 'health', health: healthOf(health) }
  }
}

const isEngineEvent = (line: unknown): line is EngineEvent =>
  typeof line === 'object' && line !== null && 'Action' in line && 'Actor' in line
