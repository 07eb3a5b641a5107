// The server's side of one agent's TCS link: container health into the tasks' rows, the latest metrics into memory. The only
// way by which health reaches the server. Before: start.ts. After: health-report.ts, task-stats.ts.
import type { LinkSocket } from '../agent-link/socket.ts'
import type { PublishHealthRequest, PublishMetricsRequest, TelemetryServerMessage } from '../agent-link/tcs.ts'
import { isStopped } from '../domain/task.ts'
import { tasks } from '../store/tables.ts'
import { AgentLink } from './agent-link.ts'
import { healthChanges } from './health-report.ts'
import type { SessionParts } from './session.ts'
import type { TaskStatsMap } from './task-stats.ts'
import { readTelemetryMessage } from './tcs-frame.ts'

type TelemetryParts = SessionParts & { readonly stats: TaskStatsMap }

export class TcsSession {
  readonly link: AgentLink
  readonly #instanceArn: string
  readonly #parts: TelemetryParts

  constructor(socket: LinkSocket, instanceArn: string, parts: TelemetryParts, closed: () => void) {
    this.#instanceArn = instanceArn
    this.#parts = parts
    const { clock, log, settings } = parts
    this.link = new AgentLink(socket, { clock, log, settings, receive: text => this.#receive(text), closed })
  }

  /** Once a heartbeat period. An agent answers no heartbeat here, and may have nothing to publish: a ping shows that it lives. */
  beat(): void {
    if (!this.link.beat()) return
    this.#send({ type: 'HeartbeatMessage', message: { healthy: true } })
    this.link.ping()
  }

  #receive(text: string): boolean {
    const frame = readTelemetryMessage(text)
    if (!frame) return false
    switch (frame.type) {
      case 'PublishMetricsRequest':
        this.#keepMetrics(frame.message)
        this.#acknowledge('AckPublishMetric')
        break
      case 'PublishHealthRequest':
        this.#keepHealth(frame.message.tasks)
        break
      case 'PublishInstanceStatusRequest':
        this.#acknowledge('AckPublishInstanceStatus')
        break
    }
    return true
  }

  #keepMetrics({ taskMetrics, timestamp }: PublishMetricsRequest): void {
    const { store, stats } = this.#parts
    for (const { taskArn, containerMetrics } of taskMetrics) {
      const task = store.get(tasks, taskArn)
      if (!task || task.containerInstanceArn !== this.#instanceArn || isStopped(task)) continue
      const names = new Set(task.containers.map(container => container.name))
      const containers = containerMetrics.filter(metric => names.has(metric.containerName))
      stats.put(taskArn, { at: Math.round(timestamp * 1000), containers })
    }
  }

  // Most reports say what is known already: those write nothing.
  #keepHealth(reported: PublishHealthRequest['tasks']): void {
    const { store, log } = this.#parts
    const news = healthChanges(store, this.#instanceArn, reported).length > 0
    const kept = news
      ? store.write(tx => {
          for (const task of healthChanges(tx, this.#instanceArn, reported)) tx.put(tasks, task)
        })
      : store.durable()
    kept.then(
      () => this.#acknowledge('AckPublishHealth'),
      error => log.error({ error: String(error) }, 'Could not keep a health report'),
    )
  }

  #acknowledge(type: 'AckPublishMetric' | 'AckPublishHealth' | 'AckPublishInstanceStatus'): void {
    this.#send({ type, message: { message: 'accepted' } })
  }

  #send(message: TelemetryServerMessage): void {
    this.link.send(JSON.stringify(message))
  }
}
