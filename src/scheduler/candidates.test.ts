import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { candidateOf, candidatePool } from './candidates.ts'

const instance = (name: string, availabilityZone: string): ContainerInstance => ({
  arn: name,
  id: name,
  clusterArn: 'cluster',
  status: 'ACTIVE',
  registered: { cpu: 1024, memory: 2048, ports: [22], portsUdp: [] },
  attributes: [],
  availabilityZone,
  fargateCapacity: false,
  agentConnected: true,
  versionInfo: {},
  tags: [],
  registeredAt: 0,
  version: 1,
  linkSequence: 0,
})

test('a candidate is what is left of its instance', () => {
  const usage = { cpu: 100, memory: 48, running: 2, pending: 1, stopping: 1, 'tcp:80': 1 }
  const one = candidateOf(instance('i', 'z'), usage, { 'instance:i': 2, 'zone:z': 5 })
  assert.deepEqual([one.remainingCpu, one.remainingMemory, one.tasksHere], [924, 2000, 4])
  assert.deepEqual([one.groupTasksHere, one.groupTasksInZone], [2, 5])
  assert.deepEqual([one.portTaken('tcp', 80), one.portTaken('tcp', 22), one.portTaken('udp', 80)], [true, true, false])
})

test('a pool counts what was placed, for every group, and leaves the sums it was made from alone', () => {
  const usage = { i: { cpu: 24, pending: 1 }, j: {} }
  const spread = { 'c|g': { 'instance:i': 1, 'zone:z': 1 } }
  const pool = candidatePool(
    [instance('i', 'z'), instance('j', 'z')],
    arn => usage[arn as 'i' | 'j'],
    group => (group === 'c|g' ? spread['c|g'] : {}),
  )
  pool.take('j', { cpu: 100, memory: 50, ports: [80], portsUdp: [53] }, 'c|g')
  const figures = (group: string) =>
    pool
      .candidates(group)
      .map(one => [one.remainingCpu, one.groupTasksHere, one.groupTasksInZone, one.tasksHere, one.portTaken('tcp', 80)])
  assert.deepEqual(figures('c|g'), [
    [1000, 1, 2, 1, false],
    [924, 1, 2, 1, true],
  ])
  assert.deepEqual(figures('c|other'), [
    [1000, 0, 0, 1, false],
    [924, 0, 0, 1, true],
  ])
  assert.deepEqual(
    [usage, spread['c|g']],
    [
      { i: { cpu: 24, pending: 1 }, j: {} },
      { 'instance:i': 1, 'zone:z': 1 },
    ],
  )
})
