// The dispatcher: the server's side of the agent links. Keeps a session for each connected container instance, and hands it
// what the store says about that instance's tasks; the cost follows what changed, not how many instances or tasks there are.
// Before: the placement loop and RunTask put a task's instance in its row. After: the agent on that instance.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { LinkSocket } from '../agent-link/socket.ts'
import { websocket } from '../agent-link/websocket.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import { disconnectAbsent } from './connection.ts'
import { admit, handshakeOf, type Refusal, refuse } from './handshake.ts'
import { Links } from './links.ts'
import { DEFAULT_SETTINGS, type DispatcherSettings } from './settings.ts'
import type { TaskStats } from './task-stats.ts'

export type Dispatcher = {
  /** Takes over an upgrade whose signature is verified; `acs` for commands, `tcs` for telemetry. */
  readonly upgrade: (kind: LinkKind, request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** The same for a link that is no websocket. */
  readonly open: (kind: LinkKind, asking: AskingForLink) => void
  /** What the containers of a live task used last; undefined before its agent said so. */
  readonly stats: (taskArn: string) => TaskStats | undefined
  /** Closes all links; agents come back by themselves. */
  readonly stop: () => Promise<void>
}

export type LinkKind = 'acs' | 'tcs'

/** An agent that asks for a link: it is given one, told why not, or dropped because there is nobody to answer. */
export type AskingForLink = {
  /** Path and query of the handshake. */
  readonly url: string
  readonly accept: (opened: (socket: LinkSocket) => void) => void
  readonly refuse: (refusal: Refusal) => void
  readonly drop: () => void
}

export type DispatcherDependencies = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings?: Partial<DispatcherSettings>
}

export const startDispatcher = ({ settings: own, ...given }: DispatcherDependencies): Dispatcher => {
  const { store, clock, log } = given
  const settings = { ...DEFAULT_SETTINGS, ...own }
  const links = new Links({ ...given, settings })
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: settings.frameBytes,
  })
  let stopped = false
  // Again where it can't be written (a full disk): else a host that is gone by then would count as connected for ever. Its silence
  // begins then, for no agent could connect before.
  const graceAfter = (silentSince?: number): Timer =>
    clock.after(settings.reconnectGraceMs, () => {
      disconnectAbsent(store, arn => links.isOpen(arn), silentSince ?? clock.now()).catch(error => {
        log.error({ error: String(error) }, 'Could not mark the container instances as disconnected')
        if (!stopped) graceEnds = graceAfter()
      })
    })
  let graceEnds = graceAfter(clock.now())
  const endWatch = store.watch(changes => links.told(changes))
  const open: Dispatcher['open'] = (kind, asking) => {
    const handshake = handshakeOf(asking.url)
    const admitted = admit(store, handshake)
    if (stopped) asking.drop()
    else if ('type' in admitted) {
      log.info({ kind, containerInstance: handshake.instanceArn, why: admitted.type }, 'Refused the link of an agent')
      // A refusal rests on the rows too: one that a crash would undo must not be told.
      store.durable().then(() => asking.refuse(admitted), asking.drop)
    } else {
      asking.accept(socket => {
        if (kind === 'acs') links.openAcs(socket, admitted, handshake)
        else links.openTcs(socket, admitted)
      })
    }
  }
  const upgrade: Dispatcher['upgrade'] = (kind, request, socket, head) => {
    socket.on('error', error => log.debug({ error: error.message }, 'A connection broke in its handshake'))
    open(kind, {
      url: request.url ?? '',
      accept: opened => server.handleUpgrade(request, socket, head, ws => opened(websocket(ws))),
      refuse: refusal => refuse(socket, refusal),
      drop: () => socket.destroy(),
    })
  }
  const stop = async (): Promise<void> => {
    stopped = true
    graceEnds.cancel()
    endWatch()
    await links.stop()
  }
  return { upgrade, open, stats: links.stats.get, stop }
}
