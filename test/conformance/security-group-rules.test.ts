// Rules of security groups, by the SDK against a whole Stowage: those of a new group, authorized, described, revoked, and what is
// refused. The calls that deploy scripts and Terraform make for the groups of load balancers and tasks.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import * as ec2 from '@aws-sdk/client-ec2'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'

let stowage: Stowage
let client: ec2.EC2Client
let GroupId: string
let made = 0
before(async () => {
  stowage = await startStowage({ runtime: 'fake' })
  client = new ec2.EC2Client({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
})
after(() => stowage?.dispose())

const newGroup = async (): Promise<string> => {
  const group = { GroupName: `group-${made++}`, Description: 'a group' }
  return (await client.send(new ec2.CreateSecurityGroupCommand(group))).GroupId ?? ''
}
beforeEach(async () => {
  GroupId = await newGroup()
})

const described = async (id = GroupId) => {
  const { SecurityGroups = [] } = await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }))
  return SecurityGroups[0] ?? assert.fail('no group')
}
const refused = (answer: Promise<unknown>, name: string, message?: RegExp) =>
  assert.rejects(answer, error => {
    assert(error instanceof Error)
    assert.equal(error.name, name)
    if (message) assert.match(error.message, message)
    return true
  })
const allow = (input: Omit<ec2.AuthorizeSecurityGroupIngressRequest, 'GroupId'>) =>
  client.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, ...input }))

const ANYWHERE: ec2.IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
const NOTHING = { Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] }

test('a new group lets all out; the default group its own members in, too', async () => {
  const group = await described()
  assert.deepEqual(group.IpPermissions, [])
  assert.deepEqual(group.IpPermissionsEgress, [{ ...ANYWHERE, ...NOTHING }])
  const { SecurityGroups = [] } = await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))
  const [own] = SecurityGroups
  assert.deepEqual(own?.IpPermissions, [
    {
      IpProtocol: '-1',
      ...NOTHING,
      IpRanges: [],
      UserIdGroupPairs: [{ GroupId: own?.GroupId, UserId: stowage.accountId }],
    },
  ])
})

test('as Terraform makes one: the first rule out is revoked, then the asked-for ones are authorized', async () => {
  const revoked = await client.send(new ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [ANYWHERE] }))
  assert.equal(revoked.Return, true)
  assert.deepEqual((await described()).IpPermissionsEgress, [])
  await client.send(new ec2.AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [ANYWHERE] }))
  const other = await newGroup()
  const { SecurityGroupRules = [] } = await allow({
    IpPermissions: [
      {
        IpProtocol: 'TCP',
        FromPort: 80,
        ToPort: 81,
        IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'office' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        UserIdGroupPairs: [{ GroupId: other }],
      },
    ],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'k', Value: 'v' }] }],
  })
  assert.equal(SecurityGroupRules.length, 3)
  assert.match(SecurityGroupRules[0]?.SecurityGroupRuleId ?? '', /^sgr-[0-9a-f]{17}$/)
  const group = await described()
  assert.deepEqual(group.IpPermissions, [
    {
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 81,
      PrefixListIds: [],
      IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }],
      UserIdGroupPairs: [{ GroupId: other, UserId: stowage.accountId }],
    },
  ])
  assert.deepEqual(group.IpPermissionsEgress, [{ ...ANYWHERE, ...NOTHING }])

  const Filters = [{ Name: 'group-id', Values: [GroupId] }]
  const listed = await client.send(new ec2.DescribeSecurityGroupRulesCommand({ Filters }))
  assert.deepEqual(
    listed.SecurityGroupRules?.map(rule => [rule.IsEgress, rule.IpProtocol, rule.FromPort, rule.ToPort]).sort(),
    [
      [false, 'tcp', 80, 81],
      [false, 'tcp', 80, 81],
      [false, 'tcp', 80, 81],
      [true, '-1', -1, -1],
    ],
  )
  await refused(client.send(new ec2.DeleteSecurityGroupCommand({ GroupId: other })), 'DependencyViolation')
  const SecurityGroupRuleIds = SecurityGroupRules.map(rule => rule.SecurityGroupRuleId ?? '')
  const byId = await client.send(new ec2.DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds }))
  assert.deepEqual(byId.SecurityGroupRules?.[0]?.Tags, [{ Key: 'k', Value: 'v' }])
  await client.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }))
  assert.deepEqual((await described()).IpPermissions, [])
  await client.send(new ec2.DeleteSecurityGroupCommand({ GroupId: other }))
})

test('a group named by a name, a rule by members of the request', async () => {
  const { GroupName = '' } = await described()
  const input = { GroupName, IpProtocol: '6', FromPort: 22, ToPort: 22, CidrIp: '10.0.0.0/8' }
  await client.send(new ec2.AuthorizeSecurityGroupIngressCommand(input))
  const [{ IpProtocol, FromPort } = {}] = (await described()).IpPermissions ?? []
  assert.deepEqual([IpProtocol, FromPort], ['tcp', 22])
})

test('what is refused', async () => {
  const http = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }
  const IpPermissions = [{ ...http, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
  await allow({ IpPermissions })
  await refused(
    allow({ IpPermissions }),
    'InvalidPermission.Duplicate',
    /^the specified rule "peer: 0\.0\.0\.0\/0, TCP, from port: 80, to port: 80, ALLOW" already exists$/,
  )
  const bad = (IpRange: ec2.IpRange, change: ec2.IpPermission = {}) =>
    allow({ IpPermissions: [{ ...http, IpRanges: [IpRange], ...change }] })
  await refused(bad({ CidrIp: '10.0.0/8' }), 'InvalidParameterValue', /CIDR block 10\.0\.0\/8 is malformed/)
  const all = { CidrIp: '10.0.0.0/8' }
  await refused(bad(all, { IpProtocol: 'http' }), 'InvalidParameterValue', /Unknown protocol/)
  await refused(bad(all, { FromPort: 90 }), 'InvalidParameterValue', /Invalid TCP port range \(90, 80\)/)
  await refused(allow({}), 'MissingParameter', /ipPermissions/)
  await refused(
    allow({ IpPermissions: [{ ...http, UserIdGroupPairs: [{ GroupId: 'sg-0' }] }] }),
    'InvalidGroup.NotFound',
  )
  const revoke = (input: Omit<ec2.RevokeSecurityGroupIngressRequest, 'GroupId'>) =>
    client.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId, ...input }))
  await refused(
    revoke({ IpPermissions: [{ ...http, IpRanges: [all] }] }),
    'InvalidPermission.NotFound',
    /^The specified rule does not exist in this security group\.$/,
  )
  await refused(revoke({ SecurityGroupRuleIds: ['sgr-0'] }), 'InvalidSecurityGroupRuleId.NotFound')
  await refused(allow({ IpPermissions, DryRun: true }), 'InvalidPermission.Duplicate')
  const many = Array.from({ length: 60 }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }))
  await refused(bad({}, { IpRanges: many }), 'RulesPerSecurityGroupLimitExceeded')
  assert.equal((await described()).IpPermissions?.length, 1)
})

test('the interfaces that a deletion looks for are filtered, not refused', async () => {
  const Filters = [
    { Name: 'attachment.instance-owner-id', Values: ['amazon-elb'] },
    { Name: 'description', Values: ['ELB app/web/*'] },
    { Name: 'group-id', Values: [GroupId] },
  ]
  const { NetworkInterfaces } = await client.send(new ec2.DescribeNetworkInterfacesCommand({ Filters }))
  assert.deepEqual(NetworkInterfaces, [])
})
