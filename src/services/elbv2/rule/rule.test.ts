import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Action, CreateRuleInput, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { rules } from '../../../store/load-balancing-tables.ts'
import { modifyTargetGroupAttributes } from '../attribute/modify-target-group-attributes.ts'
import { forward, OK, type TestElbv2, testElbv2 } from '../test-elbv2.ts'
import { createRule } from './create-rule.ts'
import { deleteRule } from './delete-rule.ts'
import { describeRules } from './describe-rules.ts'
import { modifyRule } from './modify-rule.ts'
import { setRulePriorities } from './set-rule-priorities.ts'

const path = (...Values: string[]): RuleCondition => ({ Field: 'path-pattern', Values })

const withListener = async (): Promise<
  TestElbv2 & { readonly ListenerArn: string; readonly LoadBalancerArn: string }
> => {
  const elb = await testElbv2()
  const { LoadBalancerArn } = await elb.loadBalancer()
  return { ...elb, LoadBalancerArn, ListenerArn: (await elb.listener(LoadBalancerArn)).ListenerArn }
}

const made = async (
  { call, ListenerArn }: { readonly call: TestElbv2['call']; readonly ListenerArn: string },
  change: Partial<CreateRuleInput> = {},
) => {
  const input = { ListenerArn, Priority: 10, Conditions: [path('/a')], Actions: [OK], ...change }
  const [rule] = (await call(createRule, input)).Rules ?? []
  assert(rule?.RuleArn)
  return { ...rule, RuleArn: rule.RuleArn }
}

describe('conditions', () => {
  test('are answered as AWS fills them out', async () => {
    const elb = await withListener()
    const shown = async (...Conditions: RuleCondition[]) => {
      const rule = await made(elb, { Conditions })
      await elb.call(deleteRule, { RuleArn: rule.RuleArn })
      return rule.Conditions
    }
    const images = { Field: 'path-pattern', Values: ['/img/*'], PathPatternConfig: { Values: ['/img/*'] } }
    assert.deepEqual(await shown(path('/img/*')), [images])
    assert.deepEqual(await shown({ Field: 'path-pattern', PathPatternConfig: { Values: ['/img/*'] } }), [images])
    // As a client sends back what it was answered.
    assert.deepEqual(await shown(images), [images])
    const host = { Field: 'host-header', Values: ['*.example.com'], HostHeaderConfig: { Values: ['*.example.com'] } }
    assert.deepEqual(await shown({ Field: 'host-header', Values: ['*.example.com'] }), [host])
    const others: RuleCondition[] = [
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['b*'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: '2' }] } },
      { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
    ]
    assert.deepEqual(await shown(...others), others)
    const ipv6 = [{ Field: 'source-ip', SourceIpConfig: { Values: ['2001:db8::/32'] } }]
    assert.deepEqual(await shown(...ipv6), ipv6)
  })

  test('what is no condition is refused', async () => {
    const { refused, ListenerArn, store } = await withListener()
    const refuse = (Conditions: RuleCondition[], message: RegExp, code = 'ValidationError') =>
      refused(createRule, { ListenerArn, Priority: 1, Conditions, Actions: [OK] }, code, message)
    await refuse([], /A condition must be specified/)
    await refuse([{ Field: 'cookie', Values: ['a'] }], /Condition field 'cookie'/)
    await refuse([path()], /A condition value must be specified/)
    await refuse([path('')], /^A condition value cannot be empty$/)
    await refuse([path('/a'), path('/b')], /can only have one 'path-pattern' condition/)
    await refuse([path('/1', '/2', '/3', '/4', '/5', '/6')], /can only have '5' condition values/)
    await refuse([path('/*/*/*/???')], /can only have '5' condition wildcards/)
    await refuse([path('/ä')], /path pattern condition value/)
    await refuse([{ Field: 'host-header', Values: ['localhost'] }], /host header condition value 'localhost'/)
    await refuse([{ Field: 'host-header', Values: ['a.b'], HostHeaderConfig: { Values: ['c.d'] } }], /not both/)
    await refuse([{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }], /CIDR/)
    await refuse([{ Field: 'source-ip', SourceIpConfig: { Values: ['255.255.255.255/32'] } }], /CIDR/)
    await refuse([{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }], /method/)
    const header = { HttpHeaderName: 'Host', Values: ['a'] }
    await refuse([{ Field: 'http-header', HttpHeaderConfig: header }], /host-header/)
    await refuse([{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }], /cannot be empty/)
    const regex = { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/a'] } }
    await refuse([regex], /RegexValues/, 'InvalidConfigurationRequest')
    assert.equal(store.size(rules), 1)
  })
})

describe('actions', () => {
  test('are answered as AWS fills them out', async () => {
    const elb = await withListener()
    const { TargetGroupArn } = await elb.targetGroup()
    const other = (await elb.targetGroup({ Name: 'green' })).TargetGroupArn
    let Priority = 1
    const shown = async (action: Action) => (await made(elb, { Priority: Priority++, Actions: [action] })).Actions?.[0]
    const one = { TargetGroups: [{ TargetGroupArn, Weight: 1 }], TargetGroupStickinessConfig: { Enabled: false } }
    const single = { Type: 'forward', TargetGroupArn, ForwardConfig: one } as const
    assert.deepEqual(await shown({ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn }] } }), single)
    assert.deepEqual(await shown({ ...forward(TargetGroupArn), Order: 1 }), { ...single, Order: 1 })
    const weighted = {
      TargetGroups: [
        { TargetGroupArn, Weight: 90 },
        { TargetGroupArn: other, Weight: 10 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    }
    assert.deepEqual(await shown({ Type: 'forward', ForwardConfig: weighted }), {
      Type: 'forward',
      ForwardConfig: weighted,
    })
    const RedirectConfig = { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } as const
    assert.deepEqual(await shown({ Type: 'redirect', RedirectConfig }), {
      Type: 'redirect',
      RedirectConfig: { ...RedirectConfig, Host: '#{host}', Path: '/#{path}', Query: '#{query}' },
    })
    const FixedResponseConfig = { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'later' }
    const fixed = { Type: 'fixed-response', FixedResponseConfig } as const
    assert.deepEqual(await shown(fixed), fixed)
  })

  test('what cannot be done is refused', async () => {
    const elb = await withListener()
    const { refused, ListenerArn, store, targetGroup, call } = elb
    const { TargetGroupArn } = await targetGroup()
    const other = (await targetGroup({ Name: 'green' })).TargetGroupArn
    const refuse = (action: Action | Action[], message: RegExp, code = 'InvalidLoadBalancerAction') => {
      const Actions = Array.isArray(action) ? action : [action]
      return refused(createRule, { ListenerArn, Priority: 1, Conditions: [path('/a')], Actions }, code, message)
    }
    const redirect = (config: object): Action => ({
      Type: 'redirect',
      RedirectConfig: { StatusCode: 'HTTP_302', ...config },
    })
    const groups = (TargetGroups: object[], more = {}): Action => ({
      Type: 'forward',
      ForwardConfig: { TargetGroups, ...more },
    })
    await refuse([], /An action must be specified/, 'ValidationError')
    await refuse([OK, OK], /exactly one/, 'TooManyActions')
    await refuse({ Type: 'authenticate-oidc' }, /Actions.Type 'authenticate-oidc'/)
    await refuse({ Type: 'forward' }, /configuration of a 'forward' action must be specified/)
    await refuse({ ...OK, TargetGroupArn }, /'forward' action cannot be specified/)
    await refuse({ ...groups([{ TargetGroupArn }]), TargetGroupArn: other }, /must be the same/)
    await refuse(groups([{ TargetGroupArn }, { TargetGroupArn }]), /more than once/, 'ValidationError')
    await refuse(groups([{ TargetGroupArn, Weight: 1000 }]), /weight/, 'ValidationError')
    await refuse(groups(Array.from({ length: 6 }, () => ({ TargetGroupArn }))), /at most 5 target groups/)
    const sticky = { TargetGroupStickinessConfig: { Enabled: true } }
    await refuse(groups([{ TargetGroupArn }], sticky), /duration/, 'ValidationError')
    await refuse(redirect({}), /^The redirect configuration is not valid because it creates a loop.$/)
    await refuse(redirect({ Protocol: 'HTTP' }), /loop/)
    await refuse(redirect({ Protocol: 'FTP' }), /FTP/, 'ValidationError')
    await refuse(redirect({ Port: '70000' }), /70000/, 'ValidationError')
    await refuse(redirect({ Path: 'x' }), /begin with a '\/'/, 'ValidationError')
    await refuse(redirect({ Query: '?a' }), /query/, 'ValidationError')
    await refuse(redirect({ Host: '#{path}' }), /cannot contain '#\{path\}'/, 'ValidationError')
    const answer = (config: object): Action => ({
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '200', ...config },
    })
    await refuse(answer({ StatusCode: '302' }), /2XX, 4XX or 5XX/, 'ValidationError')
    await refuse(answer({ ContentType: 'image/png' }), /content type/, 'ValidationError')
    await refuse(answer({ MessageBody: 'a'.repeat(1_025) }), /1024/, 'ValidationError')
    const set = (Attributes: { Key: string; Value: string }[]) =>
      call(modifyTargetGroupAttributes, { TargetGroupArn, Attributes })
    await set([{ Key: 'stickiness.enabled', Value: 'true' }])
    await refuse(groups([{ TargetGroupArn }, { TargetGroupArn: other }]), /group level stickiness/)
    await set([
      { Key: 'stickiness.type', Value: 'app_cookie' },
      { Key: 'stickiness.app_cookie.cookie_name', Value: 'session' },
    ])
    await refuse(groups([{ TargetGroupArn }, { TargetGroupArn: other }]), /app_cookie/)
    assert.equal(store.size(rules), 1)
  })

  test('an HTTPS listener does not redirect to HTTP, and forwards to HTTP/2 and gRPC', async () => {
    const elb = await withListener()
    const Certificates = [{ CertificateArn: await elb.certificate('one') }]
    const { ListenerArn } = await elb.listener(elb.LoadBalancerArn, { Protocol: 'HTTPS', Port: 443, Certificates })
    const Actions: Action[] = [
      { Type: 'redirect', RedirectConfig: { Protocol: 'HTTP', Port: '80', StatusCode: 'HTTP_301' } },
    ]
    const input = { ListenerArn, Priority: 1, Conditions: [path('/a')], Actions }
    await elb.refused(createRule, input, 'InvalidLoadBalancerAction', /HTTPS to HTTP/)
    for (const [index, ProtocolVersion] of ['HTTP2', 'GRPC'].entries()) {
      const { TargetGroupArn } = await elb.targetGroup({ Name: ProtocolVersion, ProtocolVersion })
      const own = { call: elb.call, ListenerArn }
      await made(own, { Priority: index + 1, Actions: [forward(TargetGroupArn)] })
    }
  })
})

describe('rules', () => {
  test('are listed in the order in which they are looked at, the default one last', async () => {
    const elb = await withListener()
    for (const Priority of [50_000, 2, 100]) await made(elb, { Priority })
    const { ListenerArn } = elb
    const seen: string[] = []
    for (let Marker: string | undefined, first = true; first || Marker; first = false) {
      const answer = await elb.call(describeRules, { ListenerArn, PageSize: 3, Marker })
      seen.push(...(answer.Rules ?? []).map(({ Priority = '' }) => Priority))
      Marker = answer.NextMarker
    }
    assert.deepEqual(seen, ['2', '100', '50000', 'default'])
  })

  test('a priority is one rule’s; it is from 1 to 50000; there are at most 200', async () => {
    const elb = await withListener()
    const { refused, ListenerArn } = elb
    const refuse = (Priority: number, code: string, message?: RegExp | string) =>
      refused(createRule, { ListenerArn, Priority, Conditions: [path('/b')], Actions: [OK] }, code, message)
    for (let Priority = 1; Priority <= 200; Priority++) await made(elb, { Priority })
    await refuse(10, 'PriorityInUse', "Priority '10' is currently in use")
    await refuse(0, 'ValidationError')
    await refuse(50_001, 'ValidationError')
    await refuse(201, 'TooManyRules')
    const absent = {
      ListenerArn: `${ListenerArn.slice(0, -4)}0000`,
      Priority: 1,
      Conditions: [path('/')],
      Actions: [OK],
    }
    await refused(createRule, absent, 'ListenerNotFound')
  })

  test('of a network load balancer there are none, and transforms are not built', async () => {
    const elb = await withListener()
    const net = await elb.loadBalancer({ Name: 'net', Type: 'network' })
    const { TargetGroupArn } = await elb.targetGroup({ Name: 'tcp', Protocol: 'TCP' })
    const DefaultActions = [forward(TargetGroupArn)]
    const { ListenerArn } = await elb.listener(net.LoadBalancerArn, { Protocol: 'TCP', DefaultActions })
    const input = { ListenerArn, Priority: 1, Conditions: [path('/')], Actions: [forward(TargetGroupArn)] }
    await elb.refused(createRule, input, 'UnsupportedProtocol')
    const own: CreateRuleInput = { ...input, ListenerArn: elb.ListenerArn, Transforms: [{ Type: 'url-rewrite' }] }
    await elb.refused(createRule, own, 'InvalidConfigurationRequest', /Transforms/)
  })

  test('ModifyRule replaces what is named; a default rule is not its business', async () => {
    const elb = await withListener()
    const { RuleArn } = await made(elb)
    const { TargetGroupArn } = await elb.targetGroup()
    const changed = await elb.call(modifyRule, { RuleArn, Actions: [forward(TargetGroupArn)] })
    assert.deepEqual(
      [changed.Rules?.[0]?.Conditions?.[0]?.Values, changed.Rules?.[0]?.Actions?.[0]?.TargetGroupArn],
      [['/a'], TargetGroupArn],
    )
    const again = await elb.call(modifyRule, { RuleArn, Conditions: [path('/b')] })
    assert.deepEqual(again.Rules?.[0]?.Actions?.[0]?.TargetGroupArn, TargetGroupArn)
    const { Rules = [] } = await elb.call(describeRules, { ListenerArn: elb.ListenerArn })
    const standard = Rules.find(({ IsDefault }) => IsDefault)?.RuleArn
    await elb.refused(modifyRule, { RuleArn: standard, Actions: [OK] }, 'OperationNotPermitted')
    await elb.refused(
      deleteRule,
      { RuleArn: standard },
      'OperationNotPermitted',
      `Default rule '${standard}' cannot be deleted`,
    )
    await elb.call(deleteRule, { RuleArn })
    await elb.refused(deleteRule, { RuleArn }, 'RuleNotFound')
    await elb.refused(modifyRule, { RuleArn, Actions: [OK] }, 'RuleNotFound')
    await elb.refused(describeRules, { RuleArns: [RuleArn] }, 'RuleNotFound', 'One or more rules not found')
    await elb.refused(describeRules, {}, 'ValidationError')
  })

  test('SetRulePriorities lets rules change places, all or none', async () => {
    const elb = await withListener()
    const [one, two] = [await made(elb, { Priority: 1 }), await made(elb, { Priority: 2 })]
    await made(elb, { Priority: 3 })
    const set = (first: number, second: number) => ({
      RulePriorities: [
        { RuleArn: one.RuleArn, Priority: first },
        { RuleArn: two.RuleArn, Priority: second },
      ],
    })
    const order = async () => {
      const { Rules = [] } = await elb.call(describeRules, { ListenerArn: elb.ListenerArn })
      return Rules.flatMap(({ RuleArn }) => (RuleArn === one.RuleArn ? '1' : RuleArn === two.RuleArn ? '2' : []))
    }
    const answer = await elb.call(setRulePriorities, set(2, 1))
    assert.deepEqual(
      answer.Rules?.map(({ Priority }) => Priority),
      ['2', '1'],
    )
    assert.deepEqual(await order(), ['2', '1'])
    await elb.refused(setRulePriorities, set(1, 3), 'PriorityInUse', "Priority '3' is currently in use")
    await elb.refused(setRulePriorities, set(9, 9), 'PriorityInUse')
    await elb.refused(setRulePriorities, { RulePriorities: [] }, 'ValidationError')
    const absent = [{ RuleArn: `${one.RuleArn.slice(0, -4)}0000`, Priority: 9 }]
    await elb.refused(setRulePriorities, { RulePriorities: absent }, 'RuleNotFound')
    assert.deepEqual(await order(), ['2', '1'])
  })
})
