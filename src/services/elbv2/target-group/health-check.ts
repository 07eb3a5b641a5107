// A target group's health check: defaults by the group's protocol, and which settings go together.
// Before: CreateTargetGroup, ModifyTargetGroup. After: the load-balancer loop has HAProxy check by it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
import type { Matcher, ModifyTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { isHttp } from '../../../domain/load-balancing/attributes.ts'
import type { HealthCheck, TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import { checkRange, invalid, invalidConfiguration } from '../context.ts'

export type AskedHealthCheck = Omit<ModifyTargetGroupInput, 'TargetGroupArn'>

type Group = Pick<TargetGroup, 'protocol' | 'protocolVersion' | 'targetType'>

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP'] as const

/** What is asked, else what `before` has, else the default. */
export const healthCheckOf = (group: Group, asked: AskedHealthCheck, before?: HealthCheck): HealthCheck => {
  checkNumbers(asked)
  if (asked.HealthCheckEnabled === false)
    throw invalidConfiguration(
      `Health check enabled must be true for target groups with target type '${group.targetType}'`,
    )
  const protocol = protocolOf(group, asked.HealthCheckProtocol ?? before?.protocol)
  const check = {
    enabled: true,
    protocol,
    port: portOf(asked.HealthCheckPort ?? before?.port),
    intervalSeconds: asked.HealthCheckIntervalSeconds ?? before?.intervalSeconds ?? 30,
    timeoutSeconds: asked.HealthCheckTimeoutSeconds ?? before?.timeoutSeconds ?? defaultTimeout(group, protocol),
    healthyThreshold: asked.HealthyThresholdCount ?? before?.healthyThreshold ?? 5,
    unhealthyThreshold: asked.UnhealthyThresholdCount ?? before?.unhealthyThreshold ?? 2,
    ...httpPart(group, protocol, asked, before),
  }
  if (check.intervalSeconds <= check.timeoutSeconds)
    throw invalid('Health check interval must be greater than the timeout.')
  return check
}

const checkNumbers = (asked: AskedHealthCheck): void => {
  checkRange('healthCheckIntervalSeconds', asked.HealthCheckIntervalSeconds, 5, 300)
  checkRange('healthCheckTimeoutSeconds', asked.HealthCheckTimeoutSeconds, 2, 120)
  checkRange('healthyThresholdCount', asked.HealthyThresholdCount, 2, 10)
  checkRange('unhealthyThresholdCount', asked.UnhealthyThresholdCount, 2, 10)
}

const protocolOf = (group: Group, asked: string | undefined): HealthCheck['protocol'] => {
  const allowed = isHttp(group.protocol) ? PROTOCOLS.filter(isHttp) : PROTOCOLS
  const protocol = asked ?? (isHttp(group.protocol) ? 'HTTP' : 'TCP')
  const found = allowed.find(one => one === protocol)
  if (!found) throw invalid(`Health check protocol '${protocol}' must be one of '${allowed.join(', ')}'`)
  return found
}

const portOf = (asked = 'traffic-port'): string => {
  if (asked === 'traffic-port') return asked
  if (!/^\d{1,5}$/.test(asked) || Number(asked) < 1 || Number(asked) > 65_535)
    throw invalid(`Health check port '${asked}' must be 'traffic-port' or a port between 1 and 65535`)
  return asked
}

const defaultTimeout = (group: Group, protocol: HealthCheck['protocol']): number => {
  if (isHttp(group.protocol)) return 5
  return protocol === 'HTTP' ? 6 : 10
}

/** Path and matcher: those of HTTP checks alone. */
const httpPart = (
  group: Group,
  protocol: HealthCheck['protocol'],
  asked: AskedHealthCheck,
  before: HealthCheck | undefined,
): Pick<HealthCheck, 'path' | 'matcher'> => {
  if (protocol === 'TCP') {
    if (asked.HealthCheckPath !== undefined)
      throw invalidConfiguration('A health check path is not supported for health checks with the TCP protocol')
    if (asked.Matcher !== undefined)
      throw invalidConfiguration('A health check matcher is not supported for health checks with the TCP protocol')
    return {}
  }
  const grpc = group.protocolVersion === 'GRPC'
  const path = asked.HealthCheckPath ?? before?.path ?? (grpc ? '/AWS.ALB/healthcheck' : '/')
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(path))
    throw invalid(
      `Health check path '${path}' must begin with a '/' character, and can have at most 1024 printable ASCII characters, without spaces`,
    )
  const usual = isHttp(group.protocol) ? '200' : '200-399'
  const matcher = (asked.Matcher && matcherOf(group, asked.Matcher)) ?? before?.matcher ?? (grpc ? '12' : usual)
  return { path, matcher }
}

const matcherOf = (group: Group, { HttpCode, GrpcCode }: Matcher): string => {
  const grpc = group.protocolVersion === 'GRPC'
  const codes = grpc ? GrpcCode : HttpCode
  if ((grpc ? HttpCode : GrpcCode) !== undefined || codes === undefined)
    throw invalid(`Health check matcher must have ${grpc ? 'a GRPC code' : 'an HTTP code'} for this target group`)
  const [least, most] = grpc ? [0, 99] : [200, isHttp(group.protocol) ? 499 : 599]
  const fits = codes.split(',').every(part => {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? match?.[1])
    return match !== null && from >= least && to <= most && from <= to
  })
  if (!fits)
    throw invalid(
      `Health check matcher ${grpc ? 'GRPC' : 'HTTP'} code '${codes}' must be within '${least}-${most}' inclusive`,
    )
  return codes
}
