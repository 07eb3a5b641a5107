// Who this agent is to the server: registers the host, as the same container instance after a restart, anew when the server
// does not know that one any more. Tasks of the old instance run on until the new one's manifest leaves them out.
// Before: start.ts. After: api.ts; the ARN goes into the journal.
import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Driver } from '../runtime/driver.ts'
import { type Api, ApiError } from './api.ts'
import { attributes, totalResources } from './capabilities.ts'
import type { AgentJournal } from './journal.ts'
import type { AgentSettings } from './settings.ts'
import type { Transport } from './transport.ts'

const RETRY: BackoffPolicy = { firstMs: 500, mostMs: 30_000, factor: 1.5, jitter: 0.2 }

export type RegistrationDeps = {
  readonly api: Api
  readonly transport: Pick<Transport, 'localAddress'>
  readonly driver: Driver
  readonly journal: AgentJournal
  readonly settings: AgentSettings
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Resolves with the container instance's ARN; tries for as long as nobody answers. Rejects when the server says no. */
export const register = async (deps: RegistrationDeps, signal: AbortSignal): Promise<string> => {
  const host = await deps.driver.info()
  const arn = await untilAnswered(deps, host, signal)
  if (arn !== deps.journal.identity().containerInstanceArn) deps.journal.saveIdentity({ containerInstanceArn: arn })
  await deps.journal.durable()
  return arn
}

const untilAnswered = async (deps: RegistrationDeps, host: Host, signal: AbortSignal): Promise<string> => {
  for (let failures = 1; ; failures++) {
    try {
      return await registerOnce(deps, host)
    } catch (error) {
      if (!isPassing(error)) throw error
      // The first time where it is seen: a wrong address is never answered.
      const tell = failures === 1 ? deps.log.warn : deps.log.info
      tell({ error: String(error) }, 'Not registered yet; trying again')
      await deps.clock.sleep(backoffMs(RETRY, failures, deps.ids.fraction()), signal)
    }
  }
}

type Host = Awaited<ReturnType<Driver['info']>>

const registerOnce = async (deps: RegistrationDeps, host: Host): Promise<string> => {
  const { cluster, containerInstanceArn } = deps.journal.identity()
  const asNew = async (): Promise<string> => {
    try {
      return await call(deps, host, undefined)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'ClusterNotFoundException' && cluster === 'default'))
        throw error
      await deps.api.createCluster('default')
      return call(deps, host, undefined)
    }
  }
  if (containerInstanceArn === undefined) return asNew()
  try {
    return await call(deps, host, containerInstanceArn)
  } catch (error) {
    if (isPassing(error)) throw error
    deps.log.warn({ containerInstanceArn, error: String(error) }, 'The server does not take this instance: a new one')
    return asNew()
  }
}

const call = async (
  { api, transport, journal, settings, ids }: RegistrationDeps,
  host: Host,
  containerInstanceArn: string | undefined,
): Promise<string> => {
  const address = settings.address ?? (await transport.localAddress())
  const { containerInstance } = await api.registerContainerInstance({
    cluster: journal.identity().cluster,
    instanceIdentityDocument: '',
    instanceIdentityDocumentSignature: '',
    totalResources: totalResources(host, settings),
    attributes: attributes(host, settings, address),
    ...(host.gpus.length > 0 ? { platformDevices: host.gpus.map(id => ({ id, type: 'GPU' as const })) } : {}),
    versionInfo: { agentVersion: settings.version, dockerVersion: `DockerVersion: ${host.version}` },
    clientToken: ids.uuid(),
    ...(containerInstanceArn === undefined ? {} : { containerInstanceArn }),
  })
  const arn = containerInstance?.containerInstanceArn
  if (!arn) throw new ApiError('ServerException', 'RegisterContainerInstance answered without an ARN', 200)
  return arn
}

// Nobody answered, too much at once, or the server's own trouble. Everything else is a "no" that would be repeated.
const isPassing = (error: unknown): boolean =>
  !(error instanceof ApiError) ||
  error.code === 'Unreachable' ||
  error.code === 'ServerException' ||
  error.code === 'LimitExceededException' ||
  error.code.includes('Throttling') ||
  error.status >= 500
