import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { targets } from './load-balancing-tables.ts'
import { containerInstances } from './tables.ts'
import { addressOfInstance, followAddress } from './target-address.ts'
import { testStore } from './test-store.ts'

const instance = (id: string, change: Partial<ContainerInstance>): ContainerInstance => ({
  arn: `arn:aws:ecs:us-east-1:123456789012:container-instance/default/${id}`,
  id,
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
  status: 'ACTIVE',
  registered: { cpu: 1, memory: 1, ports: [], portsUdp: [] },
  attributes: [{ name: 'stowage.address', value: '10.0.0.1' }],
  availabilityZone: 'us-east-1a',
  fargateCapacity: false,
  agentConnected: true,
  versionInfo: {},
  ec2InstanceId: 'i-1',
  tags: [],
  registeredAt: 1,
  version: 1,
  linkSequence: 0,
  ...change,
})

test('an instance is dialled at the address that its last registration told', async () => {
  const store = await testStore()
  const put = (row: ContainerInstance) => store.write(tx => tx.put(containerInstances, row))
  const address = () => addressOfInstance(store, 'us-east-1', 'i-1')
  assert.equal(address(), undefined)
  await put(instance('b', {}))
  assert.deepEqual(address(), { address: '10.0.0.1', availabilityZone: 'us-east-1a' })
  assert.equal(addressOfInstance(store, 'eu-west-1', 'i-1'), undefined)
  assert.equal(addressOfInstance(store, 'us-east-1', 'i-2'), undefined)
  const later = { registeredAt: 2, attributes: [{ name: 'stowage.address', value: '10.0.0.2' }] }
  await put(instance('a', { ...later, availabilityZone: 'us-east-1b' }))
  assert.deepEqual(address(), { address: '10.0.0.2', availabilityZone: 'us-east-1b' })
  await put(instance('a', { ...later, status: 'INACTIVE' }))
  assert.equal(address()?.address, '10.0.0.1')
  await put(instance('b', { attributes: [] }))
  assert.equal(address(), undefined)
})

test('targets of an instance follow its address', async () => {
  const store = await testStore()
  const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef'
  const target = { targetGroupArn, port: 80, address: '10.0.0.9', registeredAt: 1 }
  await store.write(tx => {
    for (const id of ['i-1', 'i-2', '10.0.0.9']) tx.put(targets, { ...target, id })
    tx.put(containerInstances, instance('a', {}))
    followAddress(tx, 'us-east-1', 'i-1')
    followAddress(tx, 'us-east-1', 'i-none')
  })
  assert.deepEqual(
    [...store.all(targets)].map(({ id, address }) => [id, address]),
    [
      ['10.0.0.9', '10.0.0.9'],
      ['i-1', '10.0.0.1'],
      ['i-2', '10.0.0.9'],
    ],
  )
})
