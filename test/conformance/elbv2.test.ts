// Elastic Load Balancing by the SDK against a whole `stowage up` with a simulated instance: each operation that is built, once
// on its happy path, and its documented errors as a client meets them. What the data plane makes of it is not seen here: the
// fake runtime has none.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DescribeContainerInstancesCommand, ListContainerInstancesCommand } from '@aws-sdk/client-ecs'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'
import { defaultNetwork } from './default-network.ts'

let stowage: Stowage
let client: elb.ElasticLoadBalancingV2Client
let network: { readonly vpcId: string; readonly subnetIds: readonly string[] }
before(async () => {
  stowage = await startStowage({ runtime: 'fake', args: ['--address', '10.9.8.7'] })
  client = new elb.ElasticLoadBalancingV2Client({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
  network = await defaultNetwork(stowage)
})
after(async () => {
  client?.destroy()
  await stowage?.dispose()
})

/** Its body is what XML and form fields must carry unharmed. */
const ok: elb.Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', ContentType: 'text/html', MessageBody: '<b title="a">&amp;\r\n + ä</b>' },
}
const absent = (arn: string): string => `${arn.slice(0, -8)}00000000`

const loadBalancer = async (change: Partial<elb.CreateLoadBalancerCommandInput> & { Name: string }) => {
  const input = { Subnets: [...network.subnetIds], ...change }
  const [made] = (await client.send(new elb.CreateLoadBalancerCommand(input))).LoadBalancers ?? []
  assert(made?.LoadBalancerArn)
  return { ...made, LoadBalancerArn: made.LoadBalancerArn }
}
const targetGroup = async (change: Partial<elb.CreateTargetGroupCommandInput> & { Name: string }) => {
  const input: elb.CreateTargetGroupCommandInput = { Protocol: 'HTTP', Port: 80, VpcId: network.vpcId, ...change }
  const [made] = (await client.send(new elb.CreateTargetGroupCommand(input))).TargetGroups ?? []
  assert(made?.TargetGroupArn)
  return { ...made, TargetGroupArn: made.TargetGroupArn }
}
const listener = async (LoadBalancerArn: string, change: Partial<elb.CreateListenerCommandInput> = {}) => {
  const input: elb.CreateListenerCommandInput = { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: [ok] }
  const [made] = (await client.send(new elb.CreateListenerCommand({ ...input, ...change }))).Listeners ?? []
  assert(made?.ListenerArn)
  return { ...made, ListenerArn: made.ListenerArn }
}
/** The SDK makes the exception of the code on the wire. */
const refused = async (asked: Promise<unknown>, exception: string, message: RegExp = /./) => {
  await assert.rejects(asked, (error: unknown) => {
    assert(error instanceof elb.ElasticLoadBalancingV2ServiceException)
    assert.equal(error.name, exception, error.message)
    assert.match(error.message, message)
    assert.equal(error.$metadata.httpStatusCode, 400)
    return true
  })
}

/** All are under way at once: each is waited for from the start. */
const eachRefused = (asked: readonly Promise<unknown>[], exception: string) =>
  Promise.all(asked.map(each => refused(each, exception, /not found/)))

test('load balancers: create, describe by pages, waiters, attributes, subnets, delete', async () => {
  const made = await loadBalancer({ Name: 'one', Tags: [{ Key: 'team', Value: 'a+b' }] })
  const { LoadBalancerArn } = made
  assert.deepEqual(made.State, { Code: 'provisioning' })
  assert(made.CreatedTime instanceof Date)
  assert.equal((await loadBalancer({ Name: 'one' })).LoadBalancerArn, LoadBalancerArn)
  await loadBalancer({ Name: 'two', Type: 'network' })
  const names: string[] = []
  for await (const page of elb.paginateDescribeLoadBalancers({ client, pageSize: 1 }, {}))
    names.push(...(page.LoadBalancers ?? []).map(({ LoadBalancerName = '' }) => LoadBalancerName))
  assert.deepEqual(names.sort(), ['one', 'two'])
  const wait = { client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 }
  await elb.waitUntilLoadBalancerExists(wait, { LoadBalancerArns: [LoadBalancerArn] })
  const attributes = [{ Key: 'idle_timeout.timeout_seconds', Value: '30' }]
  await client.send(new elb.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: attributes }))
  const { Attributes = [] } = await client.send(new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }))
  assert.equal(Attributes.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')?.Value, '30')
  assert.equal(Attributes.find(({ Key }) => Key === 'access_logs.s3.bucket')?.Value, '')
  const reserved = await client.send(new elb.DescribeCapacityReservationCommand({ LoadBalancerArn }))
  assert.deepEqual([reserved.CapacityReservationState, reserved.MinimumLoadBalancerCapacity], [[], undefined])
  const Subnets = network.subnetIds.slice(0, 2)
  const set = await client.send(new elb.SetSubnetsCommand({ LoadBalancerArn, Subnets }))
  assert.equal(set.AvailabilityZones?.length, 2)
  const SecurityGroups = made.SecurityGroups ?? []
  await client.send(new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }))
  await client.send(new elb.SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'ipv4' }))
  const described = await client.send(new elb.DescribeTagsCommand({ ResourceArns: [LoadBalancerArn] }))
  assert.deepEqual(described.TagDescriptions?.[0]?.Tags, [{ Key: 'team', Value: 'a+b' }])
  await client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }))
  await elb.waitUntilLoadBalancersDeleted(wait, { LoadBalancerArns: [LoadBalancerArn] })
  await client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }))
})

test('load balancers: their errors', async () => {
  const { LoadBalancerArn } = await loadBalancer({ Name: 'taken' })
  const create = (change: object) => loadBalancer({ Name: 'new', ...change })
  await refused(
    create({ Name: 'taken', Scheme: 'internal' }),
    'DuplicateLoadBalancerNameException',
    /different settings/,
  )
  await refused(create({ Subnets: ['subnet-0', 'subnet-1'] }), 'SubnetNotFoundException')
  await refused(create({ Subnets: network.subnetIds.slice(1, 2) }), 'ValidationError', /At least two subnets/)
  await refused(create({ SecurityGroups: ['sg-0'] }), 'InvalidSecurityGroupException')
  await refused(create({ Type: 'gateway' }), 'InvalidConfigurationRequestException', /gateway/)
  const twice = [{ Key: 'a' }, { Key: 'a' }]
  await refused(create({ Tags: twice }), 'DuplicateTagKeysException')
  await refused(create({ Type: 'other' }), 'ValidationError', /enum value set/)
  const none = { LoadBalancerArn: absent(LoadBalancerArn) }
  await eachRefused(
    [
      client.send(new elb.DescribeLoadBalancersCommand({ Names: ['none'] })),
      client.send(new elb.DescribeLoadBalancersCommand({ LoadBalancerArns: [none.LoadBalancerArn] })),
      client.send(new elb.DescribeLoadBalancerAttributesCommand(none)),
      client.send(new elb.DescribeCapacityReservationCommand(none)),
      client.send(new elb.ModifyLoadBalancerAttributesCommand({ ...none, Attributes: [{ Key: 'a', Value: 'b' }] })),
      client.send(new elb.SetSubnetsCommand({ ...none, Subnets: [...network.subnetIds] })),
      client.send(new elb.SetSecurityGroupsCommand({ ...none, SecurityGroups: ['sg-0'] })),
      client.send(new elb.SetIpAddressTypeCommand({ ...none, IpAddressType: 'ipv4' })),
      client.send(new elb.DescribeListenersCommand(none)),
      client.send(new elb.DescribeTargetGroupsCommand(none)),
      client.send(new elb.DescribeTagsCommand({ ResourceArns: [none.LoadBalancerArn] })),
      listener(none.LoadBalancerArn),
    ],
    'LoadBalancerNotFoundException',
  )
  const Attributes = [{ Key: 'deletion_protection.enabled', Value: 'true' }]
  await client.send(new elb.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }))
  const guarded = client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }))
  await refused(guarded, 'OperationNotPermittedException', /because deletion protection is enabled/)
})

test('target groups and targets: create, register, health, waiters, deregister, delete', async () => {
  const made = await targetGroup({ Name: 'instances', Matcher: { HttpCode: '200-299' }, HealthCheckPath: '/up' })
  const { TargetGroupArn } = made
  assert.deepEqual(made.LoadBalancerArns, [])
  assert.deepEqual(made.Matcher, { HttpCode: '200-299' })
  const { containerInstanceArns = [] } = await stowage.ecs.send(new ListContainerInstancesCommand({}))
  const asked = new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns })
  const [instance] = (await stowage.ecs.send(asked)).containerInstances ?? []
  assert.match(instance?.ec2InstanceId ?? '', /^i-0[0-9a-f]{16}$/)
  assert.equal(instance?.attributes?.find(({ name }) => name === 'stowage.address')?.value, '10.9.8.7')
  const Targets = [{ Id: instance?.ec2InstanceId, Port: 32_768 }]
  await client.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }))
  const health = async () => {
    const answer = await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn }))
    return answer.TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.Reason])
  }
  assert.deepEqual(await health(), [[32_768, 'Target.NotInUse']])
  const described = await client.send(new elb.DescribeTargetGroupsCommand({ Names: ['instances'] }))
  assert.equal(described.TargetGroups?.[0]?.HealthCheckPath, '/up')
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }]
  await client.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  const set = await client.send(new elb.DescribeTargetGroupAttributesCommand({ TargetGroupArn }))
  assert.equal(set.Attributes?.find(({ Key }) => Key === Attributes[0]?.Key)?.Value, '5')
  const change = { TargetGroupArn, HealthCheckIntervalSeconds: 10, Matcher: { HttpCode: '204' } }
  const changed = await client.send(new elb.ModifyTargetGroupCommand(change))
  assert.deepEqual(changed.TargetGroups?.[0]?.Matcher, { HttpCode: '204' })
  await client.send(new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets }))
  const wait = { client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 }
  await elb.waitUntilTargetDeregistered(wait, { TargetGroupArn, Targets })
  assert.deepEqual(await health(), [])
  await client.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }))
  const gone = client.send(new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }))
  await refused(gone, 'TargetGroupNotFoundException', /^One or more target groups not found$/)
})

test('target groups and targets: their errors', async () => {
  const { TargetGroupArn } = await targetGroup({ Name: 'ips', TargetType: 'ip' })
  await refused(targetGroup({ Name: 'ips' }), 'DuplicateTargetGroupNameException', /different settings/)
  await refused(targetGroup({ Name: 'udp', Protocol: 'UDP' }), 'InvalidConfigurationRequestException', /UDP/)
  await refused(targetGroup({ Name: 'x', VpcId: 'vpc-0' }), 'ValidationError', /'vpc-0' is not found/)
  const Targets = [{ Id: '8.8.8.8' }]
  const register = (input: elb.RegisterTargetsCommandInput) => client.send(new elb.RegisterTargetsCommand(input))
  await refused(register({ TargetGroupArn, Targets }), 'InvalidTargetException', /8\.8\.8\.8/)
  const many = Array.from({ length: 1_001 }, (_, index) => ({ Id: '10.0.0.1', Port: index + 1 }))
  await refused(register({ TargetGroupArn, Targets: many }), 'TooManyTargetsException')
  const none = { TargetGroupArn: absent(TargetGroupArn) }
  const Attributes = [{ Key: 'a', Value: 'b' }]
  await eachRefused(
    [
      register({ ...none, Targets }),
      client.send(new elb.DeregisterTargetsCommand({ ...none, Targets })),
      client.send(new elb.DescribeTargetHealthCommand(none)),
      client.send(new elb.ModifyTargetGroupCommand(none)),
      client.send(new elb.DescribeTargetGroupAttributesCommand(none)),
      client.send(new elb.ModifyTargetGroupAttributesCommand({ ...none, Attributes })),
      client.send(new elb.AddTagsCommand({ ResourceArns: [none.TargetGroupArn], Tags: [{ Key: 'a' }] })),
    ],
    'TargetGroupNotFoundException',
  )
})

test('listeners and rules: create, describe, change, order, delete', async () => {
  const { LoadBalancerArn } = await loadBalancer({ Name: 'ruled' })
  const { TargetGroupArn } = await targetGroup({ Name: 'ruled' })
  const forward: elb.Action = { Type: 'forward', TargetGroupArn }
  const made = await listener(LoadBalancerArn, { DefaultActions: [forward], Tags: [{ Key: 'a', Value: 'b' }] })
  const { ListenerArn } = made
  assert.deepEqual(made.DefaultActions?.[0]?.ForwardConfig?.TargetGroups, [{ TargetGroupArn, Weight: 1 }])
  const Conditions: elb.RuleCondition[] = [
    { Field: 'path-pattern', Values: ['/api/*'] },
    { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2' }] } },
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['1'] } },
  ]
  const input = { ListenerArn, Priority: 5, Conditions, Actions: [forward] }
  const [rule] = (await client.send(new elb.CreateRuleCommand(input))).Rules ?? []
  assert.deepEqual(rule?.Conditions, [
    { Field: 'path-pattern', Values: ['/api/*'], PathPatternConfig: { Values: ['/api/*'] } },
    ...Conditions.slice(1),
  ])
  const RuleArn = rule?.RuleArn
  await client.send(new elb.SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 7 }] }))
  const redirect: elb.Action = { Type: 'redirect', RedirectConfig: { Path: '/new', StatusCode: 'HTTP_302' } }
  await client.send(new elb.ModifyRuleCommand({ RuleArn, Actions: [redirect] }))
  const { Rules = [] } = await client.send(new elb.DescribeRulesCommand({ ListenerArn }))
  assert.deepEqual(
    Rules.map(({ Priority, IsDefault, Actions }) => [Priority, IsDefault, Actions?.[0]?.Type]),
    [
      ['7', false, 'redirect'],
      ['default', true, 'forward'],
    ],
  )
  assert.deepEqual(Rules[1]?.Conditions, [])
  const described = await client.send(new elb.DescribeTargetGroupsCommand({ LoadBalancerArn }))
  assert.deepEqual(described.TargetGroups?.[0]?.LoadBalancerArns, [LoadBalancerArn])
  const inUse = client.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }))
  await refused(inUse, 'ResourceInUseException', /is currently in use by a listener or a rule/)
  const changed = await client.send(new elb.ModifyListenerCommand({ ListenerArn, Port: 81, DefaultActions: [ok] }))
  assert.deepEqual(changed.Listeners?.[0]?.DefaultActions, [ok])
  const server = [{ Key: 'routing.http.response.server.enabled', Value: 'true' }]
  await client.send(new elb.ModifyListenerAttributesCommand({ ListenerArn, Attributes: server }))
  const { Attributes } = await client.send(new elb.DescribeListenerAttributesCommand({ ListenerArn }))
  assert.deepEqual(
    Attributes?.filter(({ Key }) => Key === server[0]?.Key),
    server,
  )
  await client.send(new elb.RemoveTagsCommand({ ResourceArns: [ListenerArn], TagKeys: ['a'] }))
  const tags = await client.send(new elb.DescribeTagsCommand({ ResourceArns: [ListenerArn] }))
  assert.deepEqual(tags.TagDescriptions, [{ ResourceArn: ListenerArn, Tags: [] }])
  await client.send(new elb.DeleteRuleCommand({ RuleArn }))
  await client.send(new elb.DeleteListenerCommand({ ListenerArn }))
  await client.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }))
  assert.deepEqual((await client.send(new elb.DescribeListenersCommand({ LoadBalancerArn }))).Listeners, [])
})

test('listeners and rules: their errors', async () => {
  const { LoadBalancerArn } = await loadBalancer({ Name: 'refusing' })
  const other = (await loadBalancer({ Name: 'refusing-too' })).LoadBalancerArn
  const { TargetGroupArn } = await targetGroup({ Name: 'refusing' })
  const tcp = (await targetGroup({ Name: 'refusing-tcp', Protocol: 'TCP' })).TargetGroupArn
  const forward = (arn: string): elb.Action => ({ Type: 'forward', TargetGroupArn: arn })
  const { ListenerArn } = await listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
  const on = (change: Partial<elb.CreateListenerCommandInput>) => listener(LoadBalancerArn, { Port: 81, ...change })
  await refused(on({ Port: 80 }), 'DuplicateListenerException', /already exists on this port/)
  await refused(on({ DefaultActions: [forward(tcp)] }), 'IncompatibleProtocolsException', /incompatible protocols/)
  await refused(on({ DefaultActions: [forward(absent(tcp))] }), 'TargetGroupNotFoundException')
  await refused(on({ DefaultActions: [{ Type: 'authenticate-oidc' }] }), 'InvalidLoadBalancerActionException')
  await refused(on({ DefaultActions: [ok, ok] }), 'TooManyActionsException')
  const CertificateArn = `arn:aws:acm:${REGION}:${stowage.accountId}:certificate/00000000-0000-4000-8000-000000000000`
  await refused(on({ Protocol: 'HTTPS', Certificates: [{ CertificateArn }] }), 'CertificateNotFoundException')
  const policy = on({ Protocol: 'HTTPS', SslPolicy: 'none', Certificates: [{ CertificateArn }] })
  await refused(policy, 'SSLPolicyNotFoundException', /'none' not found/)
  const taken = listener(other, { DefaultActions: [forward(TargetGroupArn)] })
  await refused(taken, 'TargetGroupAssociationLimitException', /more than one load balancer/)
  const Conditions = [{ Field: 'path-pattern', Values: ['/a'] }]
  const rule = (change: Partial<elb.CreateRuleCommandInput>) =>
    client.send(new elb.CreateRuleCommand({ ListenerArn, Priority: 1, Conditions, Actions: [ok], ...change }))
  const [made] = (await rule({})).Rules ?? []
  await refused(rule({}), 'PriorityInUseException', /^Priority '1' is currently in use$/)
  await refused(rule({ Priority: 0 }), 'ValidationError')
  await refused(rule({ Priority: 2, Conditions: [] }), 'ValidationError', /A condition must be specified/)
  const { Rules = [] } = await client.send(new elb.DescribeRulesCommand({ ListenerArn }))
  const standard = Rules.find(({ IsDefault }) => IsDefault)?.RuleArn
  const byDefault = client.send(new elb.DeleteRuleCommand({ RuleArn: standard }))
  await refused(byDefault, 'OperationNotPermittedException', /^Default rule '.*' cannot be deleted$/)
  const RuleArn = absent(made?.RuleArn ?? '')
  await eachRefused(
    [
      client.send(new elb.DeleteRuleCommand({ RuleArn })),
      client.send(new elb.ModifyRuleCommand({ RuleArn, Actions: [ok] })),
      client.send(new elb.DescribeRulesCommand({ RuleArns: [RuleArn] })),
      client.send(new elb.SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 3 }] })),
    ],
    'RuleNotFoundException',
  )
  const none = { ListenerArn: absent(ListenerArn) }
  await eachRefused(
    [
      client.send(new elb.DeleteListenerCommand(none)),
      client.send(new elb.ModifyListenerCommand(none)),
      client.send(new elb.DescribeListenersCommand({ ListenerArns: [none.ListenerArn] })),
      client.send(new elb.DescribeListenerAttributesCommand(none)),
      client.send(new elb.DescribeListenerCertificatesCommand(none)),
      client.send(new elb.AddListenerCertificatesCommand({ ...none, Certificates: [{ CertificateArn }] })),
      client.send(new elb.RemoveListenerCertificatesCommand({ ...none, Certificates: [{ CertificateArn }] })),
      client.send(new elb.DescribeRulesCommand(none)),
      rule(none),
    ],
    'ListenerNotFoundException',
  )
})

test('policies, limits, and what is not built', async () => {
  const { SslPolicies = [] } = await client.send(new elb.DescribeSSLPoliciesCommand({ PageSize: 400 }))
  assert(SslPolicies.some(({ Name, Ciphers }) => Name === 'ELBSecurityPolicy-2016-08' && Ciphers?.length))
  const { Limits = [] } = await client.send(new elb.DescribeAccountLimitsCommand({}))
  assert(Limits.some(({ Name, Max }) => Name === 'application-load-balancers' && Max === '50'))
  await refused(client.send(new elb.DescribeTrustStoresCommand({})), 'UnsupportedOperation', /not built in Stowage/)
})
