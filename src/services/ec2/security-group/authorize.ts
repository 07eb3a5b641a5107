// AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: rules are kept and answered. Nothing filters by them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
import type { AuthorizeSecurityGroupIngressRequest, AuthorizeSecurityGroupIngressResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { networkId } from '../../../domain/network.ts'
import { ruleKey, rulesOf, type SecurityGroupRule } from '../../../domain/security-group-rule.ts'
import { securityGroups } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, missing, refuseNotBuilt, writeNetwork } from '../context.ts'
import { tagsFrom } from '../tag/tags.ts'
import { describeRule } from './describe-rule.ts'
import { findGroup } from './find.ts'
import { type NewRule, rulesFrom } from './permissions.ts'

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: each way. */
const MOST_RULES = 60

const authorize =
  (egress: boolean): Ec2Operation<AuthorizeSecurityGroupIngressRequest, AuthorizeSecurityGroupIngressResult> =>
  dependencies =>
  (request, input) => {
    const { SourceSecurityGroupName, SourceSecurityGroupOwnerId, TagSpecifications, DryRun } = input
    refuseNotBuilt({ SourceSecurityGroupName, SourceSecurityGroupOwnerId })
    const tags = tagsFrom(TagSpecifications, 'security-group-rule')
    return writeNetwork(dependencies, request, tx => {
      const group = findGroup(tx, request, input)
      const asked = rulesFrom(input, egress, pair => findGroup(tx, request, pair).id)
      if (asked.length === 0) throw missing('ipPermissions')
      const before = rulesOf(group)
      const known = new Set(before.map(ruleKey))
      for (const rule of asked) {
        if (known.has(ruleKey(rule))) throw duplicate(rule)
        known.add(ruleKey(rule))
      }
      if (before.filter(rule => rule.egress === egress).length + asked.length > MOST_RULES)
        throw new AwsError(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        )
      checkDryRun(DryRun)
      const added = asked.map((rule): SecurityGroupRule => ({ ...rule, id: networkId('sgr', dependencies.ids), tags }))
      tx.put(securityGroups, { ...group, rules: [...before, ...added] })
      return { Return: true, SecurityGroupRules: added.map(rule => describeRule(group, rule)) }
    })
  }

const duplicate = (rule: NewRule): AwsError => {
  const peer = rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.prefixListId ?? rule.groupId
  const ports = rule.fromPort < 0 ? '' : ` from port: ${rule.fromPort}, to port: ${rule.toPort},`
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase()
  const text = `the specified rule "peer: ${peer}, ${protocol},${ports} ALLOW" already exists`
  return new AwsError('InvalidPermission.Duplicate', text)
}

export const authorizeSecurityGroupIngress = authorize(false)
export const authorizeSecurityGroupEgress = authorize(true)
