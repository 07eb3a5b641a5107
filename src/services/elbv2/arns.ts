// The ARNs of Elastic Load Balancing, which hold one another: a listener's its load balancer's, a rule's its listener's.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
import type { Scope } from '../../domain/arn.ts'
import type { Listener, LoadBalancer } from '../../domain/load-balancing/load-balancer.ts'
import type { Ids } from '../../lib/ids.ts'

const hex16 = (ids: Ids): string => ids.hex32().slice(16)

const arn = ({ region, accountId }: Scope, resource: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${accountId}:${resource}`

/** As ARNs name a load balancer's type. */
const KINDS = { application: 'app', network: 'net' } as const

export const newLoadBalancerArn = (scope: Scope, type: LoadBalancer['type'], name: string, ids: Ids): string =>
  arn(scope, `loadbalancer/${KINDS[type]}/${name}/${hex16(ids)}`)

export const newTargetGroupArn = (scope: Scope, name: string, ids: Ids): string =>
  arn(scope, `targetgroup/${name}/${hex16(ids)}`)

export const newListenerArn = (loadBalancer: Pick<LoadBalancer, 'arn'>, ids: Ids): string =>
  `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${hex16(ids)}`

export const newRuleArn = (listener: Pick<Listener, 'arn'>, ids: Ids): string =>
  `${listener.arn.replace(':listener/', ':listener-rule/')}/${hex16(ids)}`

const ID = '[0-9a-f]{16}'
const PREFIX = 'arn:[\\w-]+:elasticloadbalancing:[\\w-]+:\\d{12}:'
const LOAD_BALANCER = `(?:app|net|gwy)/[^/]+/${ID}`

/** By the word that AWS has for each in its texts. */
const FORMS = {
  'load balancer': new RegExp(`^${PREFIX}loadbalancer/${LOAD_BALANCER}$`),
  'target group': new RegExp(`^${PREFIX}targetgroup/[^/]+/${ID}$`),
  listener: new RegExp(`^${PREFIX}listener/${LOAD_BALANCER}/${ID}$`),
  'listener rule': new RegExp(`^${PREFIX}listener-rule/${LOAD_BALANCER}/${ID}/${ID}$`),
} as const

export type Kind = keyof typeof FORMS

/** What an ARN is of; undefined for one that is of nothing here. */
export const kindOf = (text: string): Kind | undefined =>
  Object.entries(FORMS).find(([, form]) => form.test(text))?.[0] as Kind | undefined
