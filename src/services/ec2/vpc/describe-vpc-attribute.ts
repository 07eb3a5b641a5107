// DescribeVpcAttribute: what AWS gives a VPC by default, for nothing here changes it. Terraform asks for each of them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html
import type { DescribeVpcAttributeRequest, DescribeVpcAttributeResult } from '@aws-sdk/client-ec2'
import type { Vpc } from '../../../domain/network.ts'
import { checkDryRun, type Ec2Operation, missing, readNetwork } from '../context.ts'
import { findVpc } from './describe.ts'

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html#vpc-dns-support */
const attributeOf = (
  { isDefault }: Vpc,
  name: DescribeVpcAttributeRequest['Attribute'],
): DescribeVpcAttributeResult => {
  if (name === 'enableDnsSupport') return { EnableDnsSupport: { Value: true } }
  if (name === 'enableDnsHostnames') return { EnableDnsHostnames: { Value: isDefault } }
  return { EnableNetworkAddressUsageMetrics: { Value: false } }
}

export const describeVpcAttribute: Ec2Operation<DescribeVpcAttributeRequest, DescribeVpcAttributeResult> =
  dependencies => async (request, input) => {
    if (!input.VpcId) throw missing('vpcId')
    const vpc = findVpc(await readNetwork(dependencies, request), request, input.VpcId)
    checkDryRun(input.DryRun)
    return { VpcId: vpc.id, ...attributeOf(vpc, input.Attribute) }
  }
