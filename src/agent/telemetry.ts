// The TCS link as the agent sees it: container health at once when it changes, and health, stats and the container runtime's
// own state every 20 s. What could not be sent is not kept: the next round says it anew.
// Before: engine.ts (health), session.ts (heartbeats). After: link.ts.
import type { PublishHealthRequest, TelemetryMessage } from '../agent-link/tcs.ts'
import type { BackoffPolicy } from '../lib/backoff.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Driver } from '../runtime/driver.ts'
import type { ContainerStats } from './container-stats.ts'
import type { KnownTask } from './engine/record.ts'
import type { Signer } from './signer.ts'

/** The ECS agent's. */
export const TCS_BACKOFF: BackoffPolicy = { firstMs: 1_000, mostMs: 60_000, factor: 2, jitter: 0.2 }
const ROUND_MS = 20_000
const TASKS_A_MESSAGE = 10

export const TCS_MESSAGES: ReadonlySet<string> = new Set([
  'HeartbeatMessage',
  'AckPublishMetric',
  'AckPublishHealth',
  'AckPublishInstanceStatus',
  'StopTelemetrySessionMessage',
])

export type TelemetryDeps = {
  readonly cluster: string
  readonly containerInstanceArn: () => string
  readonly tasks: () => Iterable<KnownTask>
  readonly task: (arn: string) => KnownTask | undefined
  readonly driver: Driver
  /** Absent: no metrics. */
  readonly stats: ContainerStats | undefined
  readonly send: (frame: string) => boolean
  readonly signer: Signer
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

type HealthOfTask = PublishHealthRequest['tasks'][number]
type RuntimeStatus = { readonly status: 'OK' | 'IMPAIRED'; readonly lastStatusChange: number }

export class Telemetry {
  readonly #deps: TelemetryDeps
  /** Tasks whose health changed since it was last sent. */
  readonly #changed = new Set<string>()
  #url: URL | undefined
  #round: Timer | undefined
  #soon: Timer | undefined
  #runtime: RuntimeStatus | undefined
  #heartbeat = false
  #ended = false
  /** Frames leave in the order in which they were made, though each is signed on its own. */
  #sent: Promise<void> = Promise.resolve()

  constructor(deps: TelemetryDeps) {
    this.#deps = deps
  }

  opened(url: URL): void {
    this.#url = url
    this.#round?.cancel()
    this.#everyRound()
  }

  closed(): void {
    this.#url = undefined
    this.#round?.cancel()
  }

  healthChanged(arn: string): void {
    if (!this.#url || this.#ended) return
    this.#changed.add(arn)
    this.#soon ??= this.#deps.clock.after(0, () => {
      this.#soon = undefined
      const known = [...this.#changed].flatMap(changed => this.#deps.task(changed) ?? [])
      this.#changed.clear()
      this.#publishHealth(known)
    })
  }

  /** The server's heartbeat asks for the container runtime's state in the next round. */
  heartbeat(): void {
    this.#heartbeat = true
  }

  end(): void {
    this.#ended = true
    this.closed()
    this.#soon?.cancel()
  }

  #everyRound(): void {
    this.#round = this.#deps.clock.after(ROUND_MS, () => this.#everyRound())
    this.#publishHealth(this.#deps.tasks())
    this.#publishRest().catch(error => this.#deps.log.warn({ error: String(error) }, 'A telemetry round failed'))
  }

  async #publishRest(): Promise<void> {
    const { stats, tasks, clock, ids, driver } = this.#deps
    if (stats) {
      const metrics = await stats.round(tasks())
      const head = { ...this.#head(), messageId: ids.uuid() }
      const timestamp = clock.now() / 1000
      for (const { page, fin } of pages(metrics)) {
        const metadata = { ...head, idle: metrics.length === 0, fin }
        this.#send({ type: 'PublishMetricsRequest', message: { metadata, taskMetrics: page, timestamp } })
      }
    }
    if (!this.#heartbeat) return
    this.#heartbeat = false
    const status = await driver.info().then(
      () => 'OK' as const,
      () => 'IMPAIRED' as const,
    )
    const now = clock.now() / 1000
    if (this.#runtime?.status !== status) this.#runtime = { status, lastStatusChange: now }
    this.#send({
      type: 'PublishInstanceStatusRequest',
      message: {
        metadata: { ...this.#head(), requestId: ids.uuid() },
        statuses: [{ type: 'ContainerRuntime', ...this.#runtime, lastUpdated: now }],
        timestamp: now,
      },
    })
  }

  #publishHealth(tasks: Iterable<KnownTask>): void {
    const healths = [...tasks].flatMap(task => healthOf(task) ?? [])
    if (healths.length === 0) return
    const head = { ...this.#head(), messageId: this.#deps.ids.uuid() }
    const timestamp = this.#deps.clock.now() / 1000
    for (const { page, fin } of pages(healths)) {
      this.#send({ type: 'PublishHealthRequest', message: { metadata: { ...head, fin }, tasks: page, timestamp } })
    }
  }

  #head(): { readonly cluster: string; readonly containerInstance: string } {
    return { cluster: this.#deps.cluster, containerInstance: this.#deps.containerInstanceArn() }
  }

  #send(message: TelemetryMessage): void {
    const url = this.#url
    if (!url) return
    const frame = signedFrame(this.#deps.signer, url, JSON.stringify(message))
    this.#sent = this.#sent.then(async () => {
      this.#deps.send(await frame)
    })
  }
}

/** Header lines, an empty line, the JSON: each frame is signed as a GET of its own. */
const signedFrame = async (signer: Signer, url: URL, body: string): Promise<string> => {
  const headers = await signer.sign({ method: 'GET', url, body }, { payloadHashHeader: false })
  const line = (name: string): string =>
    headers[name.toLowerCase()] === undefined ? '' : `${name}: ${headers[name.toLowerCase()]}\r\n`
  return `${['Authorization', 'Host', 'X-Amz-Date', 'X-Amz-Security-Token'].map(line).join('')}\r\n${body}`
}

/** Pages of a round; one empty page when there is nothing, so that the server hears that the instance is idle. */
const pages = <T>(all: readonly T[]): readonly { readonly page: readonly T[]; readonly fin: boolean }[] => {
  const count = Math.max(1, Math.ceil(all.length / TASKS_A_MESSAGE))
  return Array.from({ length: count }, (_, index) => ({
    page: all.slice(index * TASKS_A_MESSAGE, (index + 1) * TASKS_A_MESSAGE),
    fin: index === count - 1,
  }))
}

/** Only containers whose health the engine checks, and that run. */
const healthOf = ({ payload, record }: KnownTask): HealthOfTask | undefined => {
  const containers = payload.containers.flatMap(({ name, healthCheckType }) => {
    const container = record.containers.find(candidate => candidate.name === name)
    if (healthCheckType !== 'docker' || container?.phase !== 'running') return []
    return [{ containerName: name, healthStatus: container.health, statusSince: container.healthSince / 1000 }]
  })
  if (containers.length === 0) return undefined
  return {
    taskArn: payload.arn,
    taskDefinitionFamily: payload.family,
    taskDefinitionVersion: payload.version,
    containers,
  }
}
