// The control plane while it serves: everything between the listening socket and the journal, wired together.
// Before: open-core.ts, which opens the store. After: the seven stops.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createGateway } from '../aws/gateway.ts'
import { loadRootCredentials } from '../aws/root-credentials.ts'
import { DEFAULT_SETTINGS, type DispatcherSettings } from '../dispatcher/settings.ts'
import { startDispatcher } from '../dispatcher/start.ts'
import type { Ids } from '../lib/ids.ts'
import { UsageError } from '../lib/usage-error.ts'
import { startReconcilers } from '../reconcilers/start.ts'
import { forgetSimulatedInstances } from '../services/ecs/container-instance/forget-simulated-instances.ts'
import type { Store } from '../store/store.ts'
import { clusters } from '../store/tables.ts'
import { awsServices } from './aws-services.ts'
import { type Credentials, type Parts, type ServerOptions, SIMULATED_ATTRIBUTE } from './options.ts'

/** The control plane while it serves: everything between the listening socket and the journal. */
export type Core = {
  readonly credentials: Credentials
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly forgetSimulatedInstances: () => Promise<void>
  /** Why nothing can be written for now, if so: the disk is full. */
  readonly readOnly: () => Error | undefined
  readonly failed: Promise<Error>
  readonly stop: () => Promise<void>
}

const credentialsFor = async (store: Store, options: ServerOptions, ids: Ids): Promise<Credentials> => {
  const { data, accountId, rootCredentials } = options
  const [cluster] = store.all(clusters)
  const account = cluster?.arn.split(':')[4] ?? accountId
  // Served for another one all that is there would seem to be gone.
  if (account !== accountId)
    throw new UsageError(
      `the data in ${data} is of account ${account}: give --account-id ${account}, or another --data`,
    )
  return loadRootCredentials({ dataDir: data, ids, ...(rootCredentials ? { given: rootCredentials } : {}) })
}

/** Starts all that works on the store; rejects, with the store closed and nothing left running, when it can't. */
export const startCore = async (store: Store, options: ServerOptions, { clock, ids, log }: Parts): Promise<Core> => {
  const credentials = await credentialsFor(store, options, ids).catch(async error => {
    await store.close()
    throw error
  })
  const root = {
    accountId: options.accountId,
    arn: `arn:aws:iam::${options.accountId}:root`,
    userId: options.accountId,
  }
  const dependencies = { store, clock, ids }
  const gateway = createGateway({
    services: awsServices(dependencies),
    lookup: id =>
      id === credentials.accessKeyId ? { secretAccessKey: credentials.secretAccessKey, caller: root } : undefined,
    accountId: options.accountId,
    throttle: options.throttle,
    clock,
    ids,
    log,
    durable: store.durable,
    caughtUp: store.caughtUp,
  })
  const { disconnectedAfterMs, healthyAfterMs, stoppedTaskMs } = options
  const dispatcher = startDispatcher({ store, clock, ids, log, settings: linkSettings(disconnectedAfterMs) })
  const reconcilers = startReconcilers({
    ...{ store, clock, ids, log },
    instances: { disconnectedAfterMs },
    deployments: { healthyAfterMs },
    retention: { stoppedTaskMs },
    loadBalancers: { folder: join(options.data, 'load-balancer'), addresses: options.loadBalancerAddresses },
  })
  const stop = async () => {
    await reconcilers.stop()
    await dispatcher.stop()
    await store.close()
  }
  return {
    credentials,
    handle: gateway.handle,
    upgrade: (request, socket, head) => {
      const kind = /^\/(acs|tcs)\/ws(\?|$)/.exec(request.url ?? '')?.[1]
      gateway.authenticateUpgrade(request).then(
        () => {
          if (kind === 'acs' || kind === 'tcs') dispatcher.upgrade(kind, request, socket, head)
          else socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
        },
        error => refuseUpgrade(socket, error),
      )
    },
    forgetSimulatedInstances: () => forgetSimulatedInstances(store, clock, SIMULATED_ATTRIBUTE),
    readOnly: store.readOnly,
    failed: new Promise(fail => store.onFailure(fail)),
    stop,
  }
}

// A host that lost power is noticed by the fourth probe, so that silence is known before it is too long; and a server that
// just started does not hope for its agents longer than that.
const linkSettings = (disconnectedAfterMs: number): Partial<DispatcherSettings> => ({
  probeMs: disconnectedAfterMs / 4,
  reconnectGraceMs: Math.min(disconnectedAfterMs, DEFAULT_SETTINGS.reconnectGraceMs),
})

// The ECS agent reads `{"<exception>": "<text>"}` in the body of a refused handshake.
const refuseUpgrade = (socket: Duplex, error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error)
  const body = JSON.stringify({ AccessDeniedException: message })
  socket.end(
    `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
