import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attributeOfTargetGroup } from '../../../domain/load-balancing/attributes.ts'
import { loadBalancers, targetGroups } from '../../../store/load-balancing-tables.ts'
import { forward, testElbv2 } from '../test-elbv2.ts'
import type { Attribute } from './attributes.ts'
import { describeListenerAttributes } from './describe-listener-attributes.ts'
import { describeLoadBalancerAttributes } from './describe-load-balancer-attributes.ts'
import { describeTargetGroupAttributes } from './describe-target-group-attributes.ts'
import { modifyListenerAttributes } from './modify-listener-attributes.ts'
import { modifyLoadBalancerAttributes } from './modify-load-balancer-attributes.ts'
import { modifyTargetGroupAttributes } from './modify-target-group-attributes.ts'

const record = (attributes: readonly Attribute[] | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries((attributes ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

const one = (Key: string, Value: string) => [{ Key, Value }]

describe('attributes of load balancers', () => {
  test('have their type’s defaults, and what was set', async () => {
    const { loadBalancer, call, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const app = record((await call(describeLoadBalancerAttributes, { LoadBalancerArn })).Attributes)
    assert.equal(app['idle_timeout.timeout_seconds'], '60')
    assert.equal(app['routing.http2.enabled'], 'true')
    assert.equal(app['deletion_protection.enabled'], 'false')
    assert.equal(app['access_logs.s3.bucket'], '')
    const changed = await call(modifyLoadBalancerAttributes, {
      LoadBalancerArn,
      Attributes: [...one('idle_timeout.timeout_seconds', '4000'), ...one('access_logs.s3.enabled', 'false')],
    })
    assert.equal(record(changed.Attributes)['idle_timeout.timeout_seconds'], '4000')
    assert.deepEqual(store.get(loadBalancers, LoadBalancerArn)?.attributes['idle_timeout.timeout_seconds'], '4000')
    const net = await loadBalancer({ Name: 'net', Type: 'network', Scheme: 'internal' })
    const network = record((await call(describeLoadBalancerAttributes, net)).Attributes)
    assert.equal(network['load_balancing.cross_zone.enabled'], 'false')
    assert.equal(network['ipv6.deny_all_igw_traffic'], 'true')
    assert.equal(network['idle_timeout.timeout_seconds'], undefined)
  })

  test('refuses unknown keys, bad values and what is not built; all or none', async () => {
    const { loadBalancer, refused, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const refuse = (Attributes: Attribute[], message: RegExp, code = 'ValidationError') =>
      refused(
        modifyLoadBalancerAttributes,
        { LoadBalancerArn, Attributes: [...one('idle_timeout.timeout_seconds', '5'), ...Attributes] },
        code,
        message,
      )
    await refuse(one('none', '1'), /Load balancer attribute key 'none' is not recognized/)
    await refuse(one('constructor', '1'), /not recognized/)
    await refuse(one('idle_timeout.timeout_seconds', '4001'), /from 1 to 4000/)
    await refuse(one('routing.http2.enabled', 'yes'), /true, false/)
    await refuse(one('access_logs.s3.enabled', 'true'), /access_logs.s3.bucket/, 'InvalidConfigurationRequest')
    await refuse(one('access_logs.s3.bucket', '../up'), /a name of an S3 bucket/)
    await refuse(one('access_logs.s3.prefix', 'a/../b'), /a path without/)
    await refuse(one('connection_logs.s3.enabled', 'true'), /connection_logs/, 'InvalidConfigurationRequest')
    assert.deepEqual(store.get(loadBalancers, LoadBalancerArn)?.attributes, {})
    await refused(modifyLoadBalancerAttributes, { LoadBalancerArn, Attributes: [] }, 'ValidationError')
    const LoadBalancerArns = `${LoadBalancerArn.slice(0, -4)}0000`
    await refused(describeLoadBalancerAttributes, { LoadBalancerArn: LoadBalancerArns }, 'LoadBalancerNotFound')
  })
})

describe('attributes of target groups', () => {
  test('have their protocol’s defaults, and what was set; what does not go together is refused', async () => {
    const { targetGroup, call, refused, store } = await testElbv2()
    const { TargetGroupArn } = await targetGroup()
    const described = record((await call(describeTargetGroupAttributes, { TargetGroupArn })).Attributes)
    assert.equal(described['deregistration_delay.timeout_seconds'], '300')
    assert.equal(described['stickiness.type'], 'lb_cookie')
    const set = (Attributes: Attribute[]) => call(modifyTargetGroupAttributes, { TargetGroupArn, Attributes })
    await set(one('deregistration_delay.timeout_seconds', '0'))
    await set([...one('slow_start.duration_seconds', '30'), ...one('load_balancing.algorithm.type', 'round_robin')])
    const row = store.get(targetGroups, TargetGroupArn)
    assert(row)
    assert.equal(attributeOfTargetGroup(row, 'deregistration_delay.timeout_seconds'), '0')
    assert.equal(attributeOfTargetGroup(row, 'stickiness.enabled'), 'false')
    const refuse = (Attributes: Attribute[], code: string, message: RegExp) =>
      refused(modifyTargetGroupAttributes, { TargetGroupArn, Attributes }, code, message)
    await refuse(one('slow_start.duration_seconds', '29'), 'ValidationError', /0 or a whole number from 30 to 900/)
    const least = one('load_balancing.algorithm.type', 'least_outstanding_requests')
    await refuse(least, 'InvalidConfigurationRequest', /Slow start/)
    await refuse(one('stickiness.app_cookie.cookie_name', 'AWSALBTG'), 'ValidationError', /AWSALB/)
    const app = [...one('stickiness.enabled', 'true'), ...one('stickiness.type', 'app_cookie')]
    await refuse(app, 'InvalidConfigurationRequest', /cookie name/)
    await refuse(one('proxy_protocol_v2.enabled', 'true'), 'ValidationError', /not recognized/)
    const tcp = await targetGroup({ Name: 'tcp', Protocol: 'TCP' })
    const Attributes = one('proxy_protocol_v2.enabled', 'true')
    const answer = await call(modifyTargetGroupAttributes, { TargetGroupArn: tcp.TargetGroupArn, Attributes })
    assert.equal(record(answer.Attributes)['proxy_protocol_v2.enabled'], 'true')
    assert.equal(record(answer.Attributes)['stickiness.type'], 'source_ip')
  })
})

describe('attributes of listeners', () => {
  test('have their protocol’s defaults, and what was set', async () => {
    const { loadBalancer, listener, targetGroup, call, refused } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const { ListenerArn } = await listener(LoadBalancerArn)
    const described = record((await call(describeListenerAttributes, { ListenerArn })).Attributes)
    assert.equal(described['routing.http.response.server.enabled'], 'true')
    const header = (name: string, value: string) => one(`routing.http.response.${name}.header_value`, value)
    const hidden = one('routing.http.response.server.enabled', 'false')
    const strict = header('strict_transport_security', 'max-age=31536000; includeSubDomains')
    const set = await call(modifyListenerAttributes, { ListenerArn, Attributes: [...hidden, ...strict] })
    assert.equal(record(set.Attributes)['routing.http.response.server.enabled'], 'false')
    assert.equal(
      record(set.Attributes)['routing.http.response.strict_transport_security.header_value'],
      'max-age=31536000; includeSubDomains',
    )
    for (const bad of [header('x_content_type_options', 'sniff'), header('content_security_policy', 'a\r\nb: c')])
      await refused(modifyListenerAttributes, { ListenerArn, Attributes: bad }, 'ValidationError', /is not valid/)
    const idle = one('tcp.idle_timeout.seconds', '60')
    await refused(modifyListenerAttributes, { ListenerArn, Attributes: idle }, 'ValidationError', /not recognized/)
    const net = await loadBalancer({ Name: 'net', Type: 'network' })
    const { TargetGroupArn } = await targetGroup({ Protocol: 'TCP' })
    const DefaultActions = [forward(TargetGroupArn)]
    const tcp = await listener(net.LoadBalancerArn, { Protocol: 'TCP', DefaultActions })
    const before = await call(describeListenerAttributes, { ListenerArn: tcp.ListenerArn })
    assert.deepEqual(record(before.Attributes), { 'tcp.idle_timeout.seconds': '350' })
    const after = await call(modifyListenerAttributes, { ListenerArn: tcp.ListenerArn, Attributes: idle })
    assert.deepEqual(record(after.Attributes), { 'tcp.idle_timeout.seconds': '60' })
  })
})
