// A simulated host for bench/scale.ts that does what a server sees of an agent and nothing behind it: it registers, keeps both links
// open by the agent's own rules (agent/link.ts), acknowledges payloads, and reports each task RUNNING, or STOPPED, in a signed
// call of its own, ten at a time. What it leaves out is the host's own work: containers, journal, retries, telemetry. So that a
// machine that runs both measures the control plane. Before: scale-agents.ts. After: the server's gateway and dispatcher.

import { type Api, createApi } from '../src/agent/api.ts'
import { attributes, totalResources } from '../src/agent/capabilities.ts'
import type { Report } from '../src/agent/engine/report.ts'
import { Link } from '../src/agent/link.ts'
import { linkUrl, PollEndpoints } from '../src/agent/poll-endpoints.ts'
import { TASKS_AT_A_TIME } from '../src/agent/reporter.ts'
import { ACS_BACKOFF, ACS_MESSAGES } from '../src/agent/session.ts'
import { type AgentSettings, DEFAULT_SETTINGS } from '../src/agent/settings.ts'
import { TCS_BACKOFF, TCS_MESSAGES } from '../src/agent/telemetry.ts'
import type { Transport } from '../src/agent/transport.ts'
import type { AgentMessage } from '../src/agent-link/acs.ts'
import type { Clock } from '../src/lib/clock.ts'
import type { Ids } from '../src/lib/ids.ts'
import type { Log } from '../src/lib/log.ts'
import type { Driver } from '../src/runtime/driver.ts'

export type LeanHostInput = {
  /** Says how large the host is; runs nothing. */
  readonly driver: Pick<Driver, 'info'>
  readonly endpoint: URL
  readonly transport: Transport
  readonly settings: Pick<AgentSettings, 'availabilityZone'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Resolves when it is registered. */
export const startLeanHost = async (input: LeanHostInput): Promise<void> => {
  const { endpoint, transport, clock, ids, log } = input
  const settings = { ...DEFAULT_SETTINGS, ...input.settings }
  const api = createApi({ endpoint, transport, userAgent: 'stowage-bench', clock })
  const info = await input.driver.info()
  const { containerInstance } = await api.registerContainerInstance({
    cluster: 'default',
    totalResources: totalResources(info, settings),
    attributes: attributes(info, settings, '127.0.0.1'),
    versionInfo: { agentVersion: settings.version, dockerVersion: `DockerVersion: ${info.version}` },
    clientToken: ids.uuid(),
  })
  const arn = containerInstance?.containerInstanceArn ?? ''
  const endpoints = new PollEndpoints(api, clock)
  const reporter = new LeanReporter(api)
  const shared = { transport, clock, ids, log, onEnd: async () => undefined }
  const send = (message: AgentMessage): unknown => acs.send(JSON.stringify(message))
  const acs: Link = new Link({
    ...shared,
    name: 'ACS',
    backoff: ACS_BACKOFF,
    recognised: ACS_MESSAGES,
    url: async afterFailure =>
      linkUrl((await endpoints.get('default', arn, afterFailure)).acs, {
        clusterArn: 'default',
        containerInstanceArn: arn,
        protocolVersion: '2',
        seqNum: '1',
      }),
    onOpen: () => {},
    onMessage: (type, message) => {
      const messageId = String(message['messageId'])
      if (type === 'HeartbeatMessage') send({ type: 'HeartbeatAckRequest', message: { messageId } })
      if (type !== 'PayloadMessage' && type !== 'TaskManifestMessage') return
      const ack = { cluster: String(message['clusterArn']), containerInstance: arn, messageId }
      send({ type: 'AckRequest', message: ack })
      if (type === 'PayloadMessage') for (const task of tasksIn(message)) reporter.add(reportOf(task, ids, clock.now()))
    },
  })
  new Link({
    ...shared,
    name: 'TCS',
    backoff: TCS_BACKOFF,
    recognised: TCS_MESSAGES,
    url: async afterFailure =>
      linkUrl((await endpoints.get('default', arn, afterFailure)).tcs, { cluster: 'default', containerInstance: arn }),
    onOpen: () => {},
    onMessage: () => {},
  })
}

type PayloadTask = {
  readonly arn: string
  readonly taskClusterArn: string
  readonly desiredStatus: string
  readonly containers: readonly { readonly name: string }[]
}

const tasksIn = (message: Readonly<Record<string, unknown>>): readonly PayloadTask[] => {
  const tasks = message['tasks']
  return Array.isArray(tasks) ? tasks : []
}

const reportOf = (task: PayloadTask, ids: Ids, now: number): Report => {
  const status = task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING'
  const ended = status === 'STOPPED' ? { exitCode: 0 } : {}
  return {
    cluster: task.taskClusterArn,
    task: task.arn,
    status,
    containers: task.containers.map(({ name }) => ({
      containerName: name,
      status,
      runtimeId: ids.hex32() + ids.hex32(),
      ...ended,
    })),
    pullStartedAt: now / 1000,
    pullStoppedAt: now / 1000,
  }
}

class LeanReporter {
  readonly #api: Api
  readonly #waiting: Report[] = []
  #sending = 0

  constructor(api: Api) {
    this.#api = api
  }

  add(report: Report): void {
    this.#waiting.push(report)
    this.#fill()
  }

  #fill(): void {
    while (this.#sending < TASKS_AT_A_TIME) {
      const report = this.#waiting.shift()
      if (report === undefined) return
      this.#sending++
      // One that is refused ends the process, and with it the run.
      this.#api.submitTaskStateChange(report).then(() => {
        this.#sending--
        this.#fill()
      })
    }
  }
}
