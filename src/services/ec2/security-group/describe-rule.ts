// A rule of a security group as callers are shown it.
import type { RevokedSecurityGroupRule, SecurityGroupRule as ShownRule } from '@aws-sdk/client-ec2'
import type { SecurityGroup } from '../../../domain/network.ts'
import type { SecurityGroupRule } from '../../../domain/security-group-rule.ts'

/** What is said of one that is there, and of one that was revoked. */
const membersOf = (group: SecurityGroup, rule: SecurityGroupRule) => ({
  SecurityGroupRuleId: rule.id,
  GroupId: group.id,
  IsEgress: rule.egress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  CidrIpv4: rule.cidrIpv4,
  CidrIpv6: rule.cidrIpv6,
  PrefixListId: rule.prefixListId,
  Description: rule.description,
})

export const describeRevokedRule = (group: SecurityGroup, rule: SecurityGroupRule): RevokedSecurityGroupRule => ({
  ...membersOf(group, rule),
  ReferencedGroupId: rule.groupId,
})

export const describeRule = (group: SecurityGroup, rule: SecurityGroupRule): ShownRule => ({
  ...membersOf(group, rule),
  GroupOwnerId: group.accountId,
  ReferencedGroupInfo: rule.groupId ? { GroupId: rule.groupId, UserId: group.accountId } : undefined,
  Tags: [...rule.tags],
  SecurityGroupRuleArn: `arn:aws:ec2:${group.region}:${group.accountId}:security-group-rule/${rule.id}`,
})
