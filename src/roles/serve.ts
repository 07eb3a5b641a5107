// The listening socket, and a core behind it. When the core's journal fails it answers 503 with why, and opens a new core
// from what the journal holds: nothing that was acknowledged is lost, nothing that was not is shown.
// Before: main.ts. After: open-core.ts.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Ids } from '../lib/ids.ts'
import { UsageError } from '../lib/usage-error.ts'
import type { Core } from './core.ts'
import { openCore } from './open-core.ts'
import type { Parts, ServerOptions } from './options.ts'

/** Between a failed journal and the next try to open it. */
const REOPEN_MS = 2_000

/**
 * Connections that the kernel holds until they are accepted (it takes no more than net.core.somaxconn). A hundred agents, whose
 * tasks all start at once, open ten each; one that is dropped here is tried again after 1, 3, 7, 15 s by its kernel, unseen.
 */
const WAITING_CONNECTIONS = 4096

export type RunningServer = { readonly core: Core; readonly port: number; readonly stop: () => Promise<void> }

/** Listens, and keeps a core behind the socket: when its journal fails, it answers 503 with why, and opens a new one. */
export const serve = async (
  options: ServerOptions,
  parts: Parts,
  crash: (error: unknown) => void,
): Promise<RunningServer> => {
  const first = await openCore(options, parts)
  let core: Core | undefined = first
  const { clock, ids, log } = parts
  let why = ''
  let stopping = false
  const keepOpen = async (): Promise<void> => {
    while (!stopping && core) {
      const failure = await core.failed
      log.error({ error: failure.message }, 'The journal failed: not serving until it can be opened again')
      why = failure.message
      const broken: Core = core
      core = undefined
      await broken.stop().catch(error => log.warn({ error: String(error) }, 'The failed store did not close cleanly'))
      while (!stopping && !core) {
        await clock.sleep(REOPEN_MS)
        core = await openCore(options, parts).catch(error => {
          why = String(error instanceof Error ? error.message : error)
          log.error({ error: why }, 'The journal cannot be opened yet')
          return undefined
        })
      }
      log.info({}, 'Serving again, from the journal')
    }
  }
  const http = createServer((request, response) => {
    if (request.url === '/health') return answerHealth(response, core, why)
    if (core) core.handle(request, response)
    else answerUnavailable(response, why, ids)
  })
  http.keepAliveTimeout = 65_000
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', error => log.debug({ error: String(error) }, 'A connection broke while it was upgraded'))
    if (core) core.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
  })
  const port = await listen(http, options)
  keepOpen().catch(crash)
  const stop = async () => {
    stopping = true
    http.close()
    http.closeIdleConnections()
    await core?.stop()
    http.closeAllConnections()
  }
  return { core: first, port, stop }
}

// 200 while it answers anything: what is read is right even when nothing can be written, and a caller sees which.
const answerHealth = (response: ServerResponse, core: Core | undefined, why: string): void => {
  const readOnly = core?.readOnly()
  const health = !core
    ? { status: 'unavailable', reason: why }
    : readOnly
      ? { status: 'read-only', reason: readOnly.message }
      : { status: 'ok' }
  response.writeHead(core ? 200 : 503, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(health)}\n`)
}

const answerUnavailable = (response: ServerResponse, why: string, ids: Ids): void => {
  response.writeHead(503, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': ids.uuid() })
  response.end(JSON.stringify({ __type: 'ServiceUnavailableException', message: `Stowage is not serving: ${why}` }))
}

const whyDeaf = (error: NodeJS.ErrnoException, { port, bind }: ServerOptions): string => {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${bind} is in use; choose another with --port`
  if (error.code === 'EACCES') return `no right to listen on port ${port}; choose one above 1023 with --port`
  return `cannot listen on ${bind} (${error.message}); give --bind an address of this host`
}

const listen = (http: Server, options: ServerOptions): Promise<number> =>
  new Promise((listening, failed) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      failed(new UsageError(whyDeaf(error, options)))
    })
    const address = { port: options.port, host: options.bind, backlog: WAITING_CONNECTIONS }
    http.listen(address, () => listening((http.address() as AddressInfo).port))
  })
