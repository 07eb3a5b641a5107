// What may be set on a load balancer, a target group and a listener, its default by type, and which values it may have.
// Rows keep only what was set; `attributeOf...` adds the defaults.
// Before: services/elbv2/attribute/. After: the load-balancer loop and the targets loop read by `attributeOf...`.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html (and ..TargetGroup.., ..Listener..)
import type { Listener, LoadBalancer } from './load-balancer.ts'
import type { TargetGroup } from './target-group.ts'

export type AttributeRule = {
  readonly default: string
  /** In words, for the refusal. */
  readonly allowed: string
  readonly accepts: (value: string) => boolean
  /** AWS has other values; Stowage does not do what they ask for. */
  readonly fixed?: true
}

export type AttributeRules = Readonly<Record<string, AttributeRule>>

const oneOf = (first: string, ...others: readonly string[]): AttributeRule => ({
  default: first,
  allowed: [first, ...others].join(', '),
  accepts: value => [first, ...others].includes(value),
})

const flag = (byDefault: boolean): AttributeRule => (byDefault ? oneOf('true', 'false') : oneOf('false', 'true'))

/** `or`: a word that may stand instead of a number. */
const number = (byDefault: number, least: number, most: number, or?: number): AttributeRule => ({
  default: String(byDefault),
  allowed: `${or === undefined ? '' : `${or} or `}a whole number from ${least} to ${most}`,
  accepts: value =>
    /^\d{1,6}$/.test(value) && ((Number(value) >= least && Number(value) <= most) || Number(value) === or),
})

const text = (form: RegExp, allowed: string): AttributeRule => ({
  default: '',
  allowed,
  accepts: value => form.test(value),
})

/** Nothing but the default. */
const only = (value: string): AttributeRule => ({ ...oneOf(value), fixed: true })

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; it names a directory. */
const BUCKET = text(/^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a name of an S3 bucket')
const PREFIX = text(
  /^$|^(?!.*AWSLogs)[\w!*'()-]+(\/[\w!*'()-]+)*$/,
  'a path without AWSLogs, a slash at an end, or dots',
)

const ACCESS_LOGS: AttributeRules = {
  'access_logs.s3.enabled': flag(false),
  'access_logs.s3.bucket': BUCKET,
  'access_logs.s3.prefix': PREFIX,
}

const notWritten = (logs: string): AttributeRules => ({
  [`${logs}.s3.enabled`]: only('false'),
  [`${logs}.s3.bucket`]: only(''),
  [`${logs}.s3.prefix`]: only(''),
})

const ANY_LOAD_BALANCER: AttributeRules = {
  'deletion_protection.enabled': flag(false),
  'zonal_shift.config.enabled': only('false'),
}

const APPLICATION: AttributeRules = {
  ...ANY_LOAD_BALANCER,
  ...ACCESS_LOGS,
  ...notWritten('connection_logs'),
  ...notWritten('health_check_logs'),
  // On AWS too.
  'load_balancing.cross_zone.enabled': only('true'),
  'idle_timeout.timeout_seconds': number(60, 1, 4_000),
  'client_keep_alive.seconds': only('3600'),
  'routing.http.desync_mitigation_mode': only('defensive'),
  'routing.http.drop_invalid_header_fields.enabled': flag(false),
  // It is handed on as it came either way.
  'routing.http.preserve_host_header.enabled': flag(false),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag(false),
  'routing.http.xff_client_port.enabled': flag(false),
  'routing.http.xff_header_processing.mode': oneOf('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag(true),
  'waf.fail_open.enabled': only('false'),
}

const NETWORK: AttributeRules = {
  ...ANY_LOAD_BALANCER,
  ...notWritten('access_logs'),
  // One data plane reaches the targets of all zones.
  'load_balancing.cross_zone.enabled': flag(false),
  'dns_record.client_routing_policy': only('any_availability_zone'),
  'secondary_ips.auto_assigned.per_subnet': only('0'),
}

export const loadBalancerAttributes = ({ type, scheme }: Pick<LoadBalancer, 'type' | 'scheme'>): AttributeRules => ({
  ...(type === 'application' ? APPLICATION : NETWORK),
  'ipv6.deny_all_igw_traffic': only(String(scheme === 'internal')),
})

const HEALTH_THRESHOLDS: AttributeRules = {
  'target_group_health.dns_failover.minimum_healthy_targets.count': only('1'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': only('off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': only('1'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': only('off'),
}

const ANY_GROUP: AttributeRules = {
  ...HEALTH_THRESHOLDS,
  'deregistration_delay.timeout_seconds': number(300, 0, 3_600),
  'stickiness.enabled': flag(false),
  'load_balancing.cross_zone.enabled': only('use_load_balancer_configuration'),
}

/** Cookies of these names are the load balancer's own. */
const COOKIE_NAME = /^(?!AWSALB$|AWSALBAPP|AWSALBTG)[!#$%&'*+\-.^_`|~\w]{0,256}$/

const HTTP_GROUP: AttributeRules = {
  ...ANY_GROUP,
  'stickiness.type': oneOf('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': number(86_400, 1, 604_800),
  'stickiness.app_cookie.cookie_name': text(COOKIE_NAME, 'the name of a cookie that does not begin with AWSALB'),
  'stickiness.app_cookie.duration_seconds': number(86_400, 1, 604_800),
  'load_balancing.algorithm.type': oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.algorithm.anomaly_mitigation': only('off'),
  'slow_start.duration_seconds': number(0, 30, 900, 0),
}

const TCP_GROUP: AttributeRules = {
  ...ANY_GROUP,
  'stickiness.type': oneOf('source_ip'),
  'deregistration_delay.connection_termination.enabled': only('false'),
  'proxy_protocol_v2.enabled': flag(false),
  'target_health_state.unhealthy.connection_termination.enabled': flag(true),
  'target_health_state.unhealthy.draining_interval_seconds': only('0'),
  // True on AWS for targets of type instance. Here connections come from the load balancer, and only proxy_protocol_v2 tells the client.
  'preserve_client_ip.enabled': only('false'),
}

export const isHttp = (protocol: string): boolean => protocol === 'HTTP' || protocol === 'HTTPS'

export const targetGroupAttributes = ({ protocol }: Pick<TargetGroup, 'protocol'>): AttributeRules =>
  isHttp(protocol) ? HTTP_GROUP : TCP_GROUP

const mtls = ['_serial_number', '_issuer', '_subject', '_validity', '_leaf', ''].map(
  part => `routing.http.request.x_amzn_mtls_clientcert${part}.header_name`,
)

export const RESPONSE_HEADERS = [
  'strict_transport_security',
  'access_control_allow_origin',
  'access_control_allow_methods',
  'access_control_allow_headers',
  'access_control_allow_credentials',
  'access_control_expose_headers',
  'access_control_max_age',
  'content_security_policy',
  'x_content_type_options',
  'x_frame_options',
]

const VALUE = text(/^([!-~]([ -~]{0,1022}[!-~])?)?$/, 'up to 1024 printable characters')

/** Whose values are few. */
const FORMS: Readonly<Record<string, AttributeRule>> = {
  access_control_allow_credentials: text(/^(true)?$/, 'true'),
  access_control_max_age: text(/^(\d{1,6}|-1)?$/, 'a number of seconds'),
  x_content_type_options: text(/^(nosniff)?$/, 'nosniff'),
}

const HTTP_LISTENER: AttributeRules = {
  'routing.http.response.server.enabled': flag(true),
  ...Object.fromEntries(
    RESPONSE_HEADERS.map(name => [`routing.http.response.${name}.header_value`, FORMS[name] ?? VALUE]),
  ),
}

const HTTPS_LISTENER: AttributeRules = {
  ...HTTP_LISTENER,
  ...Object.fromEntries(mtls.map(key => [key, only('')])),
  'routing.http.request.x_amzn_tls_version.header_name': only(''),
  'routing.http.request.x_amzn_tls_cipher_suite.header_name': only(''),
}

const TCP_LISTENER: AttributeRules = { 'tcp.idle_timeout.seconds': number(350, 60, 6_000) }

const LISTENERS: Readonly<Record<Listener['protocol'], AttributeRules>> = {
  HTTP: HTTP_LISTENER,
  HTTPS: HTTPS_LISTENER,
  TCP: TCP_LISTENER,
  // Its timeout is not adjustable.
  TLS: {},
}

export const listenerAttributes = ({ protocol }: Pick<Listener, 'protocol'>): AttributeRules => LISTENERS[protocol]

type Attributed = { readonly attributes: Readonly<Record<string, string>> }

const attributeOf = (row: Attributed, rules: AttributeRules, key: string): string =>
  row.attributes[key] ?? rules[key]?.default ?? ''

export const attributeOfLoadBalancer = (row: LoadBalancer, key: string): string =>
  attributeOf(row, loadBalancerAttributes(row), key)
export const attributeOfTargetGroup = (row: TargetGroup, key: string): string =>
  attributeOf(row, targetGroupAttributes(row), key)
export const attributeOfListener = (row: Listener, key: string): string =>
  attributeOf(row, listenerAttributes(row), key)
