// The desired data plane as files of HAProxy: the configuration, maps, bodies, certificates. Pure; golden files beside it.
// What changes only by a reload has a digest, which HAProxy itself tells (`show info`): what runs is never guessed.
// Before: reconcilers/load-balancer/. After: haproxy/, which writes the files and starts or reloads.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import { isOn, tcpIdleTimeoutOf } from '../attributes.ts'
import type { Desired, PlacedListener, Server, UsedGroup } from '../desired.ts'
import { initialSectionOf } from '../names.ts'
import { REQUEST_BYTES } from './access-log.ts'
import { backends, OWN } from './backend.ts'
import { type Files, filesIn, type RenderedFile } from './files.ts'
import { httpFrontend } from './http-frontend.ts'
import { entriesOf, INITIAL_CHECK_MS } from './servers.ts'
import { isSticky, tokenOf, tokensFile } from './stickiness.ts'
import { tcpFrontend } from './tcp-frontend.ts'
import { addWeightFiles } from './weights.ts'

export type Rendering = {
  readonly files: readonly RenderedFile[]
  /** Of all that needs a reload when it changes. */
  readonly digest: string
}

export type Paths = {
  readonly folder: string
  readonly maps: string
  readonly config: string
  readonly runtime: string
  readonly state: string
}

export const pathsIn = (folder: string): Paths => ({
  folder,
  maps: join(folder, 'maps'),
  config: join(folder, 'haproxy.cfg'),
  runtime: join(folder, 'runtime.sock'),
  state: join(folder, 'servers.state'),
})

/** An old process ends with its last connection; a websocket may keep it this long, as the longest deregistration delay. */
const HARD_STOP = '3600s'
/** Old processes that may linger at once: 16 MB each. */
const MOST_RELOADS = 25

/**
 * A message's headers have to fit in one buffer, with 1 KiB to spare for those that are added: 64 KiB as at AWS, against HAProxy's own 15.
 * A connection has buffers only while something is in them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html#http-headers-quotas
 */
const BUFFER_BYTES = 66 * 1024

const globalLines = (paths: Paths, digest: string): readonly string[] => [
  'global',
  `  description ${digest}`,
  `  stats socket ${paths.runtime} mode 600 level admin expose-fd listeners`,
  '  stats timeout 30s',
  // Standard error is a file of ours: what checks find comes there, and wakes the loop.
  '  log stderr format raw local0 info',
  `  hard-stop-after ${HARD_STOP}`,
  `  mworker-max-reloads ${MOST_RELOADS}`,
  // After a reload checks begin spread over the shortest interval of a second or more, which may be 30 seconds: a new target waits for its first.
  `  max-spread-checks ${INITIAL_CHECK_MS}`,
  `  server-state-file ${paths.state}`,
  // Taken for requests that are logged alone.
  `  tune.http.logurilen ${REQUEST_BYTES}`,
  `  tune.bufsize ${BUFFER_BYTES}`,
  '  tune.ssl.default-dh-param 2048',
  '  ssl-server-verify none',
]

const ownError = (status: number, title: string, mark = ''): string =>
  `  http-error status ${status} content-type text/html ${mark}hdr Server awselb/2.0 string '<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>'`

/** The sections say by it which status it is (backend.ts). */
const ASKED = `hdr ${OWN} %s `

// No `log` here: a frontend that has one writes a line for every request, whatever else it is told. Sections of targets have theirs.
const DEFAULTS = [
  'defaults',
  '  load-server-state-from-file global',
  // A request on a connection that an old process would close just then is answered first, and the connection closed after.
  '  option idle-close-on-response',
  '  http-reuse safe',
  '  retries 1',
  '  retry-on conn-failure',
  '  option redispatch 1',
  '  timeout queue 10s',
  ownError(400, '400 Bad Request'),
  ownError(408, '408 Request Time-out'),
  ownError(500, '500 Internal Server Error'),
  ownError(502, '502 Bad Gateway'),
  ownError(503, 'Service Temporarily Unavailable', ASKED),
  ownError(504, '504 Gateway Time-out'),
]

const binds = (listeners: readonly PlacedListener[]): ReadonlyMap<string, readonly PlacedListener[]> =>
  Map.groupBy(listeners, ({ address, listener }) => `${address}:${listener.port}`)

const frontends = (desired: Desired, files: Files): readonly string[] =>
  [...binds(desired.listeners).values()].flatMap(listeners => {
    const [first] = listeners
    const network = first !== undefined && first.loadBalancer.type === 'network'
    return ['', ...(network ? tcpFrontend(first, files) : httpFrontend(listeners, files))]
  })

const rulesOf = (desired: Desired): readonly Rule[] => desired.listeners.flatMap(({ rules }) => rules)

const idleSecondsOf = (desired: Desired, { loadBalancer }: UsedGroup): number =>
  Math.max(
    350,
    ...desired.listeners
      .filter(placed => placed.loadBalancer.arn === loadBalancer.arn)
      .map(({ listener }) => tcpIdleTimeoutOf(listener)),
  )

/** HTTP/2 comes by ALPN alone. */
const offersHttp2 = (desired: Desired, { loadBalancer }: UsedGroup): boolean =>
  isOn(loadBalancer, 'routing.http2.enabled') &&
  desired.listeners.some(placed => placed.loadBalancer.arn === loadBalancer.arn && placed.certificates.length > 0)

const serverLines = (used: UsedGroup, servers: readonly Server[]) => {
  const entries = servers.flatMap(server => entriesOf(used.group, server))
  const initial = initialSectionOf(used.group.arn)
  const line = ({ name, words }: { readonly name: string; readonly words: string }): string => `server ${name} ${words}`
  return {
    known: entries.filter(({ section }) => section !== initial).map(line),
    initial: entries.filter(({ section }) => section === initial).map(line),
  }
}

type ServersOf = (targetGroupArn: string) => readonly Server[]

const sections = (desired: Desired, files: Files, serversOf: ServersOf): readonly string[] =>
  desired.groups.flatMap(used => {
    const context = {
      ...{ rules: rulesOf(desired), http2: offersHttp2(desired, used) },
      ...{ tcpIdleSeconds: idleSecondsOf(desired, used), files },
    }
    return ['', ...backends(used, context, serverLines(used, serversOf(used.group.arn)))]
  })

const tokens = (desired: Desired, files: Files, serversOf: ServersOf): void => {
  for (const { group } of desired.groups.filter(used => isSticky(used.group))) {
    const known = serversOf(group.arn).filter(({ phase, drains }) => phase === 'known' && drains !== true)
    files.map(
      tokensFile(group),
      known.map(({ name }) => [tokenOf(group, name), name] as const),
      false,
    )
  }
}

const EXAMPLES: readonly Server[] = [
  { name: 'example', address: '192.0.2.1', port: 1, phase: 'known' },
  { name: 'example', address: '192.0.2.1', port: 1, phase: 'initial' },
]

/** The digest is of the rendering without its servers and weights: those come and go through the runtime socket. */
export const digestOf = (desired: Desired, paths: Paths): string => {
  const files = filesIn(paths.maps)
  const text = [
    ...globalLines(paths, ''),
    ...DEFAULTS,
    ...frontends(desired, files),
    // One target of each kind stands for all: how they are checked is structure, which there are is not.
    ...sections(desired, files, () => EXAMPLES),
  ]
  addWeightFiles(rulesOf(desired), files)
  const hash = createHash('sha256').update(text.join('\n'))
  for (const { path, content, structural } of files.all()) if (structural) hash.update(`\n${path}\n${content}`)
  return hash.digest('hex').slice(0, 32)
}

export const render = (desired: Desired, paths: Paths, serversOf: ServersOf): Rendering => {
  const files = filesIn(paths.maps)
  const digest = digestOf(desired, paths)
  const body = [...frontends(desired, files), ...sections(desired, files, serversOf)]
  addWeightFiles(rulesOf(desired), files)
  tokens(desired, files, serversOf)
  const config = [...globalLines(paths, digest), '', ...DEFAULTS, ...body, ''].join('\n')
  return { digest, files: [...files.all(), { path: paths.config, content: config, structural: true }] }
}
