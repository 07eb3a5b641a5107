// One life of the agent, from an open journal to its end: adopt what runs, register, connect, and keep both links up.
// Before: start.ts. After: everything else of the agent.
import type { RowJournal } from '../lib/row-journal/row-journal.ts'
import { UsageError } from '../lib/usage-error.ts'
import type { Driver, DriverEvent } from '../runtime/driver.ts'
import { type Api, createApi } from './api.ts'
import { containerStats } from './container-stats.ts'
import { Adoption } from './engine/adopt.ts'
import { TaskEngine } from './engine/engine.ts'
import { AGENT_LABEL } from './engine/labels.ts'
import { engineInfo, watchEngine } from './engine-watch.ts'
import { type AgentJournal, openAgentJournal } from './journal.ts'
import { Link, type LinkDeps } from './link.ts'
import { linkUrl, PollEndpoints } from './poll-endpoints.ts'
import { register } from './registration.ts'
import { Reporter } from './reporter.ts'
import { ACS_BACKOFF, ACS_MESSAGES, Session } from './session.ts'
import type { AgentSettings } from './settings.ts'
import type { AgentInput } from './start.ts'
import { TCS_BACKOFF, TCS_MESSAGES, Telemetry } from './telemetry.ts'
import { networkTransport, type Transport } from './transport.ts'

export type AgentParts = Omit<AgentInput, 'settings' | 'dataDir'> & { readonly settings: AgentSettings }

export type Life = {
  readonly containerInstanceArn: () => string
  /** Leaves tasks running. */
  readonly end: () => Promise<void>
}

/** Containers are compared with their records this often, in case an event was lost without anybody noticing; plus up to 30 s. */
const COMPARE_MS = 5 * 60_000
const COMPARE_SPREAD_MS = 30_000

/** A server that says no to an instance it once knew is asked again this often. */
const REFUSED_MS = 30_000

type Host = Awaited<ReturnType<Driver['info']>>

/** What a life is made of before it has links. */
type Body = {
  readonly parts: AgentParts
  readonly host: Host
  readonly journal: AgentJournal
  readonly transport: Transport
  readonly api: Api
  readonly engine: TaskEngine
  readonly adoption: Adoption
  readonly reporter: Reporter
  readonly telemetry: Telemetry
  readonly links: Link[]
  readonly signal: AbortSignal
}

/** Resolves when the instance has an ARN. */
export const live = async (parts: AgentParts, rows: RowJournal, stopping: AbortSignal): Promise<Life> => {
  const { driver, ids, log, cluster } = parts
  const ending = new AbortController()
  const signal = AbortSignal.any([stopping, ending.signal])
  const journal = await openAgentJournal(rows, { agentId: ids.hex32(), cluster }, parts.clock)
  const undo: (() => unknown)[] = [() => journal.close()]
  const end = async (): Promise<void> => {
    ending.abort(new Error('this life of the agent ended'))
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    // Until it is registered in one, the cluster may be put right.
    if (journal.identity().containerInstanceArn === undefined) journal.saveIdentity({ cluster })
    if (journal.identity().cluster !== cluster) {
      throw new UsageError(
        `this agent's journal is of cluster ${journal.identity().cluster}, not ${cluster}: use another data directory`,
      )
    }
    // The agent's id must not be forgotten once a container carries it.
    await journal.durable()
    const body = await bodyOf(parts, journal, signal)
    const { engine, reporter, telemetry, adoption, api, links } = body
    undo.push(
      () => api.close(),
      () => engine.close(),
      () => reporter.end(),
      () => telemetry.end(),
      () => Promise.all(links.map(link => link.stop())),
    )
    undo.push(await follow(driver, journal.identity().agentId, adoption, engine, body))
    const registered = registerAndConnect(body)
    if (journal.identity().containerInstanceArn === undefined) await registered
    else registered.catch(error => log.debug({ error: String(error) }, 'The agent stopped before it was registered'))
  } catch (error) {
    await end().catch(() => {})
    throw error
  }
  return {
    containerInstanceArn: () => journal.identity().containerInstanceArn ?? '',
    end: () => end().catch(error => log.warn({ error: String(error) }, 'The agent did not end cleanly')),
  }
}

const bodyOf = async (parts: AgentParts, journal: AgentJournal, signal: AbortSignal): Promise<Body> => {
  const { driver, clock, ids, log, settings } = parts
  // Whoever starts an agent for the first time is told at once that there is no engine.
  const host = await engineInfo(parts, journal.identity().containerInstanceArn !== undefined, signal)
  const userAgent = `Amazon ECS Agent - v${settings.version} (stowage) (linux)`
  const endpoint = new URL(parts.endpoint.includes('://') ? parts.endpoint : `https://${parts.endpoint}`)
  const transport = parts.transport ?? networkTransport({ ...parts, endpoint })
  const api = createApi({ endpoint, transport, userAgent, clock })
  const { agentId } = journal.identity()
  const links: Link[] = []
  const engine: TaskEngine = new TaskEngine({
    shop: { driver, agentId, pullPolicy: settings.pullPolicy, log },
    journal,
    clock,
    ids,
    log,
    settings,
    onChange: arn => reporter.look(arn),
    onHealth: arn => telemetry.healthChanged(arn),
  })
  const reporter = new Reporter({
    submit: api.submitTaskStateChange,
    owed: arn => engine.owed(arn),
    acknowledged: (arn, owed) => engine.acknowledged(arn, owed),
    durable: journal.durable,
    payloadDurable: journal.payloadDurable,
    clock,
    ids,
    log,
  })
  const telemetry = new Telemetry({
    cluster: parts.cluster,
    containerInstanceArn: () => journal.identity().containerInstanceArn ?? '',
    tasks: () => engine.tasks(),
    task: arn => engine.known(arn),
    driver,
    stats: settings.metrics ? containerStats(driver, host.cpu / 1024) : undefined,
    send: frame => links[1]?.send(frame) ?? false,
    signer: transport.signer,
    clock,
    ids,
    log,
  })
  const adoption = new Adoption(driver, engine, journal, log)
  return { parts, host, journal, transport, api, engine, adoption, reporter, telemetry, links, signal }
}

/** Listens to the container engine, adopts what it has, and compares now and then. Returns the end of it. */
const follow = async (
  driver: Driver,
  agentId: string,
  adoption: Adoption,
  engine: TaskEngine,
  { parts: { clock, ids, log }, signal }: Body,
): Promise<() => void> => {
  const compare = (): void => {
    adoption.compare().catch(error => log.warn({ error: String(error) }, 'The containers could not be listed'))
  }
  const listen = (event: DriverEvent): void => (event.type === 'resync' ? compare() : engine.event(event))
  // Listening comes first, so that nothing happens between the look and the news; what comes early waits for its task.
  let early: DriverEvent[] | undefined = []
  const unsubscribe = driver.subscribe(AGENT_LABEL, agentId, event => (early ? early.push(event) : listen(event)))
  try {
    await adoption.adopt()
  } catch (error) {
    unsubscribe()
    throw error
  }
  const waited = early
  early = undefined
  for (const event of waited) listen(event)
  const everySoOften = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(COMPARE_MS + ids.fraction() * COMPARE_SPREAD_MS, signal)
      compare()
    }
  }
  everySoOften().catch(() => {})
  return unsubscribe
}

const registerAndConnect = async (body: Body): Promise<void> => {
  const { parts, journal, signal } = body
  const known = journal.identity().containerInstanceArn !== undefined
  for (;;) {
    try {
      await register({ ...parts, journal, api: body.api, transport: body.transport }, signal)
      break
    } catch (error) {
      if (!known || signal.aborted) throw error
      parts.log.error({ error: String(error) }, 'The server refuses this container instance; its tasks go on')
      await parts.clock.sleep(REFUSED_MS, signal)
    }
  }
  if (signal.aborted) return
  connect(body)
  if (known) return
  await body.adoption
    .tellOfOthers(journal.identity().containerInstanceArn ?? '')
    .catch(error => parts.log.warn({ error: String(error) }, 'The containers could not be listed'))
}

const connect = (body: Body): void => {
  const { parts, journal, transport, api, adoption, reporter, telemetry, links, host, signal } = body
  const { clock, ids, log, cluster, settings } = parts
  const endpoints = new PollEndpoints(api, clock)
  const arn = (): string => journal.identity().containerInstanceArn ?? ''
  const session = new Session({
    adoption,
    journal,
    log,
    send: frame => links[0]?.send(frame) ?? false,
    onHeartbeat: () => telemetry.heartbeat(),
    registerAgain: async () => {
      await register({ ...parts, journal, api, transport }, signal)
    },
  })
  const agent = { agentHash: 'stowage', agentVersion: settings.version }
  const shared = { transport, clock, ids, log } satisfies Partial<LinkDeps>
  let sendCredentials = true
  const acs = new Link({
    ...shared,
    name: 'ACS',
    backoff: ACS_BACKOFF,
    recognised: ACS_MESSAGES,
    url: async afterFailure => {
      const found = await endpoints.get(cluster, arn(), afterFailure)
      return linkUrl(found.acs, {
        ...agent,
        clusterArn: cluster,
        containerInstanceArn: arn(),
        dockerVersion: `DockerVersion: ${host.version}`,
        protocolVersion: '2',
        sendCredentials: String(sendCredentials),
        seqNum: '1',
      })
    },
    onOpen: () => {
      sendCredentials = false
      body.engine.linked()
      reporter.retryNow()
    },
    onMessage: (type, message) => session.receive(type, message),
    onEnd: end => session.ended(end),
  })
  const tcs = new Link({
    ...shared,
    name: 'TCS',
    backoff: TCS_BACKOFF,
    recognised: TCS_MESSAGES,
    url: async afterFailure => {
      const found = await endpoints.get(cluster, arn(), afterFailure)
      const query = { ...agent, cluster, containerInstance: arn(), dockerVersion: host.version }
      return linkUrl(found.tcs, query)
    },
    onOpen: url => telemetry.opened(url),
    onMessage: () => {},
    onEnd: async () => {
      telemetry.closed()
      return undefined
    },
  })
  links.push(acs, tcs)
  const watching = {
    driver: parts.driver,
    onSilent: () => acs.hold('The container engine does not answer'),
    onBack: () => acs.release(),
  }
  void watchEngine({ ...watching, clock, log }, signal)
}
