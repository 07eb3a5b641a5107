import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateListenerInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listeners, rules } from '../../../store/load-balancing-tables.ts'
import { createRule } from '../rule/create-rule.ts'
import { describeRules } from '../rule/describe-rules.ts'
import { forward, OK, testElbv2 } from '../test-elbv2.ts'
import { createListener } from './create-listener.ts'
import { deleteListener } from './delete-listener.ts'
import { describeListeners } from './describe-listeners.ts'
import { describeSSLPolicies } from './describe-ssl-policies.ts'
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from './listener-certificates.ts'
import { modifyListener } from './modify-listener.ts'

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/none'

describe('CreateListener', () => {
  test('forwards to a target group, as AWS answers it, by a default rule', async () => {
    const { loadBalancer, targetGroup, listener, call } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const { TargetGroupArn } = await targetGroup()
    const made = await listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
    const DefaultActions = [
      {
        Type: 'forward',
        TargetGroupArn,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]
    const { ListenerArn } = made
    assert.match(ListenerArn, /:listener\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}$/)
    assert.deepEqual(made, { ListenerArn, LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions })
    const { Rules = [] } = await call(describeRules, { ListenerArn })
    assert.match(Rules[0]?.RuleArn ?? '', /:listener-rule\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/)
    const { RuleArn: _, ...rule } = Rules[0] ?? {}
    assert.deepEqual(rule, { Priority: 'default', Conditions: [], Actions: DefaultActions, IsDefault: true })
  })

  test('with TLS it has its certificate and a policy', async () => {
    const { loadBalancer, listener, targetGroup, certificate } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const CertificateArn = await certificate('one')
    const made = await listener(LoadBalancerArn, { Protocol: 'HTTPS', Port: 443, Certificates: [{ CertificateArn }] })
    assert.deepEqual(
      [made.Certificates, made.SslPolicy, made.MutualAuthentication],
      [[{ CertificateArn }], 'ELBSecurityPolicy-2016-08', { Mode: 'off' }],
    )
    const net = await loadBalancer({ Name: 'net', Type: 'network' })
    const { TargetGroupArn } = await targetGroup({ Protocol: 'TCP' })
    const tls = await listener(net.LoadBalancerArn, {
      Protocol: 'TLS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn }],
      AlpnPolicy: ['HTTP2Preferred'],
      DefaultActions: [forward(TargetGroupArn)],
    })
    assert.deepEqual(
      [tls.AlpnPolicy, tls.SslPolicy, tls.MutualAuthentication],
      [['HTTP2Preferred'], 'ELBSecurityPolicy-TLS13-1-2-2021-06', undefined],
    )
  })

  test('the same again is the same; another on its port is refused', async () => {
    const { loadBalancer, listener, refused, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const first = await listener(LoadBalancerArn)
    assert.equal((await listener(LoadBalancerArn)).ListenerArn, first.ListenerArn)
    const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } } as const]
    await refused(
      createListener,
      { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions },
      'DuplicateListener',
      `A listener already exists on this port for this load balancer '${LoadBalancerArn}'`,
    )
    assert.deepEqual([store.size(listeners), store.size(rules)], [1, 1])
  })

  test('refuses what does not fit its load balancer or its protocol, and changes nothing', async () => {
    const { loadBalancer, targetGroup, certificate, refused, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const net = (await loadBalancer({ Name: 'net', Type: 'network' })).LoadBalancerArn
    const http = (await targetGroup()).TargetGroupArn
    const tcp = (await targetGroup({ Name: 'tcp', Protocol: 'TCP' })).TargetGroupArn
    const grpc = (await targetGroup({ Name: 'grpc', ProtocolVersion: 'GRPC' })).TargetGroupArn
    const CertificateArn = await certificate('one')
    const create = (change: Partial<CreateListenerInput>, code: string, message: RegExp) =>
      refused(
        createListener,
        { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: [OK], ...change },
        code,
        message,
      )
    await create({ Port: undefined }, 'ValidationError', /^A port must be specified$/)
    await create({ Protocol: undefined }, 'ValidationError', /protocol must be specified/)
    await create({ Protocol: 'TCP' }, 'ValidationError', /must be one of 'HTTP, HTTPS'/)
    await create({ LoadBalancerArn: net }, 'ValidationError', /must be one of 'TCP, TLS'/)
    await create({ LoadBalancerArn: net, Protocol: 'UDP' }, 'UnsupportedProtocol', /'UDP'/)
    await create({ LoadBalancerArn: net, Protocol: 'TCP' }, 'InvalidLoadBalancerAction', /fixed-response/)
    await create({ LoadBalancerArn: `${LoadBalancerArn.slice(0, -4)}0000` }, 'LoadBalancerNotFound', /not found/)
    await create({ SslPolicy: 'x' }, 'ValidationError', /^An SSL policy cannot be specified for HTTP listeners$/)
    await create({ Certificates: [{ CertificateArn }] }, 'ValidationError', /certificate cannot be specified/)
    await create({ AlpnPolicy: ['HTTP2Only'] }, 'ValidationError', /ALPN/)
    const https: Partial<CreateListenerInput> = { Protocol: 'HTTPS', Certificates: [{ CertificateArn }] }
    await create({ Protocol: 'HTTPS' }, 'ValidationError', /^A certificate must be specified for HTTPS listeners$/)
    await create({ ...https, SslPolicy: 'no' }, 'SSLPolicyNotFound', /^SSL policy 'no' not found$/)
    const none = [{ CertificateArn: CERTIFICATE }]
    await create({ ...https, Certificates: none }, 'CertificateNotFound', /^Certificate '.*none' not found$/)
    await create({ ...https, Certificates: [...none, ...none] }, 'ValidationError', /one certificate/)
    await create({ ...https, MutualAuthentication: { Mode: 'verify' } }, 'InvalidConfigurationRequest', /MutualAuth/)
    const tls: Partial<CreateListenerInput> = { ...https, LoadBalancerArn: net, Protocol: 'TLS' }
    await create({ ...tls, DefaultActions: [forward(tcp)], AlpnPolicy: ['Other'] }, 'ALPNPolicyNotSupported', /'Other'/)
    await create({ DefaultActions: [] }, 'ValidationError', /An action must be specified/)
    await create(
      { DefaultActions: [forward(tcp)] },
      'IncompatibleProtocols',
      new RegExp(`incompatible protocols: ${tcp}`),
    )
    await create({ DefaultActions: [forward(grpc)] }, 'InvalidConfigurationRequest', /protocol-version 'GRPC'/)
    const absent = `${http.slice(0, -4)}0000`
    await create({ DefaultActions: [forward(absent)] }, 'TargetGroupNotFound', /not found/)
    assert.deepEqual([store.size(listeners), store.size(rules)], [0, 0])
  })

  test('a target group is one load balancer’s', async () => {
    const { loadBalancer, targetGroup, listener, refused } = await testElbv2()
    const first = (await loadBalancer()).LoadBalancerArn
    const second = (await loadBalancer({ Name: 'other' })).LoadBalancerArn
    const { TargetGroupArn } = await targetGroup()
    const DefaultActions = [forward(TargetGroupArn)]
    await listener(first, { DefaultActions })
    await listener(first, { DefaultActions, Port: 81 })
    await refused(
      createListener,
      { LoadBalancerArn: second, Protocol: 'HTTP', Port: 80, DefaultActions },
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${TargetGroupArn}`,
    )
  })

  test('there are at most 50 of a load balancer', async () => {
    const { loadBalancer, listener, refused } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    for (let Port = 1; Port <= 50; Port++) await listener(LoadBalancerArn, { Port })
    const more: CreateListenerInput = { LoadBalancerArn, Protocol: 'HTTP', Port: 51, DefaultActions: [OK] }
    await refused(createListener, more, 'TooManyListeners')
  })
})

describe('ModifyListener, DescribeListeners, DeleteListener', () => {
  test('changes what is named; a protocol without certificates forgets them', async () => {
    const { loadBalancer, listener, certificate, call, refused, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const { ListenerArn } = await listener(LoadBalancerArn)
    await listener(LoadBalancerArn, { Port: 81 })
    const CertificateArn = await certificate('one')
    const modify = async (change: object) => (await call(modifyListener, { ListenerArn, ...change })).Listeners?.[0]
    const secure = await modify({ Protocol: 'HTTPS', Port: 443, Certificates: [{ CertificateArn }] })
    assert.deepEqual([secure?.Port, secure?.Protocol, secure?.DefaultActions], [443, 'HTTPS', [OK]])
    assert.equal((await modify({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }))?.Certificates?.length, 1)
    const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }]
    const plain = await modify({ Protocol: 'HTTP', DefaultActions })
    assert.deepEqual(
      [plain?.Certificates, plain?.SslPolicy, plain?.DefaultActions],
      [undefined, undefined, DefaultActions],
    )
    assert.deepEqual(store.get(listeners, ListenerArn)?.certificateArns, [])
    await refused(modifyListener, { ListenerArn, Port: 81 }, 'DuplicateListener')
    await refused(modifyListener, { ListenerArn, Protocol: 'HTTPS' }, 'ValidationError', /certificate must be/)
    await refused(modifyListener, { ListenerArn: `${ListenerArn.slice(0, -4)}0000` }, 'ListenerNotFound')
  })

  test('another protocol must suit its other rules too', async () => {
    const { loadBalancer, listener, targetGroup, certificate, call, refused } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const Certificates = [{ CertificateArn: await certificate('one') }]
    const { ListenerArn } = await listener(LoadBalancerArn, { Protocol: 'HTTPS', Certificates })
    const { TargetGroupArn } = await targetGroup({ ProtocolVersion: 'HTTP2' })
    const Conditions = [{ Field: 'path-pattern', Values: ['/api/*'] }]
    await call(createRule, { ListenerArn, Conditions, Priority: 1, Actions: [forward(TargetGroupArn)] })
    await refused(modifyListener, { ListenerArn, Protocol: 'HTTP' }, 'InvalidConfigurationRequest', /HTTP2/)
  })

  test('are listed by load balancer or ARN, by pages, and gone with their rules', async () => {
    const { loadBalancer, listener, call, refused, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const { ListenerArn } = await listener(LoadBalancerArn)
    await listener(LoadBalancerArn, { Port: 81 })
    const first = await call(describeListeners, { LoadBalancerArn, PageSize: 1 })
    const second = await call(describeListeners, { LoadBalancerArn, PageSize: 1, Marker: first.NextMarker })
    assert.deepEqual([first.Listeners?.length, second.Listeners?.length, second.NextMarker], [1, 1, undefined])
    const named = await call(describeListeners, { ListenerArns: [ListenerArn] })
    assert.equal(named.Listeners?.[0]?.ListenerArn, ListenerArn)
    await refused(describeListeners, {}, 'ValidationError')
    await call(deleteListener, { ListenerArn })
    assert.deepEqual([store.size(listeners), store.size(rules)], [1, 1])
    await refused(deleteListener, { ListenerArn }, 'ListenerNotFound')
    const absent = { ListenerArns: [ListenerArn] }
    await refused(describeListeners, absent, 'ListenerNotFound', 'One or more listeners not found')
  })
})

describe('certificates and policies', () => {
  test('certificates are added for SNI, listed, and removed, but for the default one', async () => {
    const { loadBalancer, listener, certificate, call, refused } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const [one, two] = [await certificate('one'), await certificate('two')]
    const secure = { Protocol: 'HTTPS', Port: 443 } as const
    const { ListenerArn } = await listener(LoadBalancerArn, { ...secure, Certificates: [{ CertificateArn: one }] })
    const Certificates = [{ CertificateArn: two }]
    const added = await call(addListenerCertificates, { ListenerArn, Certificates })
    assert.deepEqual(added.Certificates, [{ CertificateArn: two, IsDefault: false }])
    const first = await call(describeListenerCertificates, { ListenerArn, PageSize: 1 })
    assert.deepEqual(first.Certificates, [{ CertificateArn: one, IsDefault: true }])
    const second = await call(describeListenerCertificates, { ListenerArn, PageSize: 1, Marker: first.NextMarker })
    assert.deepEqual(second.Certificates, added.Certificates)
    const gone = { ListenerArn, Certificates: [{ CertificateArn: one }] }
    await refused(removeListenerCertificates, gone, 'OperationNotPermitted', /default certificate/)
    await call(removeListenerCertificates, { ListenerArn, Certificates })
    assert.equal((await call(describeListenerCertificates, { ListenerArn })).Certificates?.length, 1)
    const none = { ListenerArn, Certificates: [{ CertificateArn: CERTIFICATE }] }
    await refused(addListenerCertificates, none, 'CertificateNotFound')
    const plain = await listener(LoadBalancerArn, { Port: 81 })
    await refused(addListenerCertificates, { ListenerArn: plain.ListenerArn, Certificates }, 'ValidationError')
    const more = await Promise.all(Array.from({ length: 25 }, (_, index) => certificate(`more-${index}`)))
    const many = [...more, two].map(CertificateArn => ({ CertificateArn }))
    await refused(addListenerCertificates, { ListenerArn, Certificates: many }, 'TooManyCertificates')
  })

  test('policies tell their protocols and ciphers', async () => {
    const { call, refused } = await testElbv2()
    const { SslPolicies = [] } = await call(describeSSLPolicies, { Names: ['ELBSecurityPolicy-TLS13-1-3-2021-06'] })
    assert.deepEqual(SslPolicies[0]?.SslProtocols, ['TLSv1.3'])
    assert.deepEqual(SslPolicies[0]?.Ciphers?.[0], { Name: 'TLS_AES_128_GCM_SHA256', Priority: 1 })
    const all = await call(describeSSLPolicies, {})
    assert(all.SslPolicies?.some(({ Name }) => Name === 'ELBSecurityPolicy-2016-08'))
    await refused(describeSSLPolicies, { Names: ['x'] }, 'SSLPolicyNotFound', "SSL policy 'x' not found")
  })
})
