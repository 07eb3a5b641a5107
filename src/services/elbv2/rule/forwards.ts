// The target groups that a rule forwards to: there, of the listener's kind, of its VPC, and no other load balancer's.
// Before: whatever writes a rule, within its transaction, after actions.ts.
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import { attributeOfTargetGroup, isHttp } from '../../../domain/load-balancing/attributes.ts'
import type { Listener, LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import { rules } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { invalidConfiguration, refusal } from '../context.ts'
import { findTargetGroup, loadBalancersOf } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { invalidAction } from './actions.ts'

type Protocol = Pick<Listener, 'protocol'>['protocol']

export const checkForwards = (
  reader: Reader,
  scope: Scope,
  loadBalancer: LoadBalancer,
  protocol: Protocol,
  actions: readonly Action[],
): void => {
  const groups = actions
    .flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? [])
    .map(({ TargetGroupArn }) => findTargetGroup(reader, scope, TargetGroupArn))
  checkProtocols(protocol, groups)
  for (const { arn, vpcId } of groups)
    if (vpcId !== loadBalancer.vpcId)
      throw invalidConfiguration(`The following target groups are not in the VPC of the load balancer: ${arn}`)
  checkAssociations(reader, loadBalancer, groups)
  for (const action of actions) checkStickiness(action, groups)
}

const fits = (protocol: Protocol, group: TargetGroup): boolean => {
  if (isHttp(protocol)) return isHttp(group.protocol)
  return group.protocol === 'TCP' || (protocol === 'TLS' && group.protocol === 'TLS')
}

const checkProtocols = (protocol: Protocol, groups: readonly TargetGroup[]): void => {
  const wrong = groups.filter(group => !fits(protocol, group)).map(({ arn }) => arn)
  if (wrong.length > 0)
    throw refusal(
      'IncompatibleProtocols',
      `The listener and the following target groups have incompatible protocols: ${wrong.join(', ')}`,
    )
  const version = groups.map(group => group.protocolVersion).find(one => one === 'HTTP2' || one === 'GRPC')
  if (version && protocol === 'HTTP')
    throw invalidConfiguration(
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${version}'`,
    )
}

const checkAssociations = (reader: Reader, { arn }: LoadBalancer, groups: readonly TargetGroup[]): void => {
  const taken = groups.filter(group => loadBalancersOf(reader, group.arn).some(other => other !== arn))
  if (taken.length > 0)
    throw refusal(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${taken.map(group => group.arn).join(', ')}`,
    )
  const had = reader.sum(rules, 'targetGroupsOf', arn)
  const added = groups.filter(group => !Object.hasOwn(had, group.arn))
  if (added.length > 0)
    checkLimit(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      'unique target groups per load balancer',
      Object.keys(had).length + added.length,
      LIMITS.targetGroupsPerLoadBalancer,
    )
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html */
const checkStickiness = ({ ForwardConfig }: Action, groups: readonly TargetGroup[]): void => {
  if (groups.length < 2) return
  const sticky = groups.filter(group => attributeOfTargetGroup(group, 'stickiness.enabled') === 'true')
  if (sticky.some(group => attributeOfTargetGroup(group, 'stickiness.type') === 'app_cookie'))
    throw invalidAction(
      'A forward action with several target groups is not supported with stickiness of type app_cookie',
    )
  if (sticky.length > 0 && !ForwardConfig?.TargetGroupStickinessConfig?.Enabled)
    throw invalidAction(
      'You must enable group level stickiness on a rule if you enabled target stickiness on one of its target groups',
    )
}
