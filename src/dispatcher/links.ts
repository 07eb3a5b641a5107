// The open links, by container instance: one ACS and one TCS session each, a newer one in place of an older. Hands each session
// the changes of its own instance's tasks, and ends those of an instance that was deregistered.
// Before: start.ts. After: session.ts, telemetry.ts.
import type { LinkSocket } from '../agent-link/socket.ts'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { isStopped, type Task } from '../domain/task.ts'
import { type Change, changeOf } from '../store/store.ts'
import { containerInstances, tasks } from '../store/tables.ts'
import { CLOSE } from './agent-link.ts'
import { connectAgent, disconnectAgent } from './connection.ts'
import type { Handshake } from './handshake.ts'
import { heartbeatWheel } from './heartbeat-wheel.ts'
import { AcsSession, type SessionParts } from './session.ts'
import { type TaskStatsMap, taskStatsMap } from './task-stats.ts'
import { TcsSession } from './telemetry.ts'

/** For agents to answer the close of their link when the server stops; then it is cut. */
const STOP_GRACE_MS = 1_000

/** Agents that are sent to in one turn of the event loop: two milliseconds, where a thousand at once would hold up the API. */
const FLUSHES_PER_TURN = 25

export class Links {
  readonly stats: TaskStatsMap
  readonly #parts: SessionParts
  readonly #wheel
  readonly #probes
  readonly #acs = new Map<string, AcsSession>()
  readonly #tcs = new Map<string, TcsSession>()
  /** Also those that are being closed. */
  readonly #open = new Set<AcsSession | TcsSession>()
  /** Those with news to send, oldest first. */
  readonly #noted = new Set<AcsSession>()
  #flushing = false
  #stopping = false

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#wheel = heartbeatWheel(parts.clock, parts.settings.heartbeatMs)
    this.#probes = heartbeatWheel(parts.clock, parts.settings.probeMs)
    this.stats = taskStatsMap(parts.settings.tasksWithStats)
  }

  /** The instance counts as connected, and its session begins, when both are durable. */
  openAcs(socket: LinkSocket, instance: ContainerInstance, { versionInfo }: Handshake): void {
    const { store, clock } = this.#parts
    const { arn } = instance
    const log = this.#parts.log.child({ containerInstance: arn })
    const session = new AcsSession(socket, instance, { ...this.#parts, log }, () => {
      stopBeating()
      stopProbing()
      this.#open.delete(session)
      this.#forgetAcs(arn, session)
    })
    const stopBeating = this.#wheel.add(() => session.beat())
    const stopProbing = this.#probes.add(() => session.link.probe())
    this.#open.add(session)
    const previous = this.#acs.get(arn)
    this.#acs.set(arn, session)
    previous?.link.close(CLOSE.restart, 'Replaced by a newer connection')
    store
      .write(tx => connectAgent(tx, arn, versionInfo, clock.now()))
      .then(
        connected => {
          if (this.#acs.get(arn) !== session) return
          if (!connected) return session.link.close(CLOSE.refused, 'InactiveInstanceException')
          log.info({ ...versionInfo }, 'An agent connected')
          session.begin(connected)
        },
        error => {
          // Of a store that is read-only the log says so once; every agent comes every few seconds.
          const say = store.readOnly() ? log.debug : log.error
          say({ error: String(error) }, 'Could not note that an agent connected')
          session.link.close(CLOSE.tryLater, 'ServerException')
        },
      )
  }

  isOpen(arn: string): boolean {
    return this.#acs.has(arn)
  }

  openTcs(socket: LinkSocket, { arn }: ContainerInstance): void {
    const log = this.#parts.log.child({ containerInstance: arn })
    const session = new TcsSession(socket, arn, { ...this.#parts, log, stats: this.stats }, () => {
      stopBeating()
      this.#open.delete(session)
      if (this.#tcs.get(arn) === session) this.#tcs.delete(arn)
    })
    const stopBeating = this.#wheel.add(() => session.beat())
    this.#open.add(session)
    this.#tcs.get(arn)?.link.close(CLOSE.restart, 'Replaced by a newer connection')
    this.#tcs.set(arn, session)
  }

  /**
   * A commit is durable: what it changed leaves for the agents from this turn of the event loop on, when the other commits of the
   * same fsync are told as well: an agent with tasks in several of them gets one payload, not one of each.
   */
  told(changes: readonly Change[]): void {
    for (const change of changes) {
      const task = changeOf(change, tasks)
      const instance = task ? undefined : changeOf(change, containerInstances)
      if (task) {
        const session = this.#noteTask(task)
        if (session) this.#noted.add(session)
      } else if (instance && (!instance.after || instance.after.status === 'INACTIVE')) {
        this.#deregistered(instance.key)
      }
    }
    if (!this.#flushing && this.#noted.size > 0) {
      this.#flushing = true
      queueMicrotask(() => this.#flushNoted())
    }
  }

  #flushNoted(): void {
    let flushed = 0
    for (const session of this.#noted) {
      if (flushed++ === FLUSHES_PER_TURN) break
      this.#noted.delete(session)
      session.flush()
    }
    this.#flushing = this.#noted.size > 0
    if (this.#flushing) this.#parts.clock.turn().then(() => this.#flushNoted())
  }

  #noteTask(change: Change<Task>): AcsSession | undefined {
    const row = change.after ?? change.before
    if (!change.after || isStopped(change.after)) this.stats.drop(change.key)
    if (row?.containerInstanceArn === undefined) return undefined
    const session = this.#acs.get(row.containerInstanceArn)
    session?.note(change)
    return session
  }

  #deregistered(arn: string): void {
    const session = this.#acs.get(arn)
    session?.link.close(CLOSE.refused, 'InactiveInstanceException')
    if (session) this.#forgetAcs(arn, session)
    this.#tcs.get(arn)?.link.close(CLOSE.refused, 'InactiveInstanceException')
  }

  // An older session's end says nothing about the newer one.
  #forgetAcs(arn: string, session: AcsSession): void {
    if (this.#acs.get(arn) !== session) return
    this.#acs.delete(arn)
    if (this.#stopping) return
    const { store, log } = this.#parts
    // A store is read-only from its start: no agent has been noted as connected.
    if (store.readOnly()) return
    log.info({ containerInstance: arn }, 'An agent disconnected')
    store
      .write(tx => disconnectAgent(tx, arn, session.link.heardAt()))
      .catch(error => log.error({ error: String(error) }, 'Could not note that an agent disconnected'))
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wheel.stop()
    this.#probes.stop()
    const links = [...this.#open].map(session => session.link)
    for (const link of links) link.close(CLOSE.restart, 'The server restarts')
    const cut = this.#parts.clock.after(STOP_GRACE_MS, () => {
      for (const link of links) link.terminate()
    })
    await Promise.all(links.map(link => link.closed))
    cut.cancel()
  }
}
