// One request as HAProxy wrote it (render/access-log.ts), as AWS's access logs have it. Pure.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-format
// What nothing here knows is `-`, as there: the trace id, the chosen certificate, SNI, classification, connection id.
import type { Listener, LoadBalancer, Rule } from '../../domain/load-balancing/load-balancer.ts'

export type RawLine = {
  readonly listenerId: string
  /** `-`: none was chosen. */
  readonly ruleId: string
  readonly section: string
  readonly server: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds: reading the request, in the queue, connecting, until the target's headers, in all. -1: it did not come to that. */
  readonly times: readonly [read: number, queued: number, connecting: number, waiting: number, total: number]
  readonly client: string
  readonly target: string
  readonly status: number
  readonly received: number
  readonly sent: number
  readonly cipher: string
  readonly protocol: string
  readonly request: string
  readonly userAgent: string
  readonly host: string
}

const PLAIN = 18
/** HAProxy puts a backslash before a quote in it. */
const QUOTED = '(?:"((?:[^"\\\\]|\\\\.)*)"|-)'
const RAW = new RegExp(`^${'(\\S+) '.repeat(PLAIN)}${QUOTED} ${QUOTED} ${QUOTED}$`)

/** Undefined for what is no request's line. */
export const rawLine = (text: string): RawLine | undefined => {
  const [, ...found] = RAW.exec(text) ?? []
  if (found.length === 0) return undefined
  const at = (place: number): string => found[place] ?? ''
  const number = (place: number): number => Number(at(place))
  return {
    ...{ listenerId: at(0), ruleId: at(1), section: at(2), server: at(3) },
    startedAt: number(4) * 1000 + number(5),
    times: [number(6), number(7), number(8), number(9), number(10)],
    ...{ client: at(11), target: at(12), status: number(13), received: number(14), sent: number(15) },
    ...{ cipher: at(16), protocol: at(17), request: at(18), userAgent: at(19) || '-', host: at(20) || '-' },
  }
}

/** The rows that a line is about. */
export type About = {
  readonly loadBalancer: LoadBalancer
  readonly listener: Listener
  readonly rule: Rule | undefined
  readonly targetGroupArn: string | undefined
}

export const accessLogLine = (raw: RawLine, { loadBalancer, listener, rule, targetGroupArn }: About): string => {
  const [read, queued, connecting, waiting, total] = raw.times
  const reached = raw.server !== '<NOSRV>' && connecting >= 0
  const answered = reached && waiting >= 0
  const target = reached ? raw.target : '-'
  const targetStatus = answered ? String(raw.status) : '-'
  const scheme = listener.protocol.toLowerCase()
  const [method = '-', path = '-', version = '-'] = raw.request.split(' ')
  const host = raw.host.replace(/:\d+$/, '')
  const url = path.startsWith('/') ? `${scheme}://${host}:${listener.port}${path}` : path
  return [
    typeOf(raw, listener, version),
    isoMicros(raw.startedAt + Math.max(0, total)),
    loadBalancer.arn.split('/').slice(-3).join('/'),
    raw.client,
    target,
    seconds(reached ? Math.max(0, queued) + connecting : -1),
    seconds(answered ? waiting : -1),
    seconds(answered ? total - Math.max(0, read) - Math.max(0, queued) - connecting - waiting : -1),
    raw.status,
    targetStatus,
    raw.received,
    raw.sent,
    `"${method} ${url} ${version}"`,
    `"${raw.userAgent}"`,
    raw.cipher,
    raw.protocol,
    targetGroupArn ?? '-',
    '"-"',
    '"-"',
    '"-"',
    rule === undefined ? '-1' : rule.isDefault ? '0' : String(rule.priority),
    isoMicros(raw.startedAt),
    `"${rule?.actions.map(({ Type }) => Type).join(',') ?? '-'}"`,
    '"-"',
    '"-"',
    `"${target}"`,
    `"${targetStatus}"`,
    '"-"',
    '"-"',
    '-',
  ].join(' ')
}

const typeOf = ({ status }: RawLine, { protocol }: Listener, version: string): string => {
  if (status === 101) return protocol === 'HTTPS' ? 'wss' : 'ws'
  if (version.startsWith('HTTP/2')) return 'h2'
  return protocol.toLowerCase()
}

const isoMicros = (at: number): string => `${new Date(at).toISOString().slice(0, -1)}000Z`

const seconds = (ms: number): string => (ms < 0 ? '-1' : (ms / 1000).toFixed(3))
