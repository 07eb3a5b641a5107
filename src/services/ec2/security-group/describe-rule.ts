// A rule of a security group as callers are shown it.
import type { SecurityGroupRule as ShownRule } from '@aws-sdk/client-ec2'
import type { SecurityGroup } from '../../../domain/network.ts'
import type { SecurityGroupRule } from '../../../domain/security-group-rule.ts'

export const describeRule = (group: SecurityGroup, rule: SecurityGroupRule): ShownRule => ({
  SecurityGroupRuleId: rule.id,
  GroupId: group.id,
  GroupOwnerId: group.accountId,
  IsEgress: rule.egress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  CidrIpv4: rule.cidrIpv4,
  CidrIpv6: rule.cidrIpv6,
  PrefixListId: rule.prefixListId,
  ReferencedGroupInfo: rule.groupId ? { GroupId: rule.groupId, UserId: group.accountId } : undefined,
  Description: rule.description,
  Tags: [...rule.tags],
  SecurityGroupRuleArn: `arn:aws:ec2:${group.region}:${group.accountId}:security-group-rule/${rule.id}`,
})
