// The task engine: holds each task's record, takes its next steps, and lays what happened onto it. Every change is journalled
// and offered to the reporter. Nothing here decides: next-steps.ts does (what to do), observe.ts (what news mean), report.ts
// (what to tell). Before: session.ts with payloads, the driver with events. After: perform.ts, journal.ts, reporter.ts.
import type { PayloadTask, TaskIdentifier } from '../../agent-link/acs.ts'
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import type { ContainerState, DriverEvent } from '../../runtime/driver.ts'
import type { AgentJournal } from '../journal.ts'
import { whyInvalid } from './container-spec.ts'
import { containerNameIn, taskArnIn } from './labels.ts'
import { createLane, type Lane } from './lane.ts'
import { nextSteps, VOLUMES } from './next-steps.ts'
import { type Observation, observe } from './observe.ts'
import { type EngineStep, type Outcome, perform, type Workshop } from './perform.ts'
import { type ContainerPhase, type KnownTask, newRecord, type TaskRecord } from './record.ts'
import { type Owed, owed } from './report.ts'
import { Retired } from './retired.ts'
import { withSandbox } from './sandbox.ts'
import { hasSize } from './task-group.ts'

export type EngineSettings = {
  /** Creates and starts at a time. The Docker Engine is at its best with about two a core; more only makes each slower. */
  readonly launches: number
  /** How long a stopped task's containers are kept for `docker logs`, and of how many tasks at most. */
  readonly taskCleanupWaitMs: number
  readonly keptStoppedTasks: number
}

export type EngineDeps = {
  readonly shop: Workshop
  readonly journal: AgentJournal
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings: EngineSettings
  /** A task changed: something may be owed to the server. */
  readonly onChange: (arn: string) => void
  readonly onHealth: (arn: string) => void
}

/** Removing is as much work for the engine as launching, and nobody waits for it. */
const REMOVALS_AT_A_TIME = 1

/** Stops and removals that the engine refuses are tried for ever: what the agent made must go. */
const RETRY: BackoffPolicy = { firstMs: 500, mostMs: 60_000, factor: 2, jitter: 0.2 }

type Live = {
  readonly payload: PayloadTask
  record: TaskRecord
  /** Containers (or VOLUMES) with a step under way, or with one that waits to be tried again. */
  readonly busy: Map<string, EngineStep['kind'] | 'retry'>
  readonly failures: Map<string, number>
  /** Those that wait to be tried again. */
  readonly retries: Map<string, { readonly timer: Timer; readonly again: () => void }>
  /** News that came while a container was being started: older than the start's own answer, or newer? Laid on after it. */
  readonly held: Map<string, Observation[]>
  /** To be looked at when its step is done: events may have been lost meanwhile. */
  readonly doubted: Set<string>
  /** Its start may have been asked for: by an earlier life of the agent, or of the container engine. */
  readonly inherited: Set<string>
  readonly stopping: AbortController
  timer?: Timer | undefined
  cleaning: boolean
}

export class TaskEngine {
  readonly #deps: EngineDeps
  readonly #tasks = new Map<string, Live>()
  readonly #launches: Lane
  readonly #removals = createLane(REMOVALS_AT_A_TIME)
  readonly #never = new AbortController().signal
  readonly #retired: Retired
  /** Over, told, cleaned up and forgotten: a payload that was long on its way over this link may still ask for one. */
  readonly #over = new Set<string>()
  #closed = false

  constructor(deps: EngineDeps) {
    this.#deps = deps
    this.#launches = createLane(deps.settings.launches)
    this.#retired = new Retired(deps.clock, deps.settings, arn => this.#clean(arn))
  }

  /** A task as the journal has it, with what the engine showed of its containers. Steps begin with `wake`. */
  restore({ payload, record }: KnownTask, states: readonly ContainerState[]): void {
    const live = this.#add(payload, record)
    for (const container of record.containers) {
      const state = states.find(candidate => containerNameIn(candidate.labels) === container.name)
      if (state || container.phase !== 'new') this.#lay(live, { type: 'seen', container: container.name, state })
      const after = live.record.containers.find(candidate => candidate.name === container.name)
      if (after?.phase === 'created' || after?.phase === 'restarting') live.inherited.add(container.name)
    }
    if (record.acknowledged.status === 'STOPPED') this.#retired.add(record.arn, record.stoppedAt ?? record.acceptedAt)
  }

  wake(): void {
    for (const live of this.#tasks.values()) {
      this.#deps.onChange(live.record.arn)
      this.#turn(live)
    }
  }

  known(arn: string): KnownTask | undefined {
    return this.#tasks.get(arn)
  }

  tasks(): IterableIterator<KnownTask> {
    return this.#tasks.values()
  }

  /** The server's word. `found`: containers of this task that the engine has though the journal did not know it. */
  accept(payload: PayloadTask, found: readonly ContainerState[] = [], invalid = whyInvalid(payload)): void {
    const { journal, clock } = this.#deps
    if (this.#over.has(payload.arn)) return
    const known = this.#tasks.get(payload.arn)
    if (known) {
      if (payload.desiredStatus === 'STOPPED') this.#news(known, { type: 'stop-asked' })
      // The server still speaks of a task that is over: it does not know.
      if (known.record.acknowledged.status === 'STOPPED') this.#acknowledge(known, { status: 'NONE', summary: '' })
      return
    }
    const whole = withSandbox(payload)
    const live = this.#add(whole, newRecord(whole, clock.now(), invalid))
    journal.putPayload(whole)
    journal.putRecord(live.record)
    for (const { name } of live.record.containers) {
      if (found.some(state => containerNameIn(state.labels) === name))
        this.#begin(live, { kind: 'look', container: name })
    }
    if (live.record.invalid !== undefined) this.#deps.onChange(payload.arn)
    else this.#turn(live)
  }

  /** The server's tasks here, as far as the server wants them to. */
  wanted(): readonly TaskIdentifier[] {
    return [...this.#tasks.values()]
      .filter(live => live.record.desired === 'RUNNING')
      .map(({ payload }) => ({
        taskArn: payload.arn,
        taskClusterArn: payload.taskClusterArn,
        desiredStatus: 'RUNNING' as const,
      }))
  }

  stop(arn: string): void {
    const live = this.#tasks.get(arn)
    if (live) this.#news(live, { type: 'stop-asked' })
  }

  owed(arn: string): Owed | undefined {
    const live = this.#tasks.get(arn)
    return live && owed(live)
  }

  acknowledged(arn: string, { report, summary }: Owed): void {
    const live = this.#tasks.get(arn)
    if (live) this.#acknowledge(live, { status: report.status, summary })
  }

  /** Something happened on the container engine. */
  event(event: Extract<DriverEvent, { type: 'changed' }>): void {
    const live = this.#tasks.get(taskArnIn(event.labels))
    const container = live?.record.containers.find(candidate => candidate.name === containerNameIn(event.labels))
    if (!live || !container || (container.id !== undefined && container.id !== event.id)) return
    const news = newsOf(event, container.name, container.phase)
    if (!news) {
      // Started by somebody else after it had ended, or word of its only start, late: a look tells which.
      const late = event.what === 'started' && container.phase === 'stopped'
      if (late && !live.busy.has(container.name)) this.#begin(live, { kind: 'look', container: container.name })
      return
    }
    const held = live.held.get(container.name)
    if (held) held.push(news)
    else this.#news(live, news)
  }

  /** A look at all containers, after events may have been lost; whatever contradicts the record is looked at once more. */
  compare(states: ReadonlyMap<string, readonly ContainerState[]>): void {
    for (const live of this.#tasks.values()) {
      // The engine answers: what waited for that need not wait longer.
      for (const { timer, again } of [...live.retries.values()]) {
        timer.cancel()
        again()
      }
      const seen = states.get(live.record.arn) ?? []
      for (const { name, phase, removed } of live.record.containers) {
        const state = seen.find(candidate => containerNameIn(candidate.labels) === name)
        if (live.busy.has(name)) live.doubted.add(name)
        else if (state ? phase === 'stopped' && state.status === 'running' : mayHaveBeenMade(phase) && !removed) {
          this.#begin(live, { kind: 'look', container: name })
        } else if (state) this.#news(live, { type: 'seen', container: name, state })
      }
    }
  }

  /** A new link to the server: what an older one carried comes no more. */
  linked(): void {
    this.#over.clear()
  }

  close(): void {
    this.#closed = true
    this.#retired.end()
    for (const live of this.#tasks.values()) live.timer?.cancel()
  }

  #add(payload: PayloadTask, record: TaskRecord): Live {
    const live: Live = {
      payload,
      record,
      busy: new Map(),
      failures: new Map(),
      retries: new Map(),
      held: new Map(),
      doubted: new Set(),
      inherited: new Set(),
      stopping: new AbortController(),
      cleaning: false,
    }
    if (record.desired === 'STOPPED') live.stopping.abort()
    this.#tasks.set(record.arn, live)
    return live
  }

  #acknowledge(live: Live, acknowledged: TaskRecord['acknowledged']): void {
    this.#put(live, { ...live.record, acknowledged })
    const { arn, stoppedAt, invalid } = live.record
    if (acknowledged.status === 'STOPPED') {
      if (invalid === undefined) this.#retired.add(arn, stoppedAt ?? this.#deps.clock.now())
      else this.#clean(arn)
    }
    this.#deps.onChange(arn)
  }

  // Removed only when it is on disk that it ended: else a crash would leave a task that seems never to have run.
  #clean(arn: string): void {
    const { journal, log } = this.#deps
    journal.durable().then(
      () => {
        const live = this.#tasks.get(arn)
        if (live?.record.acknowledged.status !== 'STOPPED') return
        live.cleaning = true
        this.#turn(live)
      },
      error => log.error({ task: arn, error: String(error) }, 'Not cleaned up: the journal failed'),
    )
  }

  #put(live: Live, record: TaskRecord): void {
    live.record = record
    this.#deps.journal.putRecord(record)
  }

  /** Lays news onto the record; true when it said something new. */
  #lay(live: Live, news: Observation): boolean {
    const before = live.record
    const after = observe(before, live.payload, news, this.#deps.clock.now())
    if (after === before) return false
    this.#put(live, after)
    if (after.desired === 'STOPPED') live.stopping.abort()
    if (after.containers.some(({ health }, at) => health !== before.containers[at]?.health))
      this.#deps.onHealth(after.arn)
    return true
  }

  #news(live: Live, news: Observation): void {
    if (!this.#lay(live, news)) return
    this.#deps.onChange(live.record.arn)
    this.#turn(live)
  }

  #turn(live: Live): void {
    if (this.#closed || this.#tasks.get(live.record.arn) !== live) return
    live.timer?.cancel()
    live.timer = undefined
    const { clock } = this.#deps
    const { payload, record, cleaning } = live
    const busy = new Set(live.busy.keys())
    const { steps, lookAt } = nextSteps({ payload, record, busy, cleaning }, clock.now())
    if (lookAt !== undefined) live.timer = clock.after(lookAt - clock.now(), () => this.#turn(live))
    for (const step of steps) {
      if (step.kind === 'forget') this.#forget(live)
      else if (step.kind !== 'give-up') this.#begin(live, step)
    }
    const abandoned = steps.filter(step => step.kind === 'give-up')
    for (const { container, reason } of abandoned) {
      this.#lay(live, { type: 'failed', container, ...(reason === undefined ? {} : { reason }) })
    }
    if (abandoned.length === 0) return
    this.#deps.onChange(record.arn)
    this.#turn(live)
  }

  #begin(live: Live, step: EngineStep): void {
    const key = 'container' in step ? step.container : VOLUMES
    live.busy.set(key, step.kind)
    if (step.kind === 'pull') this.#lay(live, { type: 'pulling', container: step.container })
    this.#queued(live, step, async () => {
      // A cgroup does not say whose it is: before it is made the agent must know of its task for certain, or a crash would leave
      // one that nobody removes.
      const unmarked = step.kind === 'make-volumes' && hasSize(live.payload)
      if (unmarked && !(await this.#isDurable())) return { observations: [], retry: true }
      if (this.#closed) return { observations: [] }
      const careful = live.inherited.delete(key)
      if (step.kind === 'start') live.held.set(key, [])
      const tries = live.failures.get(key) ?? 0
      const job = { payload: live.payload, record: live.record, signal: live.stopping.signal, careful, tries }
      return perform(step, job, this.#deps.shop)
    }).then(outcome => this.#finish(live, step, key, outcome))
  }

  #isDurable(): Promise<boolean> {
    return this.#deps.journal.durable().then(
      () => true,
      () => false,
    )
  }

  #queued(live: Live, { kind }: EngineStep, work: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const { signal } = live.stopping
    // What is created is started before more is created.
    if (kind === 'start') return this.#launches.run('first', signal, work)
    if (kind === 'create') return this.#launches.run('later', signal, work)
    if (kind === 'remove' || kind === 'remove-volumes') return this.#removals.run('later', this.#never, work)
    return work()
  }

  #finish(live: Live, step: EngineStep, key: string, outcome: Outcome | undefined): void {
    if (this.#closed) return
    live.busy.delete(key)
    const held = live.held.get(key) ?? []
    live.held.delete(key)
    if (outcome?.retry) this.#retryLater(live, step, key)
    else live.failures.delete(key)
    for (const news of [...(outcome?.observations ?? []), ...held]) this.#lay(live, news)
    // Stopped, and no event has said how it ended: ask. So for what events may have been lost about.
    const record = live.record.containers.find(container => container.name === key)
    const unsaid = step.kind === 'stop' && record?.phase === 'running'
    if (record && !live.busy.has(key) && (live.doubted.delete(key) || unsaid)) {
      this.#begin(live, { kind: 'look', container: key })
    }
    this.#deps.onChange(live.record.arn)
    this.#turn(live)
  }

  #retryLater(live: Live, step: EngineStep, key: string): void {
    const { clock, ids } = this.#deps
    const failures = (live.failures.get(key) ?? 0) + 1
    live.failures.set(key, failures)
    live.busy.set(key, 'retry')
    if (step.kind === 'start') live.inherited.add(key)
    const again = (): void => {
      live.retries.delete(key)
      if (this.#closed) return
      live.busy.delete(key)
      if (step.kind === 'look') this.#begin(live, step)
      this.#turn(live)
    }
    live.retries.set(key, { timer: clock.after(backoffMs(RETRY, failures, ids.fraction()), again), again })
  }

  #forget({ record }: Live): void {
    this.#tasks.delete(record.arn)
    this.#over.add(record.arn)
    this.#deps.journal.forget(record.arn)
  }
}

const mayHaveBeenMade = (phase: ContainerPhase): boolean => phase !== 'new' && phase !== 'pulled'

const newsOf = (
  event: Extract<DriverEvent, { type: 'changed' }>,
  container: string,
  phase: ContainerPhase,
): Observation | undefined => {
  switch (event.what) {
    case 'died': {
      const exitCode = event.exitCode === undefined ? {} : { exitCode: event.exitCode }
      const at = event.at === undefined ? {} : { at: event.at }
      return { type: 'ended', container, ...exitCode, ...at, oomKilled: event.oomKilled === true }
    }
    case 'health':
      return event.health && { type: 'health', container, health: event.health }
    case 'removed':
      return mayHaveBeenMade(phase) ? { type: 'removed', container } : undefined
    case 'started':
      return undefined
  }
}
