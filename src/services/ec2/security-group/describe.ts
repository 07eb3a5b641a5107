// A security group as callers are shown it. Its rules are kept and answered: nothing filters by them.
import type { SecurityGroup as ShownSecurityGroup } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { SecurityGroup } from '../../../domain/network.ts'
import { rulesOf } from '../../../domain/security-group-rule.ts'
import { permissionsOf } from './permissions.ts'

export const groupArn = ({ region, accountId, id }: SecurityGroup): string =>
  `arn:aws:ec2:${region}:${accountId}:security-group/${id}`

export const describeSecurityGroup = (group: SecurityGroup): ShownSecurityGroup => ({
  GroupId: group.id,
  GroupName: group.name,
  Description: group.description,
  SecurityGroupArn: groupArn(group),
  OwnerId: group.accountId,
  VpcId: group.vpcId,
  IpPermissions: permissionsOf(
    rulesOf(group).filter(rule => !rule.egress),
    group.accountId,
  ),
  IpPermissionsEgress: permissionsOf(
    rulesOf(group).filter(rule => rule.egress),
    group.accountId,
  ),
  Tags: [...group.tags],
})

export const groupNotFound = (id: string): AwsError =>
  new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
