// Does one step on the container runtime and says what came of it. What fails for good is a fact about the container (its
// `reason`); what can be tried again says `retry`. Before: next-steps.ts, by way of engine.ts. After: the driver.
import type { PayloadTask } from '../../agent-link/acs.ts'
import { AssertionError } from '../../lib/assert.ts'
import type { Log } from '../../lib/log.ts'
import {
  type ContainerSpec,
  type ContainerState,
  type Driver,
  DriverError,
  isEngineGoingDown,
  isEngineGone,
  type PullPolicy,
} from '../../runtime/driver.ts'
import { containerSpec } from './container-spec.ts'
import type { Step } from './next-steps.ts'
import type { Observation } from './observe.ts'
import { type ContainerRecord, containerName, type TaskRecord } from './record.ts'
import { isSandbox, subnetAddressOf } from './sandbox.ts'
import { hasSize, makeTaskGroup, removeTaskGroup } from './task-group.ts'
import { makeVolumes, ownVolumes } from './volumes.ts'

export type Workshop = {
  readonly driver: Driver
  readonly agentId: string
  readonly pullPolicy: PullPolicy
  readonly log: Log
}

export type Outcome = { readonly observations: readonly Observation[]; readonly retry?: boolean }

export type Job = {
  readonly payload: PayloadTask
  readonly record: TaskRecord
  /** Aborted when the task is to stop: a pull is then given up. */
  readonly signal: AbortSignal
  /** A start may be under way already, by an earlier life of this agent: look before starting. */
  readonly careful: boolean
  /** How often this step has been tried already. */
  readonly tries: number
}

/** With the back-off of the task engine half a minute: one that goes down is gone by then, or back. */
const TRIES_WHILE_GOING_DOWN = 6

export type EngineStep = Exclude<Step, { kind: 'give-up' | 'forget' }>

export const perform = async (step: EngineStep, job: Job, shop: Workshop): Promise<Outcome> => {
  try {
    return { observations: await done(step, job, shop) }
  } catch (error) {
    if (error instanceof AssertionError) throw error
    return failed(step, job, shop, error)
  }
}

const done = async (step: EngineStep, job: Job, shop: Workshop): Promise<readonly Observation[]> => {
  const { driver } = shop
  if (step.kind === 'make-volumes') {
    await makeVolumes(driver, shop.agentId, job.payload)
    return [{ type: 'volumes', now: 'made', ...(await makeTaskGroup(driver, job.payload)) }]
  }
  if (step.kind === 'remove-volumes') {
    for (const name of ownVolumes(job.payload)) await driver.removeVolume(name)
    if (hasSize(job.payload)) await removeTaskGroup(driver, job.payload.arn)
    return [{ type: 'volumes', now: 'removed' }]
  }
  const { container } = step
  const id = idOf(job, container)
  switch (step.kind) {
    case 'pull':
      return [{ type: 'pulled', container, ...(await pull(job, shop, container)) }]
    case 'create':
      return [{ type: 'created', container, id: await driver.create(await specOf(job, shop, container)) }]
    case 'start':
      return [await start(job, shop, container, id)]
    case 'look':
      return [{ type: 'seen', container, state: await driver.inspect(id) }]
    case 'stop':
      return stop(job, shop, container, id, step.timeoutSeconds)
    case 'remove':
      await driver.remove(id)
      if (isSandbox({ name: container })) await leaveSubnet(driver, job.payload)
      return [{ type: 'removed', container }]
  }
}

const recordOf = (job: Job, container: string): ContainerRecord | undefined =>
  job.record.containers.find(candidate => candidate.name === container)

/** The engine takes a name for an id: what was created without our seeing the answer is found by it. */
const idOf = (job: Job, container: string): string =>
  recordOf(job, container)?.id ?? containerName(job.payload, container)

const definitionOf = (job: Job, container: string) => {
  const definition = job.payload.containers.find(candidate => candidate.name === container)
  if (!definition) throw new AssertionError(`no container ${container} in task ${job.payload.arn}`)
  return definition
}

const specOf = async (job: Job, { driver, agentId }: Workshop, container: string): Promise<ContainerSpec> => {
  const spec = containerSpec(agentId, job.payload, definitionOf(job, container), job.record.cgroupParent)
  const address = isSandbox({ name: container }) ? subnetAddressOf(job.payload) : undefined
  const networkMode = address && (await driver.makeNetwork(address.cidr, address.gateway))
  return !address || networkMode === undefined ? spec : { ...spec, networkMode, ipv4Address: address.ipv4 }
}

const leaveSubnet = async (driver: Driver, payload: PayloadTask): Promise<void> => {
  const address = subnetAddressOf(payload)
  if (address) await driver.removeNetwork(address.cidr)
}

const pull = (job: Job, shop: Workshop, container: string) =>
  shop.driver.pull(definitionOf(job, container).image, shop.pullPolicy, job.signal)

/** Not started yet, or not again since the end that it is to be restarted after. */
const isStartable = (record: ContainerRecord | undefined, state: ContainerState): boolean =>
  state.status === 'created' ||
  (record?.phase === 'restarting' && state.status === 'stopped' && (state.finishedAt ?? 0) <= (record.lastEnd?.at ?? 0))

const start = async (job: Job, { driver }: Workshop, container: string, id: string): Promise<Observation> => {
  if (job.careful) {
    const state = await driver.inspect(id)
    if (!state || !isStartable(recordOf(job, container), state)) return { type: 'seen', container, state }
  }
  try {
    const state = await driver.start(id)
    // A start need not know the address, which is what a sandbox is there for.
    const seen = isSandbox({ name: container }) && !state.address ? await driver.inspect(id) : state
    return { type: 'started', container, state: seen ?? state }
  } catch (error) {
    // A start that timed out may have worked all the same.
    const state = await driver.inspect(id).catch(() => undefined)
    if (state?.startedAt !== undefined && state.status === 'running') return { type: 'started', container, state }
    throw error
  }
}

const stop = async (
  job: Job,
  { driver }: Workshop,
  container: string,
  id: string,
  timeoutSeconds: number,
): Promise<readonly Observation[]> => {
  await driver.stop(id, timeoutSeconds)
  // One that has stopped holds no address, however long it is kept.
  if (isSandbox({ name: container })) await leaveSubnet(driver, job.payload)
  // How it ended is told by the runtime's event, or by a look when that is late (engine.ts).
  return recordOf(job, container)?.revived ? [{ type: 'restopped', container }] : []
}

const CODE_OF = {
  pull: 'CannotPullContainerError',
  create: 'CannotCreateContainerError',
  start: 'CannotStartContainerError',
  'make-volumes': 'CannotCreateVolumeError',
} as const

const failed = async (step: EngineStep, job: Job, shop: Workshop, error: unknown): Promise<Outcome> => {
  const text = error instanceof Error ? error.message : String(error)
  const { log } = shop
  // Not pulled because the task is to stop: that is not a failure of the pull.
  if (step.kind === 'pull' && job.signal.aborted) return { observations: [] }
  // An engine that restarts is no failure of the task: it waits. What if it stays away is for engine-watch.ts.
  const gone = isEngineGone(error) || (isEngineGoingDown(error) && job.tries < TRIES_WHILE_GOING_DOWN)
  const say = gone ? log.debug : log.warn
  say({ task: job.record.arn, step, error: text }, 'A step of a task failed')
  if (gone) return { observations: [], retry: true }
  switch (step.kind) {
    case 'stop':
    case 'look':
    case 'remove':
    case 'remove-volumes':
      return { observations: [], retry: true }
    default: {
      const code = error instanceof DriverError ? error.code : CODE_OF[step.kind]
      const reason = `${code}: ${text}`
      if (step.kind !== 'make-volumes') return { observations: [{ type: 'failed', container: step.container, reason }] }
      return { observations: job.record.containers.map(({ name }) => ({ type: 'failed', container: name, reason })) }
    }
  }
}
