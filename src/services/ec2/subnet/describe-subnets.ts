// DescribeSubnets. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
import type { DescribeSubnetsRequest, DescribeSubnetsResult } from '@aws-sdk/client-ec2'
import type { Subnet } from '../../../domain/network.ts'
import { networkKey, subnets } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, readNetwork } from '../context.ts'
import { type Fields, listed } from '../filters.ts'
import { countBySubnet } from '../task-interfaces.ts'
import { describeSubnet, subnetNotFound } from './describe.ts'

const FIELDS: Fields<Subnet> = {
  'subnet-id': subnet => subnet.id,
  'vpc-id': subnet => subnet.vpcId,
  'availability-zone': subnet => subnet.availabilityZone,
  availabilityZone: subnet => subnet.availabilityZone,
  cidr: subnet => subnet.cidrBlock,
  'cidr-block': subnet => subnet.cidrBlock,
  'default-for-az': subnet => subnet.isDefault,
  defaultForAz: subnet => subnet.isDefault,
  'owner-id': subnet => subnet.accountId,
  'map-public-ip-on-launch': () => false,
  state: () => 'available',
}

export const describeSubnets: Ec2Operation<DescribeSubnetsRequest, DescribeSubnetsResult> =
  dependencies => async (request, input) => {
    const reader = await readNetwork(dependencies, request)
    checkDryRun(input.DryRun)
    const { rows, nextToken } = listed(reader.byIndex(subnets, 'byScope', networkKey(request)), {
      ...input,
      operation: 'DescribeSubnets',
      ids: input.SubnetIds,
      notFound: subnetNotFound,
      fields: FIELDS,
    })
    const taken = countBySubnet(reader, request)
    return {
      Subnets: rows.map(subnet => describeSubnet(subnet, taken.get(subnet.id) ?? 0)),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    }
  }
