// The operations of Elastic Load Balancing v2 that are built, by AWS's names. The others answer a modelled error.

import type { OperationTable } from '../../aws/operation.ts'
import { describeListenerAttributes } from './attribute/describe-listener-attributes.ts'
import { describeLoadBalancerAttributes } from './attribute/describe-load-balancer-attributes.ts'
import { describeTargetGroupAttributes } from './attribute/describe-target-group-attributes.ts'
import { modifyListenerAttributes } from './attribute/modify-listener-attributes.ts'
import { modifyLoadBalancerAttributes } from './attribute/modify-load-balancer-attributes.ts'
import { modifyTargetGroupAttributes } from './attribute/modify-target-group-attributes.ts'
import type { Elbv2Dependencies } from './context.ts'
import { describeAccountLimits } from './limits.ts'
import { createListener } from './listener/create-listener.ts'
import { deleteListener } from './listener/delete-listener.ts'
import { describeListeners } from './listener/describe-listeners.ts'
import { describeSSLPolicies } from './listener/describe-ssl-policies.ts'
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from './listener/listener-certificates.ts'
import { modifyListener } from './listener/modify-listener.ts'
import { createLoadBalancer } from './load-balancer/create-load-balancer.ts'
import { deleteLoadBalancer } from './load-balancer/delete-load-balancer.ts'
import { describeCapacityReservation } from './load-balancer/describe-capacity-reservation.ts'
import { describeLoadBalancers } from './load-balancer/describe-load-balancers.ts'
import { setIpAddressType } from './load-balancer/set-ip-address-type.ts'
import { setSecurityGroups } from './load-balancer/set-security-groups.ts'
import { setSubnets } from './load-balancer/set-subnets.ts'
import { createRule } from './rule/create-rule.ts'
import { deleteRule } from './rule/delete-rule.ts'
import { describeRules } from './rule/describe-rules.ts'
import { modifyRule } from './rule/modify-rule.ts'
import { setRulePriorities } from './rule/set-rule-priorities.ts'
import { addTags } from './tag/add-tags.ts'
import { describeTags } from './tag/describe-tags.ts'
import { removeTags } from './tag/remove-tags.ts'
import { deregisterTargets } from './target/deregister-targets.ts'
import { describeTargetHealth } from './target/describe-target-health.ts'
import { registerTargets } from './target/register-targets.ts'
import { createTargetGroup } from './target-group/create-target-group.ts'
import { deleteTargetGroup } from './target-group/delete-target-group.ts'
import { describeTargetGroups } from './target-group/describe-target-groups.ts'
import { modifyTargetGroup } from './target-group/modify-target-group.ts'

export const elbv2Operations = (dependencies: Elbv2Dependencies): OperationTable => ({
  AddListenerCertificates: addListenerCertificates(dependencies),
  AddTags: addTags(dependencies),
  CreateListener: createListener(dependencies),
  CreateLoadBalancer: createLoadBalancer(dependencies),
  CreateRule: createRule(dependencies),
  CreateTargetGroup: createTargetGroup(dependencies),
  DeleteListener: deleteListener(dependencies),
  DeleteLoadBalancer: deleteLoadBalancer(dependencies),
  DeleteRule: deleteRule(dependencies),
  DeleteTargetGroup: deleteTargetGroup(dependencies),
  DeregisterTargets: deregisterTargets(dependencies),
  DescribeAccountLimits: describeAccountLimits(dependencies),
  DescribeCapacityReservation: describeCapacityReservation(dependencies),
  DescribeListenerAttributes: describeListenerAttributes(dependencies),
  DescribeListenerCertificates: describeListenerCertificates(dependencies),
  DescribeListeners: describeListeners(dependencies),
  DescribeLoadBalancerAttributes: describeLoadBalancerAttributes(dependencies),
  DescribeLoadBalancers: describeLoadBalancers(dependencies),
  DescribeRules: describeRules(dependencies),
  DescribeSSLPolicies: describeSSLPolicies(dependencies),
  DescribeTags: describeTags(dependencies),
  DescribeTargetGroupAttributes: describeTargetGroupAttributes(dependencies),
  DescribeTargetGroups: describeTargetGroups(dependencies),
  DescribeTargetHealth: describeTargetHealth(dependencies),
  ModifyListener: modifyListener(dependencies),
  ModifyListenerAttributes: modifyListenerAttributes(dependencies),
  ModifyLoadBalancerAttributes: modifyLoadBalancerAttributes(dependencies),
  ModifyRule: modifyRule(dependencies),
  ModifyTargetGroup: modifyTargetGroup(dependencies),
  ModifyTargetGroupAttributes: modifyTargetGroupAttributes(dependencies),
  RegisterTargets: registerTargets(dependencies),
  RemoveListenerCertificates: removeListenerCertificates(dependencies),
  RemoveTags: removeTags(dependencies),
  SetIpAddressType: setIpAddressType(dependencies),
  SetRulePriorities: setRulePriorities(dependencies),
  SetSecurityGroups: setSecurityGroups(dependencies),
  SetSubnets: setSubnets(dependencies),
})
