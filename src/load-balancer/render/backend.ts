// The side towards the targets of one target group: what a request carries to them, how they are checked, which one it sticks to.
// A group belongs to one load balancer, so that balancer's attributes hold here. A second section, `.initial`, checks new targets.
// Before: render.ts. After: servers.ts.
import { forwardsOf, type LoadBalancer, type Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'
import { idleTimeoutOf, isOn, textOf } from '../attributes.ts'
import type { UsedGroup } from '../desired.ts'
import { idOf, initialSectionOf, sectionOf } from '../names.ts'
import type { Files } from './files.ts'
import { algorithmOf, checksByHttp } from './servers.ts'
import { stickinessLines } from './stickiness.ts'
import { lines } from './text.ts'
import { stickySecondsOf } from './weights.ts'

/** Milliseconds; AWS's. */
const CONNECT_MS = 10_000

const checkLines = (group: TargetGroup): readonly string[] => {
  const { path = '/', timeoutSeconds, matcher = '200' } = group.healthCheck
  const byHttp = [
    'option httpchk',
    // The name of a server is its address and port, which is the Host of AWS's checks.
    `http-check send meth GET uri ${path} ver HTTP/1.1 hdr Host %[srv_name] hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close`,
    `http-check expect status ${matcher}`,
  ]
  // What a check finds is told in HAProxy's log, which is what wakes the loop.
  return [
    `timeout check ${timeoutSeconds}s`,
    'log global',
    'option log-health-checks',
    ...(checksByHttp(group) ? byHttp : []),
  ]
}

const forwardedFor = ({ loadBalancer }: UsedGroup): readonly string[] => {
  const mode = textOf(loadBalancer, 'routing.http.xff_header_processing.mode')
  if (mode === 'preserve') return []
  if (mode === 'remove') return ['http-request del-header X-Forwarded-For']
  const withPort = isOn(loadBalancer, 'routing.http.xff_client_port.enabled')
  const client = withPort ? '%[src]:%[src_port]' : '%[src]'
  const found = '{ req.fhdr(x-forwarded-for) -m found }'
  return [
    `http-request set-header X-Forwarded-For "%[req.fhdr(x-forwarded-for)], ${client}" if ${found}`,
    // The option comes after all directives and costs less than one; it knows no port.
    withPort ? `http-request set-header X-Forwarded-For ${client} if !${found}` : 'option forwardfor if-none',
  ]
}

/** 32 random bits as ten decimal digits, which are hexadecimal ones as well: the cheapest expression that has a fixed length. */
const RANDOM = '%[rand,add(1000000000)]'

/** The time, and 24 digits: four of the load balancer, twenty by chance. */
const freshId = ({ arn }: LoadBalancer): string =>
  `1-%[date,hex,bytes(8,8),lower]-${idOf(arn).slice(0, 4)}${RANDOM.repeat(2)}`

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
const traceLines = ({ loadBalancer }: UsedGroup): readonly string[] => {
  const [fresh, root] = [freshId(loadBalancer), '{ req.fhdr(x-amzn-trace-id) -m sub Root= }']
  const others = '%[req.fhdr(x-amzn-trace-id),regsub(Self=[^;]*;?,)]'
  // In this order: after the second one every request has a Root.
  return [
    `http-request set-header X-Amzn-Trace-Id "Self=${fresh};${others}" if ${root}`,
    `http-request set-header X-Amzn-Trace-Id "Root=${fresh}" if !${root}`,
  ]
}

const tlsHeaders = ({ loadBalancer }: UsedGroup): readonly string[] =>
  isOn(loadBalancer, 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled')
    ? [
        'http-request set-header x-amzn-tls-version %[ssl_fc_protocol] if { ssl_fc }',
        'http-request set-header x-amzn-tls-cipher-suite %[ssl_fc_cipher] if { ssl_fc }',
      ]
    : []

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version */
const protocolLines = ({ protocolVersion }: TargetGroup, http2: boolean): readonly string[] => {
  const refuse = 'http-request return status 464 hdr Server awselb/2.0 if'
  if (protocolVersion === 'HTTP2') return [`${refuse} !{ req.ver 2.0 }`]
  if (protocolVersion === 'GRPC') return [`${refuse} !{ req.ver 2.0 }`, `${refuse} !{ method POST }`]
  return http2 ? [`${refuse} { req.ver 2.0 } { req.fhdr(content-type) -m beg application/grpc }`] : []
}

/** A header of HAProxy's own 503s alone: the server that was asked, `<NOSRV>` when none was there. */
export const OWN = 'x-stowage-own'

// HAProxy answers 503 when it cannot connect, as when there is nobody to connect to. AWS answers 502 when a connection is
// refused and 504 when it is not answered: the time tells which, from when the request was read. A 503 of the target's stays.
// All this is done for a 503 alone: what is noted of every request costs every request.
const FAILURES = [
  'allow if !{ status 503 }',
  'set-var-fmt(txn.began) %Ts%ms',
  'set-var-fmt(txn.handshake) %Th',
  'set-var-fmt(txn.idle) %Ti',
  'set-var-fmt(txn.read) %TR',
  'set-var(txn.took) date(0,ms),sub(txn.began),sub(txn.handshake),sub(txn.idle),sub(txn.read)',
  `set-status 502 if { res.fhdr(${OWN}) -m found } !{ res.fhdr(${OWN}) <NOSRV> }`,
  `set-status 504 if { status 502 } { var(txn.took) -m int ge ${CONNECT_MS - 5} }`,
  `del-header ${OWN}`,
].map(directive => `http-after-response ${directive}`)

const groupCookie = ({ group }: UsedGroup, rules: readonly Rule[]): readonly string[] =>
  rules
    .filter(rule => forwardsOf(rule).some(({ targetGroupArn }) => targetGroupArn === group.arn))
    .flatMap(rule => {
      const seconds = stickySecondsOf(rule)
      if (seconds === undefined) return []
      const value = `${sectionOf(group.arn)}~%[date(${seconds})]; Expires=%[date,http_date(604800)]; Path=/`
      const met = `if { var(txn.r) -m str ${idOf(rule.arn)} }`
      return [
        `http-response add-header Set-Cookie "AWSALBTG=${value}" ${met}`,
        `http-response add-header Set-Cookie "AWSALBTGCORS=${value}; SameSite=None; Secure" ${met}`,
      ]
    })

const httpLines = (used: UsedGroup, { rules, http2, files }: Context): readonly string[] => {
  const idle = idleTimeoutOf(used.loadBalancer)
  const invalid = isOn(used.loadBalancer, 'routing.http.drop_invalid_header_fields.enabled')
  return lines(
    'mode http',
    `timeout server ${idle}s`,
    `timeout tunnel ${idle}s`,
    protocolLines(used.group, http2),
    FAILURES,
    invalid && "http-request del-header '[^-A-Za-z0-9]' -m reg",
    forwardedFor(used),
    tlsHeaders(used),
    traceLines(used),
    stickinessLines(used.group, files),
    groupCookie(used, rules),
  )
}

const tcpLines = ({ group }: UsedGroup, idleSeconds: number): readonly string[] =>
  lines(
    'mode tcp',
    `timeout server ${idleSeconds}s`,
    isOn(group, 'stickiness.enabled') && ['stick-table type ip size 100k expire 1h', 'stick on src'],
  )

type Context = {
  readonly rules: readonly Rule[]
  /** Its load balancer's clients may speak it. */
  readonly http2: boolean
  readonly tcpIdleSeconds: number
  readonly files: Files
}

/** `servers` are the lines of its known and of its initial targets. */
export const backends = (
  used: UsedGroup,
  context: Context,
  servers: { readonly known: readonly string[]; readonly initial: readonly string[] },
): readonly string[] => {
  const { group, loadBalancer } = used
  const application = loadBalancer.type === 'application'
  const own = application ? httpLines(used, context) : tcpLines(used, context.tcpIdleSeconds)
  const known = lines(
    `balance ${algorithmOf(group)}`,
    own,
    `timeout connect ${CONNECT_MS}ms`,
    // No target is healthy: requests go to all of them, as AWS has it.
    'option allbackups',
    checkLines(group),
    servers.known,
  )
  const initial = lines(
    ...[application ? 'mode http' : 'mode tcp', 'balance roundrobin', 'timeout server 10s'],
    `timeout connect ${CONNECT_MS}ms`,
    checkLines(group),
    servers.initial,
  )
  return [
    `backend ${sectionOf(group.arn)}`,
    ...known.map(line => `  ${line}`),
    '',
    `backend ${initialSectionOf(group.arn)}`,
    ...initial.map(line => `  ${line}`),
  ]
}
