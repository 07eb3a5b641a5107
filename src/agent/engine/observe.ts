// What happened to a task, laid onto its record: pure, and only ever forward, so that the same news twice, late or out of
// order changes nothing. What a restart policy makes of an end is in restart.ts. Before: engine.ts, with what a step returned, what the runtime's events said or what a look at the
// engine showed. After: next-steps.ts and report.ts read the record.
import type { PayloadTask } from '../../agent-link/acs.ts'
import type { ContainerHealth, ContainerState } from '../../runtime/driver.ts'
import { type ContainerRecord, isEnded, type TaskRecord, withContainer } from './record.ts'
import { isOfEarlierRun, lastEndOf, newRun, restartInstead } from './restart.ts'
import { isSandbox } from './sandbox.ts'

export type Observation =
  | { readonly type: 'pulling'; readonly container: string }
  | { readonly type: 'pulled'; readonly container: string; readonly digest?: string }
  | { readonly type: 'created'; readonly container: string; readonly id: string }
  /** The engine's answer to a start. */
  | { readonly type: 'started'; readonly container: string; readonly state: ContainerState }
  | {
      readonly type: 'ended'
      readonly container: string
      readonly exitCode?: number
      readonly oomKilled: boolean
      /** By the engine's clock, where it says it. */
      readonly at?: number
    }
  /** It will not run: a step failed for good, or a dependency cannot be met. */
  | { readonly type: 'failed'; readonly container: string; readonly reason?: string }
  | { readonly type: 'health'; readonly container: string; readonly health: ContainerHealth }
  /** What a look at the engine showed; undefined: it has no such container. */
  | { readonly type: 'seen'; readonly container: string; readonly state: ContainerState | undefined }
  | { readonly type: 'restopped' | 'removed'; readonly container: string }
  | { readonly type: 'volumes'; readonly now: 'made' | 'removed'; readonly cgroupParent?: string }
  | { readonly type: 'stop-asked' }

const VANISHED = 'ContainerVanishedError: No container matching saved ID found'
const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage'

/** The record after `observation`; the same object when it says nothing new. */
export const observe = (record: TaskRecord, payload: PayloadTask, observation: Observation, now: number): TaskRecord =>
  settled(applied(record, payload, observation, now), payload, now)

const applied = (record: TaskRecord, payload: PayloadTask, observation: Observation, now: number): TaskRecord => {
  switch (observation.type) {
    case 'stop-asked':
      return record.desired === 'STOPPED' ? record : { ...record, desired: 'STOPPED' }
    case 'volumes':
      return {
        ...record,
        volumes: observation.now,
        ...(observation.cgroupParent === undefined ? {} : { cgroupParent: observation.cgroupParent }),
      }
    default: {
      const container = record.containers.find(candidate => candidate.name === observation.container)
      const said = container && changeOf(container, observation, now)
      if (!said) return record
      const change = restartInstead({ record, payload, container, change: said }, now)
      return withTimes(withContainer(record, observation.container, change), observation, now)
    }
  }
}

type OfContainer = Exclude<Observation, { type: 'stop-asked' | 'volumes' }>

const changeOf = (
  container: ContainerRecord,
  observation: OfContainer,
  now: number,
): Partial<ContainerRecord> | undefined => {
  const live = container.phase !== 'stopped'
  switch (observation.type) {
    case 'pulling':
      return live ? {} : undefined
    case 'pulled':
      return live ? { phase: 'pulled', ...(observation.digest ? { digest: observation.digest } : {}) } : undefined
    case 'created':
      return live ? { phase: 'created', id: observation.id } : { id: observation.id, removed: false }
    case 'started':
      return shown(container, observation.state, now, true)
    case 'ended':
      // While it is to be restarted, a look or the start itself tells of a new end, and no event does.
      if (!live || container.phase === 'restarting' || isOfEarlierRun(container, observation.at)) return undefined
      return endedChange(container, observation, now)
    case 'failed':
      return live ? { ...stoppedChange(now, observation.reason), ...lastEndOf(container) } : undefined
    case 'health':
      return container.health === observation.health ? undefined : { health: observation.health, healthSince: now }
    case 'seen':
      if (observation.state) return shown(container, observation.state, now, false)
      if (container.phase === 'created' || container.phase === 'running' || container.phase === 'restarting')
        return { ...stoppedChange(now, VANISHED), removed: true }
      return container.removed || container.phase !== 'stopped' ? undefined : { removed: true }
    case 'restopped':
      return { revived: false }
    case 'removed':
      return live ? { ...stoppedChange(now, VANISHED), removed: true } : { removed: true, revived: false }
  }
}

const withTimes = (record: TaskRecord, { type, container }: OfContainer, now: number): TaskRecord => {
  // Callers' images: nothing is pulled for the sandbox.
  if (isSandbox({ name: container })) return record
  if (type === 'pulling' && record.pullStartedAt === undefined) return { ...record, pullStartedAt: now }
  return type === 'pulled' ? { ...record, pullStoppedAt: now } : record
}

const stoppedChange = (now: number, reason: string | undefined): Partial<ContainerRecord> => ({
  phase: 'stopped',
  finishedAt: now,
  ...(reason ? { reason } : {}),
})

const endedChange = (
  container: ContainerRecord,
  end: { readonly exitCode?: number | undefined; readonly oomKilled: boolean },
  now: number,
): Partial<ContainerRecord> => ({
  ...stoppedChange(now, end.oomKilled ? OUT_OF_MEMORY : undefined),
  // What ended had run, also when word of its start never came.
  startedAt: container.startedAt ?? now,
  ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
})

// A look at the engine, or its answer to a start. One that shows less than is known already is older than what is known.
const shown = (
  container: ContainerRecord,
  state: ContainerState,
  now: number,
  afterStart: boolean,
): Partial<ContainerRecord> | undefined => {
  const found = {
    id: state.id,
    removed: false,
    ...(state.ports.length > 0 ? { ports: state.ports } : {}),
    ...(state.address ? { address: state.address } : {}),
  }
  const ran = state.startedAt ?? (afterStart ? now : undefined)
  const started = container.startedAt ?? ran
  const health = state.health === container.health ? {} : { health: state.health, healthSince: now }
  if (container.phase === 'stopped') {
    if (state.status === 'running' && !afterStart) return { ...found, revived: true }
    return { ...found, ...(started === undefined ? {} : { startedAt: started }) }
  }
  if (state.status === 'created') return container.phase === 'running' ? undefined : { ...found, phase: 'created' }
  if (state.status === 'running') {
    return { ...found, ...health, ...newRun(container, state, ran ?? now), phase: 'running', startedAt: started ?? now }
  }
  const finishedAt = state.finishedAt ?? now
  if (isOfEarlierRun(container, finishedAt)) return undefined
  if (started === undefined) {
    const reason = `CannotStartContainerError: ${state.error ?? 'it ended before it ran'}`
    return { ...found, ...stoppedChange(finishedAt, reason) }
  }
  const end = { exitCode: state.exitCode, oomKilled: state.oomKilled }
  const run = newRun(container, state, ran ?? started)
  return { ...found, ...run, ...endedChange({ ...container, startedAt: started }, end, finishedAt) }
}

// What follows for the task from its containers.
const settled = (record: TaskRecord, payload: PayloadTask, now: number): TaskRecord => {
  let next = record
  const essential = new Set(payload.containers.filter(each => each.essential).map(each => each.name))
  const lost = next.containers.some(each => each.phase === 'stopped' && essential.has(each.name))
  if (lost && next.executionStoppedAt === undefined) next = { ...next, executionStoppedAt: now }
  const ended = isEnded(next)
  if ((lost || ended) && next.desired === 'RUNNING') next = { ...next, desired: 'STOPPED' }
  if (next.runningAt === undefined && allRan(next, essential)) next = { ...next, runningAt: now }
  if (ended && next.stoppedAt === undefined) next = { ...next, stoppedAt: now }
  return next
}

const allRan = ({ containers }: TaskRecord, essential: ReadonlySet<string>): boolean =>
  containers.some(each => each.startedAt !== undefined) &&
  containers.every(each => each.startedAt !== undefined || (each.phase === 'stopped' && !essential.has(each.name)))
