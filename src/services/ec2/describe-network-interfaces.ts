// DescribeNetworkInterfaces: those of ECS tasks, the only ones there are.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../../aws/error.ts'
import { attachmentArn, networkInterfaceId } from '../../domain/network-interface.ts'
import { securityGroups, subnets } from '../../store/network-tables.ts'
import type { Reader } from '../../store/store.ts'
import { checkDryRun, type Ec2Operation, readNetwork } from './context.ts'
import { type Fields, listed } from './filters.ts'
import { detailOf, type TaskInterface, taskInterfaces } from './task-interfaces.ts'

type Row = { readonly id: string; readonly tags: readonly []; readonly shown: NetworkInterface }

const FIELDS: Fields<Row> = {
  'network-interface-id': row => row.id,
  'subnet-id': row => row.shown.SubnetId,
  'vpc-id': row => row.shown.VpcId,
  'availability-zone': row => row.shown.AvailabilityZone,
  'private-ip-address': row => row.shown.PrivateIpAddress,
  'addresses.private-ip-address': row => row.shown.PrivateIpAddress,
  'mac-address': row => row.shown.MacAddress,
  description: row => row.shown.Description,
  status: row => row.shown.Status,
  'owner-id': row => row.shown.OwnerId,
  'interface-type': row => row.shown.InterfaceType,
  'requester-managed': row => row.shown.RequesterManaged,
  'group-id': row => row.shown.Groups?.flatMap(({ GroupId }) => GroupId ?? []),
  'group-name': row => row.shown.Groups?.flatMap(({ GroupName }) => GroupName ?? []),
  // Tasks' interfaces alone are here: none of a load balancer, a function or an instance, which is what deletions look for.
  'attachment.instance-owner-id': () => undefined,
  'attachment.instance-id': () => undefined,
  'requester-id': () => undefined,
}

const notFound = (id: string): AwsError =>
  new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`)

export const describeNetworkInterfaces: Ec2Operation<
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult
> = dependencies => async (request, input) => {
  const reader = await readNetwork(dependencies, request)
  checkDryRun(input.DryRun)
  const all = [...taskInterfaces(reader, request)]
    .filter(({ attachment }) => attachment.status === 'ATTACHED')
    .map((each): Row => ({ id: networkInterfaceId(each.attachment), tags: [], shown: describe(reader, each) }))
  const { rows, nextToken } = listed(all, {
    ...input,
    operation: 'DescribeNetworkInterfaces',
    ids: input.NetworkInterfaceIds,
    notFound,
    fields: FIELDS,
  })
  return {
    NetworkInterfaces: rows.map(({ shown }) => shown),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  }
}

const describe = (reader: Reader, { task, attachment }: TaskInterface): NetworkInterface => {
  const subnetId = detailOf(attachment, 'subnetId') ?? ''
  const subnet = reader.get(subnets, subnetId)
  const address = detailOf(attachment, 'privateIPv4Address') ?? ''
  const dnsName = detailOf(attachment, 'privateDnsName') ?? ''
  const groups = task.networkConfiguration?.awsvpcConfiguration?.securityGroups ?? []
  return {
    NetworkInterfaceId: networkInterfaceId(attachment),
    InterfaceType: 'interface',
    Description: attachmentArn(task.arn, attachment),
    SubnetId: subnetId,
    ...(subnet ? { VpcId: subnet.vpcId } : {}),
    AvailabilityZone: task.availabilityZone ?? '',
    OwnerId: task.arn.split(':')[4] ?? '',
    MacAddress: detailOf(attachment, 'macAddress') ?? '',
    PrivateIpAddress: address,
    PrivateDnsName: dnsName,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address, PrivateDnsName: dnsName }],
    Groups: groups.map(id => ({ GroupId: id, GroupName: reader.get(securityGroups, id)?.name ?? '' })),
    RequesterManaged: true,
    SourceDestCheck: true,
    Status: 'in-use',
    TagSet: [],
  }
}
