import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { networkId } from '../../../domain/network.ts'
import { seededIds } from '../../../lib/ids.ts'
import { listeners, loadBalancerStates, loadBalancers, rules } from '../../../store/load-balancing-tables.ts'
import { securityGroups, subnets } from '../../../store/network-tables.ts'
import { modifyLoadBalancerAttributes } from '../attribute/modify-load-balancer-attributes.ts'
import { describeTargetGroups } from '../target-group/describe-target-groups.ts'
import { forward, SCOPE, testElbv2 } from '../test-elbv2.ts'
import { createLoadBalancer } from './create-load-balancer.ts'
import { deleteLoadBalancer } from './delete-load-balancer.ts'
import { describeLoadBalancers } from './describe-load-balancers.ts'
import { setIpAddressType } from './set-ip-address-type.ts'
import { setSecurityGroups } from './set-security-groups.ts'
import { setSubnets } from './set-subnets.ts'

const ABSENT = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/none/0123456789abcdef'

describe('CreateLoadBalancer', () => {
  test('stands in the zones of its subnets, in their VPC, with its default security group', async () => {
    const { loadBalancer, store, vpcId, subnetIds, clock } = await testElbv2()
    const made = await loadBalancer({ Name: 'Web-1', Tags: [{ Key: 'a', Value: 'b' }] })
    assert.match(
      made.LoadBalancerArn,
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/Web-1\/[0-9a-f]{16}$/,
    )
    assert.match(made.DNSName ?? '', /^web-1-[0-9]{10}\.elb\.localhost$/)
    const [group] = store.byIndex(securityGroups, 'byVpc', vpcId)
    const { DNSName: _, LoadBalancerArn: __, ...rest } = made
    assert.deepEqual(rest, {
      CreatedTime: new Date(clock.now()),
      LoadBalancerName: 'Web-1',
      Scheme: 'internet-facing',
      VpcId: vpcId,
      State: { Code: 'provisioning' },
      Type: 'application',
      AvailabilityZones: ['a', 'b', 'c'].map((letter, index) => ({
        ZoneName: `us-east-1${letter}`,
        SubnetId: subnetIds[index],
        LoadBalancerAddresses: [],
      })),
      SecurityGroups: [group?.id],
      IpAddressType: 'ipv4',
    })
  })

  test('an internal network load balancer may have one zone, and no security group', async () => {
    const { loadBalancer, subnetIds } = await testElbv2()
    const [SubnetId] = subnetIds
    const own = { SubnetMappings: [{ SubnetId }], Subnets: [] }
    const made = await loadBalancer({ Type: 'network', Scheme: 'internal', ...own })
    assert.match(made.LoadBalancerArn, /:loadbalancer\/net\/web\//)
    assert.match(made.DNSName ?? '', /^internal-web-[0-9]+\.elb\.localhost$/)
    assert.deepEqual([made.SecurityGroups, made.AvailabilityZones?.length], [[], 1])
  })

  test('the same again is the same; other settings under its name are refused; another region has its own', async () => {
    const { loadBalancer, call, refused, subnetIds, store } = await testElbv2()
    const first = await loadBalancer()
    const again = await loadBalancer({ Subnets: [...subnetIds].reverse(), Tags: [{ Key: 'later', Value: '' }] })
    assert.equal(again.LoadBalancerArn, first.LoadBalancerArn)
    const other = { Name: 'web', Subnets: subnetIds.slice(0, 2) }
    await refused(
      createLoadBalancer,
      other,
      'DuplicateLoadBalancerName',
      "A load balancer with the same name 'web' exists, but with different settings",
    )
    await assert.rejects(call(createLoadBalancer, other, { region: 'eu-west-1' }), { code: 'SubnetNotFoundException' })
    assert.equal(store.size(loadBalancers), 1)
  })

  test('refuses bad names, subnets, security groups, and what is not built; and changes nothing', async () => {
    const { refused, subnetIds, store, vpcId } = await testElbv2()
    const [a = '', b = ''] = subnetIds
    const twin = { ...store.get(subnets, a), id: 'subnet-twin' }
    await store.write(tx => tx.put(subnets, twin as never))
    const create = (change: object, code: string, message?: RegExp) =>
      refused(createLoadBalancer, { Name: 'web', Subnets: [a, b], ...change }, code, message)
    await create({ Name: 'a'.repeat(33) }, 'ValidationError', /cannot be longer than '32' characters/)
    await create({ Name: 'a_b' }, 'ValidationError', /alphanumeric/)
    await create({ Name: '-a' }, 'ValidationError', /hyphen/)
    await create({ Name: 'internal-a' }, 'ValidationError', /internal-/)
    await create({ Subnets: [a] }, 'ValidationError', /At least two subnets in two different Availability Zones/)
    await create({ Subnets: [] }, 'ValidationError', /At least two subnets/)
    await create({ Subnets: [], Type: 'network' }, 'ValidationError', /At least one subnet/)
    await create({ SubnetMappings: [{ SubnetId: a }] }, 'ValidationError', /not both/)
    await create({ Subnets: [a, b, 'subnet-twin'] }, 'InvalidConfigurationRequest', /multiple subnets in the same/)
    await create({ Subnets: [a, 'subnet-none'] }, 'SubnetNotFound', /'subnet-none' does not exist/)
    await create({ SecurityGroups: ['sg-none'] }, 'InvalidSecurityGroup', /sg-none/)
    await create({ Type: 'gateway' }, 'InvalidConfigurationRequest', /'gateway'/)
    await create({ IpAddressType: 'dualstack' }, 'InvalidConfigurationRequest', /dualstack/)
    await create({ CustomerOwnedIpv4Pool: 'x' }, 'InvalidConfigurationRequest', /CustomerOwnedIpv4Pool/)
    const fixed = [{ SubnetId: a, AllocationId: 'eip' }]
    await create({ Subnets: [], SubnetMappings: fixed }, 'InvalidConfigurationRequest', /AllocationId/)
    const twice = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ]
    await create({ Tags: twice }, 'DuplicateTagKeys')
    const strange = { ...store.get(subnets, b), id: 'subnet-strange', vpcId: networkId('vpc', seededIds(5)) }
    await store.write(tx => tx.put(subnets, strange as never))
    await create({ Subnets: [a, 'subnet-strange'] }, 'InvalidSubnet', new RegExp(vpcId))
    assert.equal(store.size(loadBalancers), 0)
  })

  test('there are at most 50 of a type', async () => {
    const { loadBalancer, refused, subnetIds } = await testElbv2()
    for (let index = 0; index < 50; index++) await loadBalancer({ Name: `web-${index}` })
    await refused(createLoadBalancer, { Name: 'one-more', Subnets: [...subnetIds] }, 'TooManyLoadBalancers')
    await loadBalancer({ Name: 'web-7' })
    await loadBalancer({ Name: 'net', Type: 'network' })
  })
})

describe('DescribeLoadBalancers', () => {
  test('answers all by pages, or those named, with the state that was observed', async () => {
    const { loadBalancer, call, store } = await testElbv2()
    const made = [
      await loadBalancer({ Name: 'a' }),
      await loadBalancer({ Name: 'b' }),
      await loadBalancer({ Name: 'c' }),
    ]
    const [first] = made
    const reason = 'port 80 is taken'
    await store.write(tx =>
      tx.put(loadBalancerStates, { loadBalancerArn: first?.LoadBalancerArn ?? '', code: 'failed', reason, since: 1 }),
    )
    const found: string[] = []
    for (let Marker: string | undefined, page = 0; page < 3; page++) {
      const answer = await call(describeLoadBalancers, { PageSize: 1, Marker })
      found.push(...(answer.LoadBalancers ?? []).map(({ LoadBalancerName = '' }) => LoadBalancerName))
      Marker = answer.NextMarker
      assert.equal(Marker === undefined, page === 2)
    }
    assert.deepEqual(found, ['a', 'b', 'c'])
    const named = await call(describeLoadBalancers, { Names: ['c', 'a'] })
    assert.deepEqual(
      named.LoadBalancers?.map(({ State }) => State),
      [{ Code: 'provisioning' }, { Code: 'failed', Reason: reason }],
    )
    const elsewhere = await call(describeLoadBalancers, {}, { region: 'eu-west-1' })
    assert.deepEqual(elsewhere.LoadBalancers, [])
  })

  test('what is not there is an error', async () => {
    const { refused } = await testElbv2()
    await refused(describeLoadBalancers, { Names: ['x'] }, 'LoadBalancerNotFound', "Load balancers '[x]' not found")
    const absent = { LoadBalancerArns: [ABSENT] }
    await refused(describeLoadBalancers, absent, 'LoadBalancerNotFound', 'One or more load balancers not found')
    await refused(
      describeLoadBalancers,
      { LoadBalancerArns: ['x'] },
      'ValidationError',
      "'x' is not a valid load balancer ARN",
    )
    await refused(describeLoadBalancers, { ...absent, Names: ['x'] }, 'ValidationError')
    await refused(describeLoadBalancers, { PageSize: 401 }, 'ValidationError', /pageSize/)
    await refused(describeLoadBalancers, { Marker: 'x' }, 'ValidationError', /Marker/)
  })
})

describe('DeleteLoadBalancer', () => {
  test('takes listeners, rules and state with it, and frees its target groups; twice is once', async () => {
    const { loadBalancer, listener, targetGroup, call, store } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const { TargetGroupArn } = await targetGroup()
    await listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
    await store.write(tx => tx.put(loadBalancerStates, { loadBalancerArn: LoadBalancerArn, code: 'active', since: 1 }))
    await call(deleteLoadBalancer, { LoadBalancerArn })
    const left = [store.size(loadBalancers), store.size(listeners), store.size(rules), store.size(loadBalancerStates)]
    assert.deepEqual(left, [0, 0, 0, 0])
    const { TargetGroups } = await call(describeTargetGroups, {})
    assert.deepEqual(TargetGroups?.[0]?.LoadBalancerArns, [])
    await call(deleteLoadBalancer, { LoadBalancerArn })
  })

  test('not while deletion protection is on', async () => {
    const { loadBalancer, call, refused } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const protect = (Value: string) =>
      call(modifyLoadBalancerAttributes, {
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      })
    await protect('true')
    await refused(
      deleteLoadBalancer,
      { LoadBalancerArn },
      'OperationNotPermitted',
      `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    )
    await protect('false')
    await call(deleteLoadBalancer, { LoadBalancerArn })
  })
})

describe('SetSubnets, SetSecurityGroups, SetIpAddressType', () => {
  test('change where a load balancer stands, within its VPC', async () => {
    const { loadBalancer, call, refused, subnetIds, store, vpcId } = await testElbv2()
    const { LoadBalancerArn } = await loadBalancer()
    const answer = await call(setSubnets, { LoadBalancerArn, Subnets: subnetIds.slice(1) })
    assert.deepEqual(
      answer.AvailabilityZones?.map(({ ZoneName }) => ZoneName),
      ['us-east-1b', 'us-east-1c'],
    )
    const row = { ...SCOPE, id: 'sg-own', vpcId, name: 'own', description: '', tags: [], createdAt: 0 }
    await store.write(tx => tx.put(securityGroups, row))
    const set = await call(setSecurityGroups, { LoadBalancerArn, SecurityGroups: ['sg-own'] })
    assert.deepEqual(set.SecurityGroupIds, ['sg-own'])
    assert.deepEqual(store.get(loadBalancers, LoadBalancerArn)?.securityGroups, ['sg-own'])
    assert.equal((await call(setIpAddressType, { LoadBalancerArn, IpAddressType: 'ipv4' })).IpAddressType, 'ipv4')
    await refused(setSubnets, { LoadBalancerArn, Subnets: ['subnet-x', 'subnet-y'] }, 'SubnetNotFound')
    await refused(setSubnets, { LoadBalancerArn: ABSENT, Subnets: [...subnetIds] }, 'LoadBalancerNotFound')
    await refused(setSecurityGroups, { LoadBalancerArn, SecurityGroups: ['sg-x'] }, 'InvalidSecurityGroup')
    await refused(setIpAddressType, { LoadBalancerArn, IpAddressType: 'dualstack' }, 'InvalidConfigurationRequest')
    const net = await loadBalancer({ Name: 'net', Type: 'network' })
    const less = { LoadBalancerArn: net.LoadBalancerArn, Subnets: subnetIds.slice(1) }
    await refused(setSubnets, less, 'InvalidConfigurationRequest', /cannot be removed/)
    const groups = { LoadBalancerArn: net.LoadBalancerArn, SecurityGroups: ['sg-own'] }
    await refused(setSecurityGroups, groups, 'InvalidConfigurationRequest')
  })
})
