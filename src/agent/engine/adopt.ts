// After a crash, a reboot or lost events: what the container engine has with our label, joined with what the journal knows.
// What runs goes on untouched; what ended meanwhile is reported; nothing is started twice. Containers of a task that the
// journal does not know ("strays": the agent died between creating them and the disk's answer, its ack was never sent) are
// kept until the server says what they are: it repeats the payload, or confirms that there is no such task.
// Before: start.ts, and the driver's `resync`. After: engine.ts, session.ts (stop verification).
import type { PayloadTask, TaskIdentifier } from '../../agent-link/acs.ts'
import type { Log } from '../../lib/log.ts'
import type { ContainerState, Driver } from '../../runtime/driver.ts'
import type { AgentJournal } from '../journal.ts'
import type { TaskEngine } from './engine.ts'
import { AGENT_LABEL, CLUSTER_LABEL, clusterIn, TASK_ARN_LABEL, taskArnIn } from './labels.ts'
import { DEFAULT_STOP_TIMEOUT_SECONDS } from './next-steps.ts'
import { removeTaskGroup } from './task-group.ts'
import { ownVolumes } from './volumes.ts'

type ByTask = Map<string, readonly ContainerState[]>

export class Adoption {
  readonly #driver: Driver
  readonly #engine: TaskEngine
  readonly #journal: AgentJournal
  readonly #log: Log
  readonly #strays: ByTask = new Map()

  constructor(driver: Driver, engine: TaskEngine, journal: AgentJournal, log: Log) {
    this.#driver = driver
    this.#engine = engine
    this.#journal = journal
    this.#log = log
  }

  /** Once, before anything else is done with the engine, with events already being listened to. */
  async adopt(): Promise<void> {
    const states = await this.#list()
    for (const task of this.#journal.found) this.#engine.restore(task, states.get(task.record.arn) ?? [])
    this.#keepStrays(states)
    await this.#removeLostVolumes()
    this.#engine.wake()
  }

  /**
   * Of an agent that has just become a new container instance: how much runs here for this cluster by another agent's doing. It may be
   * one of its own kind beside it, or the one that it follows, whose journal is gone: then nobody stops these any more.
   */
  async tellOfOthers(containerInstanceArn: string): Promise<void> {
    const cluster = containerInstanceArn.replace(/:container-instance\/([^/]+)\/.*$/, ':cluster/$1')
    const own = this.#journal.identity().agentId
    const running = (await this.#driver.list(CLUSTER_LABEL, cluster)).filter(({ status }) => status === 'running')
    const agents = new Set(running.flatMap(({ labels }) => labels[AGENT_LABEL] ?? []))
    agents.delete(own)
    for (const agent of agents) {
      const containers = running.filter(({ labels }) => labels[AGENT_LABEL] === agent).length
      const filter = `label=${AGENT_LABEL}=${agent}`
      this.#log.warn(
        { containers, filter },
        'Containers of another agent run here; if it is gone, they are yours to remove',
      )
    }
  }

  /** Events may have been lost. */
  async compare(): Promise<void> {
    const states = await this.#list()
    this.#engine.compare(states)
    this.#keepStrays(states)
  }

  /** `invalid`: why the task cannot be run here. */
  accept(payload: PayloadTask, invalid?: string): void {
    const found = this.#strays.get(payload.arn) ?? []
    this.#strays.delete(payload.arn)
    this.#engine.accept(payload, found, invalid)
  }

  /** What runs here and is not in `running`: to be stopped if the server confirms it. */
  stopCandidates(running: ReadonlySet<string>): readonly TaskIdentifier[] {
    const strays = [...this.#strays].map(([taskArn, states]) => ({
      taskArn,
      taskClusterArn: clusterIn(states[0]?.labels ?? {}),
      desiredStatus: 'RUNNING' as const,
    }))
    return [...this.#engine.wanted(), ...strays]
      .filter(({ taskArn }) => !running.has(taskArn))
      .map(task => ({ ...task, desiredStatus: 'STOPPED' as const }))
  }

  stop(arn: string): void {
    this.#engine.stop(arn)
    const states = this.#strays.get(arn)
    if (!states) return
    this.#strays.delete(arn)
    this.#removeStray(arn, states).catch(error => {
      // It stays a candidate: the next manifest brings it up again.
      this.#log.warn({ task: arn, error: String(error) }, 'The containers of an unknown task could not be removed')
      this.#strays.set(arn, states)
    })
  }

  async #list(): Promise<ByTask> {
    const byTask = new Map<string, ContainerState[]>()
    for (const state of await this.#driver.list(AGENT_LABEL, this.#journal.identity().agentId)) {
      const arn = taskArnIn(state.labels)
      const states = byTask.get(arn)
      if (states) states.push(state)
      else byTask.set(arn, [state])
    }
    return byTask
  }

  #keepStrays(states: ByTask): void {
    for (const [arn, containers] of states) {
      if (!this.#engine.known(arn)) this.#strays.set(arn, containers)
    }
  }

  async #removeStray(arn: string, states: readonly ContainerState[]): Promise<void> {
    await Promise.all(
      states.map(async ({ id }) => {
        await this.#driver.stop(id, DEFAULT_STOP_TIMEOUT_SECONDS)
        await this.#driver.remove(id)
      }),
    )
    for (const volume of await this.#driver.listVolumes(TASK_ARN_LABEL, arn)) await this.#driver.removeVolume(volume)
    await removeTaskGroup(this.#driver, arn)
    this.#log.info({ task: arn }, 'Removed the containers of a task that the server does not know')
  }

  /** Volumes of ours that belong to no task known and no stray: made just before a crash, never used. */
  async #removeLostVolumes(): Promise<void> {
    if (this.#strays.size > 0) return
    const known = new Set([...this.#engine.tasks()].flatMap(({ payload }) => ownVolumes(payload)))
    const volumes = await this.#driver.listVolumes(AGENT_LABEL, this.#journal.identity().agentId)
    for (const volume of volumes) if (!known.has(volume)) await this.#driver.removeVolume(volume)
  }
}
