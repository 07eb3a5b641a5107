// RevokeSecurityGroupIngress and RevokeSecurityGroupEgress: by rule ids, or by the permissions that the rules are.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
import type { RevokeSecurityGroupIngressRequest, RevokeSecurityGroupIngressResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { ruleKey, rulesOf } from '../../../domain/security-group-rule.ts'
import { securityGroups } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, missing, refuseNotBuilt, writeNetwork } from '../context.ts'
import { describeRevokedRule } from './describe-rule.ts'
import { ruleNotFound } from './describe-security-group-rules.ts'
import { findGroup } from './find.ts'
import { rulesFrom } from './permissions.ts'

const revoke =
  (egress: boolean): Ec2Operation<RevokeSecurityGroupIngressRequest, RevokeSecurityGroupIngressResult> =>
  dependencies =>
  (request, input) => {
    const { SourceSecurityGroupName, SourceSecurityGroupOwnerId, SecurityGroupRuleIds = [], DryRun } = input
    refuseNotBuilt({ SourceSecurityGroupName, SourceSecurityGroupOwnerId })
    return writeNetwork(dependencies, request, tx => {
      const group = findGroup(tx, request, input)
      const rules = rulesOf(group)
      const here = rules.filter(rule => rule.egress === egress)
      const byId = SecurityGroupRuleIds.map(id => here.find(rule => rule.id === id) ?? ruleNotFound(id))
      const asked = rulesFrom(input, egress, pair => findGroup(tx, request, pair).id)
      const byMatch = asked.map(match => here.find(rule => ruleKey(rule) === ruleKey(match)) ?? notInGroup())
      const gone = new Set([...byId, ...byMatch])
      if (gone.size === 0) throw missing('ipPermissions')
      checkDryRun(DryRun)
      tx.put(securityGroups, { ...group, rules: rules.filter(rule => !gone.has(rule)) })
      return { Return: true, RevokedSecurityGroupRules: [...gone].map(rule => describeRevokedRule(group, rule)) }
    })
  }

const notInGroup = (): never => {
  throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
}

export const revokeSecurityGroupIngress = revoke(false)
export const revokeSecurityGroupEgress = revoke(true)
