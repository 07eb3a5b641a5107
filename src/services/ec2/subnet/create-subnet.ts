// CreateSubnet: a part of a VPC's addresses, in one availability zone. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
import type { CreateSubnetRequest, CreateSubnetResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { contains, networkId, overlap, parseCidr, type Subnet, type Vpc } from '../../../domain/network.ts'
import { subnets } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { checkDryRun, type Ec2Operation, invalidValue, missing, refuseNotBuilt, writeNetwork } from '../context.ts'
import { tagsFrom } from '../tag/tags.ts'
import { findVpc } from '../vpc/describe.ts'
import { zoneId, zonesOf } from '../zones.ts'
import { describeSubnet } from './describe.ts'

export const createSubnet: Ec2Operation<CreateSubnetRequest, CreateSubnetResult> = dependencies => (request, input) => {
  const {
    VpcId,
    CidrBlock: cidrBlock,
    TagSpecifications,
    DryRun,
    AvailabilityZone,
    AvailabilityZoneId,
    ...rest
  } = input
  refuseNotBuilt(rest)
  if (!VpcId) throw missing('vpcId')
  if (!cidrBlock) throw missing('cidrBlock')
  const tags = tagsFrom(TagSpecifications, 'subnet')
  return writeNetwork(dependencies, request, (tx, now) => {
    const { region, accountId } = request
    const vpc = findVpc(tx, request, VpcId)
    checkBlock(tx, vpc, cidrBlock)
    const zones = zonesOf(tx, request)
    const zone = AvailabilityZone ?? zones.find(name => zoneId(name, region) === AvailabilityZoneId) ?? zones[0]
    if (!zone || !zones.includes(zone) || (AvailabilityZoneId && zoneId(zone, region) !== AvailabilityZoneId))
      throw invalidValue(
        `Value (${AvailabilityZone ?? AvailabilityZoneId}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
      )
    checkDryRun(DryRun)
    const own = { region, accountId, tags, createdAt: now }
    const id = networkId('subnet', dependencies.ids)
    const subnet: Subnet = { ...own, id, vpcId: vpc.id, availabilityZone: zone, cidrBlock, isDefault: false }
    tx.put(subnets, subnet)
    return { Subnet: describeSubnet(subnet, 0) }
  })
}

const checkBlock = (reader: Reader, vpc: Vpc, cidrBlock: string): void => {
  const cidr = parseCidr(cidrBlock)
  if (!cidr)
    throw invalidValue(`Value (${cidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`)
  const outer = parseCidr(vpc.cidrBlock)
  if (cidr.prefix < 16 || cidr.prefix > 28 || !outer || !contains(outer, cidr))
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${cidrBlock}' is invalid.`)
  for (const other of reader.byIndex(subnets, 'byVpc', vpc.id)) {
    const taken = parseCidr(other.cidrBlock)
    if (taken && overlap(taken, cidr))
      throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidrBlock}' conflicts with another subnet`)
  }
}
