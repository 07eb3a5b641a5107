// A target as HAProxy's words: the same ones make a `server` line of the configuration and an `add server` command, which
// inherits nothing from `default-server`.
// Before: render.ts, and the data plane when targets come. https://docs.haproxy.org/2.6/management.html ("add server")
import type { HealthCheck, TargetGroup } from '../../domain/load-balancing/target-group.ts'
import { isOn, numberOf, textOf } from '../attributes.ts'
import type { Server } from '../desired.ts'
import { initialSectionOf, openNameOf, sectionOf } from '../names.ts'

export type ServerEntry = {
  readonly section: string
  readonly name: string
  /** Address and options. */
  readonly words: string
  readonly checked: boolean
}

/**
 * How soon a new target is checked again until its first success: AWS waits for the group's interval, up to 5 minutes, during
 * which nobody gains anything. Half a second is seldom enough for a check that costs something.
 */
export const INITIAL_CHECK_MS = 500

// Without the pool's options a dynamic server keeps no idle connection: a quarter of the requests a second.
const POOL = 'pool-max-conn -1 pool-purge-delay 5s'

const intervalOf = ({ intervalSeconds }: HealthCheck, initial: boolean): string =>
  initial ? `${Math.min(INITIAL_CHECK_MS, intervalSeconds * 1_000)}ms` : `${intervalSeconds}s`

const checkWords = (group: TargetGroup, initial: boolean): readonly string[] => {
  const check = group.healthCheck
  // The last one of a target that is not known counts for nothing but its result.
  const thresholds = initial ? 'fall 1 rise 1' : `fall ${check.unhealthyThreshold} rise ${check.healthyThreshold}`
  return [
    `check inter ${intervalOf(check, initial)} ${thresholds}`,
    ...(check.port === 'traffic-port' ? [] : [`port ${check.port}`]),
    ...(checksTls(group) ? ['check-ssl verify none'] : speaksTls(group) ? ['no-check-ssl'] : []),
    ...(isOn(group, 'proxy_protocol_v2.enabled') ? ['check-send-proxy'] : []),
  ]
}

/** TLS to the target; its certificate is not looked at, as AWS does not. */
export const speaksTls = ({ protocol }: TargetGroup): boolean => protocol === 'HTTPS' || protocol === 'TLS'

export const speaksHttp2 = ({ protocolVersion }: TargetGroup): boolean =>
  protocolVersion === 'HTTP2' || protocolVersion === 'GRPC'

/** HAProxy 2.6 cannot check over HTTP/2 (every form of it ends in a socket error): that the port is open must do. */
export const checksByHttp = (group: TargetGroup): boolean => group.healthCheck.protocol !== 'TCP' && !speaksHttp2(group)

const checksTls = (group: TargetGroup): boolean => group.healthCheck.protocol === 'HTTPS' && checksByHttp(group)

const trafficWords = (group: TargetGroup): readonly string[] => {
  const slowStart = numberOf(group, 'slow_start.duration_seconds')
  return [
    ...(speaksTls(group) ? ['ssl verify none'] : []),
    ...(speaksHttp2(group) ? ['proto h2'] : []),
    ...(isOn(group, 'proxy_protocol_v2.enabled') ? ['send-proxy-v2'] : []),
    // The ramp raises the weight by steps: a weight of 1 has none.
    ...(slowStart > 0 ? [`slowstart ${slowStart}s`] : []),
    `weight ${slowStart > 0 ? 100 : 1}`,
    POOL,
  ]
}

const downWords = (group: TargetGroup): readonly string[] =>
  (group.protocol === 'TCP' || group.protocol === 'TLS') &&
  isOn(group, 'target_health_state.unhealthy.connection_termination.enabled')
    ? ['on-marked-down shutdown-sessions']
    : []

/** A known target has two entries: the one that is checked, and one that gets requests when no target is healthy. */
export const entriesOf = (group: TargetGroup, server: Server): readonly ServerEntry[] => {
  const at = `${server.address}:${server.port}`
  if (server.phase === 'initial') {
    const words = [at, ...(speaksTls(group) ? ['ssl verify none'] : []), ...checkWords(group, true)].join(' ')
    return [{ section: initialSectionOf(group.arn), name: server.name, words, checked: true }]
  }
  const section = sectionOf(group.arn)
  const traffic = trafficWords(group)
  return [
    {
      ...{ section, name: server.name, checked: true },
      words: [at, ...checkWords(group, false), ...traffic, ...downWords(group)].join(' '),
    },
    { section, name: openNameOf(server.name), words: [at, ...traffic, 'backup'].join(' '), checked: false },
  ]
}

export const algorithmOf = (group: TargetGroup): string => {
  const type = textOf(group, 'load_balancing.algorithm.type')
  return type === 'least_outstanding_requests' ? 'leastconn' : type === 'weighted_random' ? 'random(1)' : 'roundrobin'
}
