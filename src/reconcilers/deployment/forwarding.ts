// The listener rules by which a service's traffic goes to one of its revisions or the other, and the weights that give each its
// share. Pure; a part of shift.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import { forwardsOf, type Rule, type RuleState, weightsOf } from '../../domain/load-balancing/load-balancer.ts'
import type { Deployment, Service } from '../../domain/service.ts'

/** A rule as it is asked for, and as the data plane has it. */
export type Forwarding = { readonly rule: Rule; readonly state: RuleState | undefined }

/** By what the service's configuration names: a rule's ARN, or of a Network Load Balancer the listener's. */
export type Forwardings = ReadonlyMap<string, Forwarding>

export const NO_FORWARDINGS: Forwardings = new Map()

export type Traffic = 'production' | 'test'

/** One pair of target groups, by the revision that has the share: `own` is its own one, `other` the other revision's. */
type Pair = { readonly ruleName: string; readonly own: string; readonly other: string }

const ruleNameOf = ({ advancedConfiguration }: LoadBalancer, traffic: Traffic): string | undefined =>
  traffic === 'production' ? advancedConfiguration?.productionListenerRule : advancedConfiguration?.testListenerRule

const pairsOf = ({ loadBalancers = [] }: Service, deployment: Deployment, traffic: Traffic): readonly Pair[] =>
  loadBalancers.flatMap(entry => {
    const ruleName = ruleNameOf(entry, traffic)
    const groups = [entry.targetGroupArn ?? '', entry.advancedConfiguration?.alternateTargetGroupArn ?? '']
    const own = deployment.loadBalancers?.find(({ targetGroupArn }) => groups.includes(targetGroupArn))?.targetGroupArn
    const other = groups.find(group => group !== own)
    return ruleName === undefined || own === undefined || other === undefined ? [] : [{ ruleName, own, other }]
  })

/** The rules that are not yet as `deployment` with `share` percent of the traffic wants them. */
export const reweighed = (
  service: Service,
  deployment: Deployment,
  traffic: Traffic,
  share: number,
  forwardings: Forwardings,
): readonly Rule[] =>
  pairsOf(service, deployment, traffic).flatMap(({ ruleName, own, other }) => {
    const rule = forwardings.get(ruleName)?.rule
    if (rule === undefined) return []
    const weights = weightsFor(own, other, share)
    return hasWeights(rule, weights) ? [] : [withWeights(rule, weights)]
  })

/** Whether the data plane shares requests out as `reweighed` would have it. */
export const isApplied = (
  service: Service,
  deployment: Deployment,
  traffic: Traffic,
  share: number,
  forwardings: Forwardings,
): boolean =>
  pairsOf(service, deployment, traffic).every(({ ruleName, own, other }) => {
    const { state, rule } = forwardings.get(ruleName) ?? {}
    const weights = weightsFor(own, other, share)
    return rule !== undefined && hasWeights(rule, weights) && state !== undefined && sameWeights(state.weights, weights)
  })

/** Weights are whole numbers up to 999: percents, and their tenths where there are any. */
const weightsFor = (own: string, other: string, share: number): Readonly<Record<string, number>> => {
  const unit = Number.isInteger(share) ? 1 : 10
  return { [own]: Math.round(share * unit), [other]: Math.round((100 - share) * unit) }
}

const sameWeights = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([group, weight]) => other[group] === weight)

const hasWeights = (rule: Rule, weights: Readonly<Record<string, number>>): boolean =>
  sameWeights(weightsOf(rule), weights)

// Groups keep their places: another order would be another structure for the data plane, and a reload.
const withWeights = (rule: Rule, weights: Readonly<Record<string, number>>): Rule => ({
  ...rule,
  actions: rule.actions.map((action): Action => {
    if (action.ForwardConfig === undefined) return action
    const { TargetGroupArn: _, ...rest } = action
    const known = Object.keys(weightsOf(rule)).filter(group => group in weights)
    const groups = new Set([...known, ...Object.keys(weights)])
    const TargetGroups = Array.from(groups, TargetGroupArn => ({ TargetGroupArn, Weight: weights[TargetGroupArn] }))
    return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } }
  }),
})

const INVALID = 'Service deployment rolled back because of invalid networking configuration'

/** Why `production` traffic can't be shifted, in ECS's words; undefined when it can. */
export const forwardingProblem = (
  service: Service,
  deployment: Deployment,
  forwardings: Forwardings,
): string | undefined => {
  for (const { ruleName, own, other } of pairsOf(service, deployment, 'production')) {
    const rule = forwardings.get(ruleName)?.rule
    const forwards = rule === undefined ? [] : forwardsOf(rule)
    const serving = forwards.filter(({ weight }) => weight > 0).map(({ targetGroupArn }) => targetGroupArn)
    const unexpected = serving.find(group => group !== own && group !== other)
    if (unexpected !== undefined)
      return `${INVALID}. Production listener rule is forwarding traffic to unexpected target group ${unexpected}. Expected traffic to be forwarded to either targetGroupArn: ${own} or alternateTargetGroupArn: ${other}`
    if (serving.length === 0)
      return `${INVALID}: Target group ${own} is not associated with either productionListenerRule or testListenerRule.`
    if (serving.length > 1)
      return `${INVALID}. productionListenerRule ${ruleName} should have exactly one target group serving traffic but found ${serving.length} target groups which are serving traffic`
  }
  return undefined
}
