import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { candidateOf, candidatePool } from './candidates.ts'
import { factsOf, type Occupancy } from './facts.ts'

const instance = (name: string, availabilityZone: string): ContainerInstance => ({
  arn: name,
  id: name,
  clusterArn: 'c',
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
  const one = candidateOf(instance('i', 'z'), 'c|g', {
    usageOf: () => usage,
    spreadOf: group => (group === 'c|g' ? { 'instance:i': 2, 'zone:z': 5 } : {}),
    groupsOn: () => [],
  })
  assert.deepEqual([one.remainingCpu, one.remainingMemory, one.tasksHere], [924, 2000, 4])
  assert.deepEqual([one.groupTasksHere, one.groupTasksInZone], [2, 5])
  assert.deepEqual([one.portTaken('tcp', 80), one.portTaken('tcp', 22), one.portTaken('udp', 80)], [true, true, false])
})

test('a pool counts what was placed, for every group, and leaves the sums it was made from alone', () => {
  const usage = { i: { cpu: 24, pending: 1 }, j: {} }
  const spread = { 'c|g': { 'instance:i': 1, 'zone:z': 1 } }
  const pool = candidatePool([instance('i', 'z'), instance('j', 'z')], {
    usageOf: arn => usage[arn as 'i' | 'j'],
    spreadOf: group => (group === 'c|g' ? spread['c|g'] : {}),
    groupsOn: () => [],
  })
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

test('a candidate knows what the query language asks for, and in a pool what was placed before it', () => {
  const there = { 'c|g': ['i', 'i'], 'other|h': ['i'] } as const
  const occupancy: Occupancy = {
    usageOf: () => ({ running: 2 }),
    spreadOf: group =>
      group === 'c|g' ? { 'instance:i': 2, 'zone:z': 2 } : group === 'other|h' ? { 'instance:i': 1 } : {},
    groupsOn: arn => Object.entries(there).flatMap(([group, arns]) => arns.filter(one => one === arn).map(() => group)),
  }
  const host = { ...instance('i', 'z'), versionInfo: { agentVersion: '1.2.3' }, ec2InstanceId: 'i-1', registeredAt: 5 }
  const facts = factsOf(host, occupancy)
  assert.deepEqual(
    [facts.agentVersion, facts.ec2InstanceId, facts.registeredAt, facts.runningTasksCount, facts.agentConnected],
    ['1.2.3', 'i-1', 5, 2, true],
  )
  // Another cluster's tasks on a host that gives FARGATE capacity are in no group of this one.
  assert.deepEqual([...facts.taskGroups()], ['g', 'g'])
  assert.deepEqual([facts.hasTaskGroup('g'), facts.hasTaskGroup('h')], [true, false])

  const pool = candidatePool([host, instance('j', 'z')], occupancy)
  const [first, second] = pool.candidates('c|new')
  assert.ok(first && second)
  assert.deepEqual(
    [first.hasTaskGroup('g'), second.hasTaskGroup('g'), second.hasTaskGroup('new')],
    [true, false, false],
  )
  pool.take('j', { cpu: 1, memory: 1, ports: [], portsUdp: [] }, 'c|new')
  assert.deepEqual([second.hasTaskGroup('new'), first.hasTaskGroup('new')], [true, false])
  assert.deepEqual([[...second.taskGroups()], [...first.taskGroups()]], [['new'], ['g', 'g']])
})
