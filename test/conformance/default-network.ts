// The default VPC of a running Stowage and its subnets, as a client finds them.
import assert from 'node:assert/strict'
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { KEYS, REGION, type Stowage } from '../e2e/stowage.ts'

export const defaultNetwork = async ({
  endpoint,
}: Stowage): Promise<{ readonly vpcId: string; readonly subnetIds: readonly string[] }> => {
  const ec2 = new EC2Client({ endpoint, region: REGION, credentials: KEYS })
  const isDefault = [{ Name: 'isDefault', Values: ['true'] }]
  const [vpc] = (await ec2.send(new DescribeVpcsCommand({ Filters: isDefault }))).Vpcs ?? []
  assert(vpc?.VpcId)
  const own = [{ Name: 'vpc-id', Values: [vpc.VpcId] }]
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: own }))
  ec2.destroy()
  return { vpcId: vpc.VpcId, subnetIds: Subnets.map(({ SubnetId = '' }) => SubnetId) }
}
