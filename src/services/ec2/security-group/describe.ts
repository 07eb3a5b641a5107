// A security group as callers are shown it. It has no rules: nothing filters what reaches a task (docs/coverage.md).
import type { SecurityGroup as ShownSecurityGroup } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { SecurityGroup } from '../../../domain/network.ts'

export const groupArn = ({ region, accountId, id }: SecurityGroup): string =>
  `arn:aws:ec2:${region}:${accountId}:security-group/${id}`

export const describeSecurityGroup = (group: SecurityGroup): ShownSecurityGroup => ({
  GroupId: group.id,
  GroupName: group.name,
  Description: group.description,
  SecurityGroupArn: groupArn(group),
  OwnerId: group.accountId,
  VpcId: group.vpcId,
  IpPermissions: [],
  IpPermissionsEgress: [],
  Tags: [...group.tags],
})

export const groupNotFound = (id: string): AwsError =>
  new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
