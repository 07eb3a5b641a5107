// The little of EC2 that ECS and load balancers rest on, by the SDK against a whole Stowage: the default VPC, own VPCs with
// subnets and security groups, tags, filters, zones, the interfaces of tasks, and what is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ec2 from '@aws-sdk/client-ec2'
import * as ecs from '@aws-sdk/client-ecs'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

let stowage: Stowage
let client: ec2.EC2Client
before(async () => {
  stowage = await startStowage({ runtime: 'fake' })
  client = new ec2.EC2Client({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
})
after(() => stowage?.dispose())

const filter = (Name: string, ...Values: string[]) => [{ Name, Values }]

test('the default VPC: a subnet in each zone, a security group, the same whenever it is asked for', async () => {
  const { Vpcs = [] } = await client.send(new ec2.DescribeVpcsCommand({ Filters: filter('is-default', 'true') }))
  assert.deepEqual(
    Vpcs.map(vpc => [vpc.CidrBlock, vpc.IsDefault, vpc.State, vpc.OwnerId]),
    [['172.31.0.0/16', true, 'available', stowage.accountId]],
  )
  const VpcId = Vpcs[0]?.VpcId ?? ''
  assert.match(VpcId, /^vpc-[0-9a-f]{17}$/)
  const { Subnets = [] } = await client.send(new ec2.DescribeSubnetsCommand({ Filters: filter('vpc-id', VpcId) }))
  assert.deepEqual(
    Subnets.map(each => `${each.AvailabilityZone} ${each.CidrBlock} ${each.AvailableIpAddressCount}`).sort(),
    ['us-east-1a 172.31.0.0/20 4091', 'us-east-1b 172.31.16.0/20 4091', 'us-east-1c 172.31.32.0/20 4091'],
  )
  const { SecurityGroups = [] } = await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))
  assert.equal(SecurityGroups[0]?.VpcId, VpcId)
  const zones = await client.send(new ec2.DescribeAvailabilityZonesCommand({}))
  assert.deepEqual(
    zones.AvailabilityZones?.map(zone => `${zone.ZoneName} ${zone.ZoneId}`),
    ['us-east-1a use1-az1', 'us-east-1b use1-az2', 'us-east-1c use1-az3'],
  )
  const attribute = async (Attribute: ec2.VpcAttributeName) => {
    const {
      VpcId: of,
      $metadata: _,
      ...rest
    } = await client.send(new ec2.DescribeVpcAttributeCommand({ VpcId, Attribute }))
    assert.equal(of, VpcId)
    return rest
  }
  assert.deepEqual(await attribute('enableDnsSupport'), { EnableDnsSupport: { Value: true } })
  assert.deepEqual(await attribute('enableDnsHostnames'), { EnableDnsHostnames: { Value: true } })
  const metrics = await attribute('enableNetworkAddressUsageMetrics')
  assert.deepEqual(metrics, { EnableNetworkAddressUsageMetrics: { Value: false } })
  await refuses(
    client.send(new ec2.DescribeVpcAttributeCommand({ VpcId: 'vpc-0', Attribute: 'enableDnsSupport' })),
    'InvalidVpcID.NotFound',
  )
  const again = await client.send(new ec2.DescribeVpcsCommand({}))
  assert.deepEqual(
    again.Vpcs?.map(vpc => vpc.VpcId),
    [VpcId],
  )
})

test('a VPC of one’s own, and the way back', async () => {
  const TagSpecifications = [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'Name', Value: 'shop' }] }]
  const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications }))
  const VpcId = Vpc?.VpcId ?? ''
  const subnet = { VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1b' }
  const { Subnet } = await client.send(new ec2.CreateSubnetCommand(subnet))
  assert.equal(Subnet?.AvailableIpAddressCount, 251)
  const group = { VpcId, GroupName: 'web', Description: 'of the web' }
  const { GroupId = '' } = await client.send(new ec2.CreateSecurityGroupCommand(group))
  const tagged = { Resources: [Subnet?.SubnetId ?? '', GroupId], Tags: [{ Key: 'team', Value: 'blue' }] }
  await client.send(new ec2.CreateTagsCommand(tagged))
  const found = await client.send(new ec2.DescribeSubnetsCommand({ Filters: filter('tag:team', 'b*') }))
  assert.deepEqual(
    found.Subnets?.map(each => each.SubnetId),
    [Subnet?.SubnetId],
  )
  const named = await client.send(new ec2.DescribeVpcsCommand({ Filters: filter('tag:Name', 'shop') }))
  assert.deepEqual(
    named.Vpcs?.map(vpc => vpc.Tags),
    [[{ Key: 'Name', Value: 'shop' }]],
  )

  await refuses(client.send(new ec2.CreateSubnetCommand(subnet)), 'InvalidSubnet.Conflict')
  await refuses(
    client.send(new ec2.CreateSubnetCommand({ ...subnet, CidrBlock: '10.1.0.0/24' })),
    'InvalidSubnet.Range',
  )
  await refuses(
    client.send(new ec2.CreateSubnetCommand({ ...subnet, CidrBlock: '10.0.2.0/24', AvailabilityZone: 'x' })),
    'InvalidParameterValue',
  )
  await refuses(client.send(new ec2.CreateSecurityGroupCommand(group)), 'InvalidGroup.Duplicate')
  await refuses(client.send(new ec2.DeleteVpcCommand({ VpcId })), 'DependencyViolation')

  await client.send(new ec2.DeleteTagsCommand({ Resources: [GroupId] }))
  await client.send(new ec2.DeleteSecurityGroupCommand({ GroupId }))
  await client.send(new ec2.DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }))
  await client.send(new ec2.DeleteVpcCommand({ VpcId }))
  await refuses(client.send(new ec2.DescribeVpcsCommand({ VpcIds: [VpcId] })), 'InvalidVpcID.NotFound')
  await refuses(client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })), 'InvalidGroup.NotFound')
})

const refuses = (sent: Promise<unknown>, name: string): Promise<void> => assert.rejects(sent, { name })

test('what is refused', async () => {
  await refuses(
    client.send(new ec2.DescribeVpcsCommand({ Filters: filter('colour', 'blue') })),
    'InvalidParameterValue',
  )
  await refuses(client.send(new ec2.DescribeVpcsCommand({ DryRun: true })), 'DryRunOperation')
  await refuses(client.send(new ec2.CreateVpcCommand({})), 'MissingParameter')
  await refuses(client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/8' })), 'InvalidVpc.Range')
  await refuses(
    client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })),
    'UnsupportedOperation',
  )
  await refuses(
    client.send(new ec2.CreateTagsCommand({ Resources: ['vpc-1'], Tags: [{ Key: 'a', Value: 'b' }] })),
    'InvalidID',
  )
  await refuses(client.send(new ec2.DeleteSubnetCommand({ SubnetId: 'subnet-1' })), 'InvalidSubnetID.NotFound')
  await refuses(client.send(new ec2.DescribeInstancesCommand({})), 'UnsupportedOperation')
})

test('the interface of a task', async () => {
  const { Subnets = [] } = await client.send(
    new ec2.DescribeSubnetsCommand({ Filters: filter('default-for-az', 'true') }),
  )
  const subnets = [Subnets[0]?.SubnetId ?? '']
  const container = { name: 'app', image: 'fake/run', memory: 64 }
  await stowage.ecs.send(
    new ecs.RegisterTaskDefinitionCommand({ family: 'app', networkMode: 'awsvpc', containerDefinitions: [container] }),
  )
  const { tasks } = await stowage.ecs.send(
    new ecs.RunTaskCommand({ taskDefinition: 'app', networkConfiguration: { awsvpcConfiguration: { subnets } } }),
  )
  const own = await waitFor('the task has its address', async () => {
    const { NetworkInterfaces = [] } = await client.send(new ec2.DescribeNetworkInterfacesCommand({}))
    return NetworkInterfaces[0]
  })
  assert.equal(own.SubnetId, subnets[0])
  const described = await stowage.ecs.send(new ecs.DescribeTasksCommand({ tasks: [tasks?.[0]?.taskArn ?? ''] }))
  const details = described.tasks?.[0]?.attachments?.[0]?.details ?? []
  const detail = (name: string) => details.find(each => each.name === name)?.value
  assert.equal(own.NetworkInterfaceId, detail('networkInterfaceId'))
  assert.equal(own.PrivateIpAddress, detail('privateIPv4Address'))
  const { Subnets: after = [] } = await client.send(new ec2.DescribeSubnetsCommand({ SubnetIds: subnets }))
  assert.equal(after[0]?.AvailableIpAddressCount, 4090)
  await refuses(client.send(new ec2.DeleteSubnetCommand({ SubnetId: subnets[0] })), 'DependencyViolation')
})
