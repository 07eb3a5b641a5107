// DescribeSecurityGroups. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
import type { DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult } from '@aws-sdk/client-ec2'
import type { SecurityGroup } from '../../../domain/network.ts'
import { networkKey, securityGroups } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, readNetwork } from '../context.ts'
import { type Fields, listed } from '../filters.ts'
import { describeSecurityGroup, groupNotFound } from './describe.ts'

const FIELDS: Fields<SecurityGroup> = {
  'group-id': group => group.id,
  'group-name': group => group.name,
  description: group => group.description,
  'vpc-id': group => group.vpcId,
  'owner-id': group => group.accountId,
}

export const describeSecurityGroups: Ec2Operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult> =
  dependencies => async (request, input) => {
    const reader = await readNetwork(dependencies, request)
    checkDryRun(input.DryRun)
    const all = [...reader.byIndex(securityGroups, 'byScope', networkKey(request))]
    const named = input.GroupNames?.map(name => {
      const group = all.find(each => each.name === name)
      if (!group) throw groupNotFound(name)
      return group.id
    })
    const { rows, nextToken } = listed(all, {
      ...input,
      operation: 'DescribeSecurityGroups',
      ids: input.GroupIds || named ? [...(input.GroupIds ?? []), ...(named ?? [])] : undefined,
      notFound: groupNotFound,
      fields: FIELDS,
    })
    return {
      SecurityGroups: rows.map(describeSecurityGroup),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    }
  }
