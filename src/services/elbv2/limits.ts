// How many of each thing there may be, and DescribeAccountLimits, which tells. AWS's defaults; those that AWS raises on
// request are higher where one machine carries more without harm.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
import type { DescribeAccountLimitsInput, DescribeAccountLimitsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Elbv2Operation, refusal } from './context.ts'
import { behind, page } from './page.ts'

export const LIMITS = {
  loadBalancers: 50,
  targetGroups: 3_000,
  listeners: 50,
  /** 100 on AWS, unless asked for more. */
  rules: 200,
  targetsPerGroup: 1_000,
  certificates: 25,
  targetGroupsPerAction: 5,
  targetGroupsPerLoadBalancer: 100,
  conditionValues: 5,
  wildcards: 5,
} as const

/** Refuses one more of what there are `count` of already: `code` and the text name `what`. */
export const checkLimit = (code: string, what: string, count: number, most: number): void => {
  if (count > most)
    throw refusal(code, `You've reached the limit on the number of ${what}: at most ${most} are allowed`)
}

const TOLD: readonly (readonly [name: string, max: number])[] = [
  ['target-groups', LIMITS.targetGroups],
  ['targets-per-application-load-balancer', LIMITS.targetsPerGroup],
  ['listeners-per-application-load-balancer', LIMITS.listeners],
  ['rules-per-application-load-balancer', LIMITS.rules],
  ['network-load-balancers', LIMITS.loadBalancers],
  ['targets-per-network-load-balancer', LIMITS.targetsPerGroup],
  ['targets-per-availability-zone-per-network-load-balancer', LIMITS.targetsPerGroup],
  ['listeners-per-network-load-balancer', LIMITS.listeners],
  ['condition-values-per-alb-rule', LIMITS.conditionValues],
  ['condition-wildcards-per-alb-rule', LIMITS.wildcards],
  ['target-groups-per-action-on-application-load-balancer', LIMITS.targetGroupsPerAction],
  ['target-groups-per-action-on-network-load-balancer', LIMITS.targetGroupsPerAction],
  ['certificates-per-application-load-balancer', LIMITS.certificates],
  ['certificates-per-network-load-balancer', LIMITS.certificates],
  ['targets-per-target-group', LIMITS.targetsPerGroup],
  ['target-groups-per-application-load-balancer', LIMITS.targetGroupsPerLoadBalancer],
  ['application-load-balancers', LIMITS.loadBalancers],
]

export const describeAccountLimits: Elbv2Operation<DescribeAccountLimitsInput, DescribeAccountLimitsOutput> =
  () => (_request, input) => {
    const keyOf = ([name]: (typeof TOLD)[number]): string => name
    const { rows, marker } = page(input, {
      query: 'DescribeAccountLimits',
      rowsFrom: after => behind(TOLD, keyOf, after),
      keyOf,
    })
    return { Limits: rows.map(([Name, max]) => ({ Name, Max: String(max) })), ...marker }
  }
