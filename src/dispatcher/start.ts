// The dispatcher: the server's side of the agent links. Keeps a session for each connected container instance, and hands it
// what the store says about that instance's tasks; the cost follows what changed, not how many instances or tasks there are.
// Before: the placement loop and RunTask put a task's instance in its row. After: the agent on that instance.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import { disconnectAllAgents } from './connection.ts'
import { admit, handshakeOf, refuse } from './handshake.ts'
import { Links } from './links.ts'
import { DEFAULT_SETTINGS, type DispatcherSettings } from './settings.ts'
import type { TaskStats } from './task-stats.ts'

export type Dispatcher = {
  /** Takes over an upgrade whose signature is verified; `acs` for commands, `tcs` for telemetry. */
  readonly upgrade: (kind: 'acs' | 'tcs', request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** What the containers of a live task used last; undefined before its agent said so. */
  readonly stats: (taskArn: string) => TaskStats | undefined
  /** Closes all links; agents come back by themselves. */
  readonly stop: () => Promise<void>
}

export type DispatcherDependencies = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings?: Partial<DispatcherSettings>
}

export const startDispatcher = ({ settings: own, ...given }: DispatcherDependencies): Dispatcher => {
  const { store, log } = given
  const settings = { ...DEFAULT_SETTINGS, ...own }
  const links = new Links({ ...given, settings })
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: settings.frameBytes,
  })
  let stopped = false
  disconnectAllAgents(store).catch(error => {
    log.error({ error: String(error) }, 'Could not mark the container instances as disconnected')
  })
  const endWatch = store.watch(changes => links.told(changes))
  const upgrade: Dispatcher['upgrade'] = (kind, request, socket, head) => {
    const handshake = handshakeOf(request.url ?? '')
    const admitted = admit(store, handshake)
    if (stopped) socket.destroy()
    else if ('type' in admitted) {
      log.info({ kind, containerInstance: handshake.instanceArn, why: admitted.type }, 'Refused the link of an agent')
      socket.on('error', error => log.debug({ error: error.message }, 'A connection broke in its handshake'))
      // A refusal rests on the rows too: one that a crash would undo must not be told.
      store.durable().then(
        () => refuse(socket, admitted),
        () => socket.destroy(),
      )
    } else {
      server.handleUpgrade(request, socket, head, ws => {
        if (kind === 'acs') links.openAcs(ws, admitted, handshake)
        else links.openTcs(ws, admitted)
      })
    }
  }
  const stop = async (): Promise<void> => {
    stopped = true
    endWatch()
    await links.stop()
  }
  return { upgrade, stats: links.stats.get, stop }
}
