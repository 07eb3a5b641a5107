import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { containerInstances } from './tables.ts'
import { addressOfInstance } from './target-address.ts'
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
