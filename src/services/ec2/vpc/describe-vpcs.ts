// DescribeVpcs. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
import type { DescribeVpcsRequest, DescribeVpcsResult } from '@aws-sdk/client-ec2'
import type { Vpc } from '../../../domain/network.ts'
import { networkKey, vpcs } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, readNetwork } from '../context.ts'
import { type Fields, listed } from '../filters.ts'
import { describeVpc, vpcNotFound } from './describe.ts'

const FIELDS: Fields<Vpc> = {
  'vpc-id': vpc => vpc.id,
  cidr: vpc => vpc.cidrBlock,
  'cidr-block-association.cidr-block': vpc => vpc.cidrBlock,
  'is-default': vpc => vpc.isDefault,
  isDefault: vpc => vpc.isDefault,
  'owner-id': vpc => vpc.accountId,
  state: () => 'available',
}

export const describeVpcs: Ec2Operation<DescribeVpcsRequest, DescribeVpcsResult> =
  dependencies => async (request, input) => {
    const reader = await readNetwork(dependencies, request)
    checkDryRun(input.DryRun)
    const { rows, nextToken } = listed(reader.byIndex(vpcs, 'byScope', networkKey(request)), {
      ...input,
      operation: 'DescribeVpcs',
      ids: input.VpcIds,
      notFound: vpcNotFound,
      fields: FIELDS,
    })
    return { Vpcs: rows.map(describeVpc), ...(nextToken === undefined ? {} : { NextToken: nextToken }) }
  }
