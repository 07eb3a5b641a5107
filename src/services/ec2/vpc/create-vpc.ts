// CreateVpc: an IPv4 network with its default security group. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
import type { CreateVpcRequest, CreateVpcResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { type Network, networkId, newDefaultSecurityGroup, parseCidr, type Vpc } from '../../../domain/network.ts'
import { securityGroups, vpcs } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, missing, refuseNotBuilt, writeNetwork } from '../context.ts'
import { tagsFrom } from '../tag/tags.ts'
import { describeVpc } from './describe.ts'

export const createVpc: Ec2Operation<CreateVpcRequest, CreateVpcResult> = dependencies => (request, input) => {
  const { CidrBlock: cidrBlock, TagSpecifications, DryRun, InstanceTenancy, ...rest } = input
  refuseNotBuilt({ ...rest, InstanceTenancy: InstanceTenancy === 'default' ? undefined : InstanceTenancy })
  if (!cidrBlock) throw missing('CidrBlock')
  const cidr = parseCidr(cidrBlock)
  if (!cidr || cidr.prefix < 16 || cidr.prefix > 28)
    throw new AwsError('InvalidVpc.Range', `The CIDR '${cidrBlock}' is invalid.`)
  const tags = tagsFrom(TagSpecifications, 'vpc')
  return writeNetwork(dependencies, request, (tx, now) => {
    checkDryRun(DryRun)
    const own: Network = { region: request.region, accountId: request.accountId, tags, createdAt: now }
    const vpc: Vpc = { ...own, id: networkId('vpc', dependencies.ids), cidrBlock, isDefault: false }
    tx.put(vpcs, vpc)
    tx.put(securityGroups, newDefaultSecurityGroup(vpc, { ...own, tags: [] }, dependencies.ids))
    return { Vpc: describeVpc(vpc) }
  })
}
