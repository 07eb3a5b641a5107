import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { targetGroups, targets } from '../../../store/load-balancing-tables.ts'
import { deleteListener } from '../listener/delete-listener.ts'
import { registerTargets } from '../target/register-targets.ts'
import { forward, testElbv2 } from '../test-elbv2.ts'
import { createTargetGroup } from './create-target-group.ts'
import { deleteTargetGroup } from './delete-target-group.ts'
import { describeTargetGroups } from './describe-target-groups.ts'
import { modifyTargetGroup } from './modify-target-group.ts'

const ABSENT = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef'

describe('CreateTargetGroup', () => {
  test('fills out the health check by protocol and version', async () => {
    const { targetGroup, vpcId } = await testElbv2()
    const { TargetGroupArn, ...http } = await targetGroup()
    assert.match(
      TargetGroupArn,
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup\/blue\/[0-9a-f]{16}$/,
    )
    assert.deepEqual(http, {
      TargetGroupName: 'blue',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
      TargetType: 'instance',
      ProtocolVersion: 'HTTP1',
      IpAddressType: 'ipv4',
    })
    const grpc = await targetGroup({ Name: 'grpc', ProtocolVersion: 'GRPC', TargetType: 'ip' })
    assert.deepEqual(
      [grpc.HealthCheckPath, grpc.Matcher, grpc.TargetType],
      ['/AWS.ALB/healthcheck', { GrpcCode: '12' }, 'ip'],
    )
    const tcp = await targetGroup({ Name: 'tcp', Protocol: 'TCP' })
    assert.deepEqual(
      [tcp.HealthCheckProtocol, tcp.HealthCheckTimeoutSeconds, tcp.HealthCheckPath, tcp.Matcher, tcp.ProtocolVersion],
      ['TCP', 10, undefined, undefined, undefined],
    )
    const tls = await targetGroup({ Name: 'tls', Protocol: 'TLS', HealthCheckProtocol: 'HTTP' })
    assert.deepEqual(
      [tls.HealthCheckTimeoutSeconds, tls.HealthCheckPath, tls.Matcher],
      [6, '/', { HttpCode: '200-399' }],
    )
  })

  test('the same again is the same; other settings under its name are refused', async () => {
    const { targetGroup, refused, vpcId, store } = await testElbv2()
    const first = await targetGroup()
    assert.equal((await targetGroup()).TargetGroupArn, first.TargetGroupArn)
    await refused(
      createTargetGroup,
      { Name: 'blue', Protocol: 'HTTP', Port: 81, VpcId: vpcId },
      'DuplicateTargetGroupName',
      "A target group with the same name 'blue' exists, but with different settings",
    )
    assert.equal(store.size(targetGroups), 1)
  })

  test('refuses what is wrong and what is not built, by name', async () => {
    const { refused, vpcId, store } = await testElbv2()
    const create = (change: object, code: string, message: RegExp) =>
      refused(createTargetGroup, { Name: 'x', Protocol: 'HTTP', Port: 80, VpcId: vpcId, ...change }, code, message)
    await create({ Name: 'a b' }, 'ValidationError', /Target group name 'a b'/)
    await create({ Port: undefined }, 'ValidationError', /^A port must be specified$/)
    await create({ Port: 0 }, 'ValidationError', /'port'/)
    await create({ Protocol: undefined }, 'ValidationError', /^A protocol must be specified$/)
    await create({ VpcId: undefined }, 'ValidationError', /^A VPC ID must be specified$/)
    await create({ VpcId: 'vpc-none' }, 'ValidationError', /The VPC ID 'vpc-none' is not found/)
    for (const Protocol of ['UDP', 'TCP_UDP', 'QUIC', 'GENEVE'])
      await create({ Protocol }, 'InvalidConfigurationRequest', new RegExp(`Protocol '${Protocol}'`))
    for (const TargetType of ['lambda', 'alb'])
      await create({ TargetType }, 'InvalidConfigurationRequest', new RegExp(`TargetType '${TargetType}'`))
    await create({ IpAddressType: 'ipv6' }, 'InvalidConfigurationRequest', /ipv6/)
    await create({ TargetControlPort: 3000 }, 'InvalidConfigurationRequest', /TargetControlPort/)
    await create({ ProtocolVersion: 'HTTP3' }, 'ValidationError', /HTTP3/)
    await create({ Protocol: 'TCP', ProtocolVersion: 'HTTP2' }, 'ValidationError', /protocol version/)
    const timing = { HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 10 }
    await create(timing, 'ValidationError', /^Health check interval must be greater than the timeout.$/)
    await create({ HealthCheckIntervalSeconds: 4 }, 'ValidationError', /greater than or equal to 5/)
    await create({ UnhealthyThresholdCount: 11 }, 'ValidationError', /less than or equal to 10/)
    await create({ HealthCheckPath: 'x' }, 'ValidationError', /Health check path 'x' must begin with a '\/' character/)
    await create({ HealthCheckPort: '0' }, 'ValidationError', /Health check port/)
    await create({ HealthCheckProtocol: 'TCP' }, 'ValidationError', /Health check protocol 'TCP'/)
    await create({ HealthCheckEnabled: false }, 'InvalidConfigurationRequest', /must be true/)
    for (const HttpCode of ['500', '300-200', '2', '200,', ''])
      await create({ Matcher: { HttpCode } }, 'ValidationError', /matcher HTTP code/)
    await create({ Matcher: { GrpcCode: '0' } }, 'ValidationError', /HTTP code/)
    const tcp = { Protocol: 'TCP', Matcher: { HttpCode: '200' } }
    await create(tcp, 'InvalidConfigurationRequest', /not supported for health checks with the TCP protocol/)
    assert.equal(store.size(targetGroups), 0)
  })
})

describe('DescribeTargetGroups, ModifyTargetGroup, DeleteTargetGroup', () => {
  test('are found by ARN, name and load balancer, and know which that is', async () => {
    const { targetGroup, loadBalancer, listener, call, refused } = await testElbv2()
    const { TargetGroupArn } = await targetGroup()
    await targetGroup({ Name: 'green' })
    const { LoadBalancerArn } = await loadBalancer()
    await listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
    const names = async (input: object) =>
      (await call(describeTargetGroups, input)).TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)
    assert.deepEqual(await names({}), ['blue', 'green'])
    assert.deepEqual(await names({ LoadBalancerArn }), ['blue'])
    assert.deepEqual(await names({ TargetGroupArns: [TargetGroupArn] }), ['blue'])
    const { TargetGroups } = await call(describeTargetGroups, { Names: ['blue'] })
    assert.deepEqual(TargetGroups?.[0]?.LoadBalancerArns, [LoadBalancerArn])
    const absent = 'One or more target groups not found'
    await refused(describeTargetGroups, { Names: ['none'] }, 'TargetGroupNotFound', absent)
    await refused(describeTargetGroups, { TargetGroupArns: [ABSENT] }, 'TargetGroupNotFound', absent)
    const other = ABSENT.replace('targetgroup/', 'loadbalancer/app/')
    await refused(describeTargetGroups, { LoadBalancerArn: other }, 'LoadBalancerNotFound')
  })

  test('a change keeps what it does not name, and is checked as a whole', async () => {
    const { targetGroup, call, refused } = await testElbv2()
    const { TargetGroupArn } = await targetGroup({ HealthCheckPath: '/up', Matcher: { HttpCode: '204' } })
    const answer = await call(modifyTargetGroup, { TargetGroupArn, HealthCheckIntervalSeconds: 6 })
    const [group] = answer.TargetGroups ?? []
    assert.deepEqual(
      [group?.HealthCheckIntervalSeconds, group?.HealthCheckPath, group?.Matcher],
      [6, '/up', { HttpCode: '204' }],
    )
    await refused(modifyTargetGroup, { TargetGroupArn, HealthCheckIntervalSeconds: 5 }, 'ValidationError', /interval/)
    await refused(modifyTargetGroup, { TargetGroupArn: ABSENT }, 'TargetGroupNotFound')
  })

  test('it goes with its targets, but not while something forwards to it', async () => {
    const { targetGroup, loadBalancer, listener, call, refused, store } = await testElbv2()
    const { TargetGroupArn } = await targetGroup({ TargetType: 'ip' })
    await call(registerTargets, { TargetGroupArn, Targets: [{ Id: '10.0.0.1' }] })
    const { LoadBalancerArn } = await loadBalancer()
    const { ListenerArn } = await listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
    const text = `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`
    await refused(deleteTargetGroup, { TargetGroupArn }, 'ResourceInUse', text)
    await call(deleteListener, { ListenerArn })
    await call(deleteTargetGroup, { TargetGroupArn })
    assert.deepEqual([store.size(targetGroups), store.size(targets)], [0, 0])
    await call(deleteTargetGroup, { TargetGroupArn })
  })
})
