// A load balancer, its listeners and their rules: what was asked for. What is true of it - whether its ports could be had -
// is LoadBalancerState, a row of its own with a writer of its own.
// Before: services/elbv2/ writes them. After: the load-balancer loop renders them for the data plane (src/load-balancer/).
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
import type { Action, RuleCondition, Tag } from '@aws-sdk/client-elastic-load-balancing-v2'

export type LoadBalancer = {
  /** `arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/<app|net>/<name>/<16 hex>` */
  readonly arn: string
  readonly name: string
  readonly type: 'application' | 'network'
  readonly scheme: 'internet-facing' | 'internal'
  readonly ipAddressType: 'ipv4'
  readonly vpcId: string
  readonly zones: readonly { readonly zoneName: string; readonly subnetId: string }[]
  readonly securityGroups: readonly string[]
  /** `<name>-<digits>.elb.localhost`; `internal-` before it for an internal one. Lower case. */
  readonly dnsName: string
  /** Those that were set; the rest have the defaults of their type. */
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

/** Observed. The load-balancer loop's to write; absent: `provisioning`. */
export type LoadBalancerState = {
  readonly loadBalancerArn: string
  readonly code: 'provisioning' | 'active' | 'active_impaired' | 'failed'
  /** Where it listens: chosen once, as its clients know it. */
  readonly address?: string
  /** Of `failed` and `active_impaired`: which port, and who holds it. */
  readonly reason?: string
  readonly since: number
}

export type Listener = {
  /** `...:listener/<app|net>/<name>/<load balancer's 16 hex>/<16 hex>` */
  readonly arn: string
  readonly loadBalancerArn: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
  /** The default certificate first; the others are chosen by SNI. */
  readonly certificateArns: readonly string[]
  readonly sslPolicy?: string
  readonly alpnPolicy?: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

/** A listener's default actions are its rule with `isDefault`, which comes last. */
export type Rule = {
  /** `...:listener-rule/<app|net>/<name>/<load balancer's 16 hex>/<listener's 16 hex>/<16 hex>` */
  readonly arn: string
  readonly listenerArn: string
  readonly loadBalancerArn: string
  /** 1 to 50000; of the default rule DEFAULT_PRIORITY. Lower is looked at first. */
  readonly priority: number
  readonly isDefault: boolean
  /** As callers are shown them: filled out, the legacy `Values` moved into the `...Config`. */
  readonly conditions: readonly RuleCondition[]
  /** As callers are shown them; a `forward` always has its ForwardConfig. */
  readonly actions: readonly Action[]
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

export const DEFAULT_PRIORITY = 50_001

/**
 * Observed, of rules that forward to several target groups: the weights by which requests are shared out now. The load-balancer
 * loop's to write, once the data plane has them.
 */
export type RuleState = {
  readonly ruleArn: string
  /** By target group. */
  readonly weights: Readonly<Record<string, number>>
  readonly since: number
}

/** By target group. */
export const weightsOf = (rule: Rule): Readonly<Record<string, number>> =>
  Object.fromEntries(forwardsOf(rule).map(({ targetGroupArn, weight }) => [targetGroupArn, weight]))

/** The target groups that a rule forwards to, with their weights; empty when it does not forward. */
export const forwardsOf = (rule: Rule): readonly { readonly targetGroupArn: string; readonly weight: number }[] =>
  rule.actions
    .flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? [])
    .map(({ TargetGroupArn = '', Weight }) => ({ targetGroupArn: TargetGroupArn, weight: Weight ?? 1 }))
