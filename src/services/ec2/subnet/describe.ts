// A subnet as callers are shown it, and how it is found.
import type { Subnet as ShownSubnet } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { parseCidr, RESERVED_ADDRESSES, type Subnet } from '../../../domain/network.ts'
import { zoneId } from '../zones.ts'

/** `taken`: addresses of its tasks. */
export const describeSubnet = (subnet: Subnet, taken: number): ShownSubnet => ({
  SubnetId: subnet.id,
  SubnetArn: `arn:aws:ec2:${subnet.region}:${subnet.accountId}:subnet/${subnet.id}`,
  VpcId: subnet.vpcId,
  OwnerId: subnet.accountId,
  State: 'available',
  CidrBlock: subnet.cidrBlock,
  AvailableIpAddressCount: (parseCidr(subnet.cidrBlock)?.size ?? 0) - RESERVED_ADDRESSES - taken,
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: zoneId(subnet.availabilityZone, subnet.region),
  DefaultForAz: subnet.isDefault,
  MapPublicIpOnLaunch: false,
  AssignIpv6AddressOnCreation: false,
  Ipv6CidrBlockAssociationSet: [],
  Tags: [...subnet.tags],
})

export const subnetNotFound = (id: string): AwsError =>
  new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
