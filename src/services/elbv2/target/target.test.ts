import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { targetHealth, targets } from '../../../store/load-balancing-tables.ts'
import { forward, type TestElbv2, testElbv2 } from '../test-elbv2.ts'
import { deregisterTargets } from './deregister-targets.ts'
import { describeTargetHealth } from './describe-target-health.ts'
import { registerTargets } from './register-targets.ts'

const inUse = async (elb: TestElbv2, TargetGroupArn: string): Promise<void> => {
  const { LoadBalancerArn } = await elb.loadBalancer()
  await elb.listener(LoadBalancerArn, { DefaultActions: [forward(TargetGroupArn)] })
}

describe('RegisterTargets', () => {
  test('resolves an instance to its host’s address and zone, with the group’s port unless told otherwise', async () => {
    const elb = await testElbv2()
    const { TargetGroupArn } = await elb.targetGroup()
    await elb.instance('i-1', '10.1.2.3')
    await elb.call(registerTargets, { TargetGroupArn, Targets: [{ Id: 'i-1' }, { Id: 'i-1', Port: 8080 }] })
    const own = { targetGroupArn: TargetGroupArn, id: 'i-1', registeredAt: elb.clock.now() }
    const at = { address: '10.1.2.3', availabilityZone: 'us-east-1a' }
    assert.deepEqual(
      [...elb.store.all(targets)],
      [
        { ...own, ...at, port: 80 },
        { ...own, ...at, port: 8080 },
      ],
    )
  })

  test('takes addresses of the VPC, in their subnet’s zone, private ones and the loopback', async () => {
    const elb = await testElbv2()
    const { TargetGroupArn } = await elb.targetGroup({ TargetType: 'ip' })
    const Targets = [{ Id: '172.31.20.1' }, { Id: '10.0.0.1', AvailabilityZone: 'all' }, { Id: '127.0.0.1' }]
    await elb.call(registerTargets, { TargetGroupArn, Targets })
    assert.deepEqual(
      [...elb.store.all(targets)].map(({ address, availabilityZone }) => [address, availabilityZone]),
      [
        ['10.0.0.1', 'all'],
        ['127.0.0.1', undefined],
        ['172.31.20.1', 'us-east-1b'],
      ],
    )
  })

  test('refuses unknown instances, public and malformed addresses and too many; all or none', async () => {
    const { targetGroup, refused, store, instance } = await testElbv2()
    const { TargetGroupArn } = await targetGroup()
    const ip = (await targetGroup({ Name: 'ip', TargetType: 'ip' })).TargetGroupArn
    const register = (TargetGroupArn: string, Targets: object[], code: string, message?: RegExp) =>
      refused(registerTargets, { TargetGroupArn, Targets: Targets as never }, code, message)
    await register(TargetGroupArn, [{ Id: 'i-none' }], 'InvalidTarget', /cannot be registered: 'i-none'/)
    await instance('i-mute')
    await register(TargetGroupArn, [{ Id: 'i-mute' }], 'InvalidTarget', /'i-mute' has told no address/)
    await register(TargetGroupArn, [{ Id: '10.0.0.1' }], 'ValidationError', /Instance ID '10.0.0.1' is not valid/)
    await register(TargetGroupArn, [], 'ValidationError')
    await register(ip, [{ Id: '10.0.0.1' }, { Id: '8.8.8.8' }], 'InvalidTarget', /8\.8\.8\.8/)
    await register(ip, [{ Id: 'i-1' }], 'ValidationError', /The IP address 'i-1' is not valid/)
    await register(ip, [{ Id: '10.0.0.1', Port: 70_000 }], 'ValidationError', /port/)
    await register(ip, [{ Id: '10.0.0.1', QuicServerId: '0x1' }], 'InvalidConfigurationRequest', /QuicServerId/)
    await register(`${TargetGroupArn.slice(0, -16)}0123456789abcdef`, [{ Id: 'i-1' }], 'TargetGroupNotFound')
    const many = Array.from({ length: 1_001 }, (_, index) => ({ Id: '10.0.0.1', Port: index + 1 }))
    await register(ip, many, 'TooManyTargets')
    assert.equal(store.size(targets), 0)
  })
})

describe('DescribeTargetHealth', () => {
  test('from unused by way of initial to what was seen, draining, and gone', async () => {
    const elb = await testElbv2()
    const { TargetGroupArn } = await elb.targetGroup({ TargetType: 'ip' })
    const Targets = [{ Id: '10.0.0.1' }]
    const look = async (asked?: typeof Targets) => {
      const input = { TargetGroupArn, ...(asked ? { Targets: asked } : {}) }
      const { TargetHealthDescriptions = [] } = await elb.call(describeTargetHealth, input)
      return TargetHealthDescriptions.map(({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason])
    }
    assert.deepEqual(await look(), [])
    assert.deepEqual(await look(Targets), [['unused', 'Target.NotRegistered']])
    await elb.call(registerTargets, { TargetGroupArn, Targets })
    assert.deepEqual(await look(), [['unused', 'Target.NotInUse']])
    await inUse(elb, TargetGroupArn)
    assert.deepEqual(await look(), [['initial', 'Elb.RegistrationInProgress']])
    const name = { targetGroupArn: TargetGroupArn, id: '10.0.0.1', port: 80 }
    await elb.store.write(tx => tx.put(targetHealth, { ...name, state: 'healthy', since: 1 }))
    assert.deepEqual(await look(), [['healthy', undefined]])
    const seen = { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out', since: 2 } as const
    await elb.store.write(tx => tx.put(targetHealth, { ...name, ...seen }))
    const { TargetHealthDescriptions } = await elb.call(describeTargetHealth, { TargetGroupArn })
    assert.deepEqual(TargetHealthDescriptions, [
      {
        Target: { Id: '10.0.0.1', Port: 80 },
        HealthCheckPort: '80',
        TargetHealth: { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' },
      },
    ])
    await elb.call(deregisterTargets, { TargetGroupArn, Targets })
    assert.deepEqual(await look(), [['draining', 'Target.DeregistrationInProgress']])
    assert.equal(elb.store.get(targets, `${TargetGroupArn}|10.0.0.1|80`)?.deregisteredAt, elb.clock.now())
    // Registered anew while it drains: what was seen before says nothing now.
    await elb.call(registerTargets, { TargetGroupArn, Targets })
    assert.deepEqual(await look(), [['initial', 'Elb.RegistrationInProgress']])
    await elb.refused(describeTargetHealth, { TargetGroupArn, Include: ['All'] }, 'InvalidConfigurationRequest')
  })
})

describe('DeregisterTargets', () => {
  test('twice keeps the first time; a stranger is no error; without traffic nothing drains', async () => {
    const elb = await testElbv2()
    const { TargetGroupArn } = await elb.targetGroup({ TargetType: 'ip' })
    const Targets = [{ Id: '10.0.0.1' }]
    await elb.call(deregisterTargets, { TargetGroupArn, Targets })
    await elb.call(registerTargets, { TargetGroupArn, Targets })
    await elb.call(deregisterTargets, { TargetGroupArn, Targets })
    assert.equal(elb.store.size(targets), 0)
    await elb.call(registerTargets, { TargetGroupArn, Targets })
    await inUse(elb, TargetGroupArn)
    const first = elb.clock.now()
    await elb.call(deregisterTargets, { TargetGroupArn, Targets })
    await elb.clock.advance(5_000)
    await elb.call(deregisterTargets, { TargetGroupArn, Targets })
    assert.deepEqual(
      [...elb.store.all(targets)].map(({ deregisteredAt }) => deregisteredAt),
      [first],
    )
    await elb.refused(deregisterTargets, { TargetGroupArn, Targets: [] }, 'ValidationError')
  })
})
