// A target group and its targets: what was asked for; and the health of each target, which the data plane's checks observe.
// Before: services/elbv2/ and the targets loop (for ECS services) register and deregister. After: the load-balancer loop
// brings the data plane to it, writes TargetHealth, and removes a target once it is drained.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html
import type { Tag, TargetHealthReasonEnum, TargetHealthStateEnum } from '@aws-sdk/client-elastic-load-balancing-v2'

export type HealthCheck = {
  readonly enabled: boolean
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  /** A number, or `traffic-port`: the one that the target was registered with. */
  readonly port: string
  /** Absent for TCP. */
  readonly path?: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** `200`, `200,301-303`; of a GRPC group gRPC codes. Absent for TCP. */
  readonly matcher?: string
}

export type TargetGroup = {
  /** `arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<16 hex>` */
  readonly arn: string
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC'
  readonly port: number
  readonly vpcId: string
  readonly targetType: 'instance' | 'ip'
  readonly healthCheck: HealthCheck
  /** Those that were set; the rest have the defaults of their protocol. */
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

export type Target = {
  readonly targetGroupArn: string
  /** An EC2 instance id, or an IPv4 address, as the group's target type says. */
  readonly id: string
  readonly port: number
  readonly availabilityZone?: string
  /** Where connections go. Of an instance: its host's address. */
  readonly address: string
  /** The ECS task it belongs to, if one: its targets are the targets loop's. */
  readonly taskArn?: string
  readonly registeredAt: number
  /** Since when it drains: no new requests. The row goes when its last request is done, or the group's delay is over. */
  readonly deregisteredAt?: number
}

/** Observed, one row a target; absent: `initial`, `Elb.RegistrationInProgress`. The load-balancer loop's to write. */
export type TargetHealth = {
  readonly targetGroupArn: string
  readonly id: string
  readonly port: number
  readonly state: Exclude<TargetHealthStateEnum, 'draining' | 'unused'>
  readonly reason?: TargetHealthReasonEnum
  readonly description?: string
  /** When it came into this state. */
  readonly since: number
}

/** Of a target and of its health alike. */
export const targetKey = ({ targetGroupArn, id, port }: Pick<Target, 'targetGroupArn' | 'id' | 'port'>): string =>
  `${targetGroupArn}|${id}|${port}`

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const DEFAULT_DEREGISTRATION_DELAY_SECONDS = 300

/** How long requests to a target that was deregistered may go on. */
export const deregistrationDelayMs = ({ attributes }: Pick<TargetGroup, 'attributes'>): number =>
  Number(attributes['deregistration_delay.timeout_seconds'] ?? DEFAULT_DEREGISTRATION_DELAY_SECONDS) * 1000
