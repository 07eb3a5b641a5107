// The task's next steps: a pure function of what is known and what is under way. A container goes pull, create, start, and
// at the end stop, remove; one step of a container at a time, containers of a task side by side where dependsOn allows.
// Before: engine.ts, whenever a record changed or a wait ended. After: perform.ts does the steps.
import type { PayloadContainer, PayloadTask } from '../../agent-link/acs.ts'
import { type Need, needs } from './container-spec.ts'
import type { ContainerPhase, ContainerRecord, TaskRecord } from './record.ts'
import { isSandbox } from './sandbox.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout) */
export const DEFAULT_STOP_TIMEOUT_SECONDS = 30

export type Step =
  /** `look`: find out what the engine has. Never planned here: the engine room asks for it when news may have been lost. */
  | { readonly kind: 'pull' | 'create' | 'start' | 'remove' | 'look'; readonly container: string }
  | { readonly kind: 'stop'; readonly container: string; readonly timeoutSeconds: number }
  /** Nothing to do on the engine: it ends without having run. */
  | { readonly kind: 'give-up'; readonly container: string; readonly reason?: string }
  | { readonly kind: 'make-volumes' }
  | { readonly kind: 'remove-volumes' }
  /** Nothing of it is left. */
  | { readonly kind: 'forget' }

/** What a step is under way for: a container's name, or this for the task's volumes. */
export const VOLUMES = '#volumes'

export type Situation = {
  readonly payload: PayloadTask
  readonly record: TaskRecord
  /** Containers (or VOLUMES) with a step under way or waiting to be tried again. */
  readonly busy: ReadonlySet<string>
  /** Its containers may be removed: the server knows that it stopped, and they were kept long enough. */
  readonly cleaning: boolean
}

export type NextSteps = {
  readonly steps: readonly Step[] /** When to look again though nothing happened. */
  readonly lookAt?: number
}

export const nextSteps = (situation: Situation, now: number): NextSteps => {
  const { record } = situation
  if (record.stoppedAt !== undefined || record.containers.length === 0) return { steps: afterTheEnd(situation) }
  if (record.desired === 'STOPPED') return { steps: towardsTheEnd(situation) }
  if (record.volumes === 'wanted') {
    return { steps: situation.busy.has(VOLUMES) ? [] : [{ kind: 'make-volumes' }] }
  }
  const steps: Step[] = []
  let lookAt: number | undefined
  for (const container of free(situation)) {
    const next = forward(situation, container, now)
    if (next === undefined) continue
    if (typeof next === 'number') lookAt = Math.min(lookAt ?? next, next)
    else steps.push(next)
  }
  return { steps, ...(lookAt === undefined ? {} : { lookAt }) }
}

const free = ({ record, busy }: Situation): readonly ContainerRecord[] =>
  record.containers.filter(container => !busy.has(container.name))

const definitionOf = (payload: PayloadTask, name: string): PayloadContainer | undefined =>
  payload.containers.find(container => container.name === name)

const STEP_FROM = { new: 'pull', pulled: 'create', created: 'start' } as const

/** A step, or when a wait of it runs out, or neither while it waits for something that will be seen. */
const forward = (situation: Situation, container: ContainerRecord, now: number): Step | number | undefined => {
  const { phase, name } = container
  if (phase === 'running') return undefined
  if (phase === 'stopped') return container.revived ? stop(situation, container) : undefined
  if (phase === 'restarting') return { kind: 'start', container: name }
  const definition = definitionOf(situation.payload, name)
  let lookAt: number | undefined
  let waits = false
  for (const need of definition ? needs(definition).flatMap(each => forStep(each, phase)) : []) {
    const outcome = judge(situation, need, now)
    if (outcome === 'met') continue
    if (outcome === 'impossible') return { kind: 'give-up', container: name, reason: unmet(need, name) }
    waits = true
    if (typeof outcome === 'number') lookAt = Math.min(lookAt ?? outcome, outcome)
  }
  return waits ? lookAt : { kind: STEP_FROM[phase], container: name }
}

// The sandbox is only needed where its network is: named when a container is created, joined when it is started. So that
// images are pulled, and containers created, while the engine makes the network.
const forStep = (need: Need, phase: ContainerPhase): readonly Need[] => {
  if (!isSandbox(need) || phase === 'created') return [need]
  return phase === 'new' ? [] : [{ ...need, condition: 'CREATE' }]
}

const unmet = (need: Need, target: string): string =>
  `CannotStartContainerError: dependency graph: failed to resolve the container ordering dependency [${need.name}] for target [${target}]: it did not reach ${need.condition}`

const judge = (situation: Situation, need: Need, now: number): 'met' | 'impossible' | 'waiting' | number => {
  const other = situation.record.containers.find(container => container.name === need.name)
  if (!other) return 'impossible'
  const { phase, exitCode } = other
  switch (need.condition) {
    case 'CREATE':
      if (phase === 'stopped' && other.id === undefined) return 'impossible'
      return phase === 'new' || phase === 'pulled' ? 'waiting' : 'met'
    case 'START':
      if (phase === 'running' || phase === 'restarting') return 'met'
      if (phase !== 'stopped') return 'waiting'
      // Over already, it had its start; one whose image was not there, or that was given up, never had.
      return other.startedAt === undefined ? 'impossible' : 'met'
    case 'COMPLETE':
      if (phase === 'stopped') return exitCode === undefined ? 'impossible' : 'met'
      break
    case 'SUCCESS':
      if (phase === 'stopped') return exitCode === 0 ? 'met' : 'impossible'
      break
    case 'HEALTHY':
      if (phase === 'stopped' || definitionOf(situation.payload, need.name)?.healthCheckType !== 'docker')
        return 'impossible'
      if (phase === 'running' && other.health === 'HEALTHY') return 'met'
      break
  }
  // startTimeout stands on the container that is waited for, and counts from its start.
  const timeout = definitionOf(situation.payload, need.name)?.startTimeout
  if (timeout === undefined || other.startedAt === undefined) return 'waiting'
  const until = other.startedAt + timeout * 1000
  return now >= until ? 'impossible' : until
}

const stop = ({ payload }: Situation, container: ContainerRecord): Step => ({
  kind: 'stop',
  container: container.name,
  timeoutSeconds: definitionOf(payload, container.name)?.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
})

// What others depend on is stopped after them.
const towardsTheEnd = (situation: Situation): readonly Step[] =>
  free(situation).flatMap((container): readonly Step[] => {
    if (container.phase === 'stopped') return container.revived ? [stop(situation, container)] : []
    if (container.phase === 'running') return neededStill(situation, container) ? [] : [stop(situation, container)]
    const untouched = container.phase === 'new' && situation.record.pullStartedAt === undefined
    const reason = 'TaskStoppedBeforePullBeginError: Task stopped before image pull could begin for task'
    return [{ kind: 'give-up', container: container.name, ...(untouched ? { reason } : {}) }]
  })

const neededStill = ({ payload, record, busy }: Situation, container: ContainerRecord): boolean =>
  record.containers.some(other => {
    const definition = definitionOf(payload, other.name)
    const starts = (other.phase === 'created' || other.phase === 'restarting') && busy.has(other.name)
    const runs = other.phase === 'running' || starts
    return runs && definition && needs(definition).some(need => need.name === container.name)
  })

const afterTheEnd = (situation: Situation): readonly Step[] => {
  const { record, busy, cleaning } = situation
  const revived = free(situation).filter(container => container.revived)
  if (revived.length > 0) return revived.map(container => stop(situation, container))
  if (!cleaning || busy.size > 0) return []
  const left = record.containers.filter(container => !container.removed)
  if (left.length > 0) return left.map(container => ({ kind: 'remove', container: container.name }))
  if (record.volumes === 'made' || record.volumes === 'wanted') return [{ kind: 'remove-volumes' }]
  return [{ kind: 'forget' }]
}
