import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newTask } from '../domain/new-task.ts'
import type { Task } from '../domain/task.ts'
import { systemIds } from '../lib/ids.ts'
import { subnets } from './network-tables.ts'
import { withSubnetAddress } from './subnet-address.ts'
import { tasks } from './tables.ts'
import { testStore } from './test-store.ts'

const SCOPE = { region: 'us-east-1', accountId: '123456789012' }
const ids = systemIds()

const taskIn = (subnet: string): Task =>
  newTask({
    definition: {
      arn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/app:1',
      family: 'app',
      revision: 1,
      containerDefinitions: [{ name: 'app', image: 'app' }],
    } as never,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
    id: ids.hex32(),
    containerUuids: [ids.uuid()],
    attachmentUuid: ids.uuid(),
    group: 'family:app',
    launchType: 'FARGATE',
    tags: [],
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
    now: 0,
  })

const withSubnet = async () => {
  const store = await testStore()
  const row = { ...SCOPE, id: 'subnet-1', vpcId: 'vpc-1', availabilityZone: 'us-east-1a', cidrBlock: '10.0.0.16/28' }
  await store.write(tx => tx.put(subnets, { ...row, isDefault: false, tags: [], createdAt: 0 }))
  return store
}

test('gives each of the subnet’s addresses once, then none; one that comes free again', async () => {
  const store = await withSubnet()
  const given: Task[] = []
  await store.write(tx => {
    for (let task = withSubnetAddress(tx, taskIn('subnet-1')); task; task = withSubnetAddress(tx, taskIn('subnet-1'))) {
      tx.put(tasks, task)
      given.push(task)
    }
  })
  const addresses = given.map(({ subnetAddress }) => subnetAddress?.ipv4).sort()
  const expected = Array.from({ length: 11 }, (_, at) => `10.0.0.${20 + at}`)
  assert.deepEqual(addresses, expected.sort())
  assert.equal(given[0]?.subnetAddress?.gateway, '10.0.0.17/28')
  await store.write(tx => {
    const [first] = given
    assert(first)
    tx.put(tasks, { ...first, lastStatus: 'STOPPED' })
    assert.equal(withSubnetAddress(tx, taskIn('subnet-1'))?.subnetAddress?.ipv4, first.subnetAddress?.ipv4)
  })
})

test('leaves the address to the host where the subnet is not here, or another account’s', async () => {
  const store = await withSubnet()
  assert.equal(withSubnetAddress(store, taskIn('subnet-2'))?.subnetAddress, undefined)
  await store.write(tx => {
    const row = tx.get(subnets, 'subnet-1')
    assert(row)
    tx.put(subnets, { ...row, accountId: '210987654321' })
  })
  assert.equal(withSubnetAddress(store, taskIn('subnet-1'))?.subnetAddress, undefined)
})
