import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import { CAPACITY_PROVIDER_ATTRIBUTE } from '../../domain/capacity-provider.ts'
import { deployments, services } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { deploymentRow, instanceRow, serviceRow } from '../testing/rows.ts'

const STRATEGY: readonly CapacityProviderStrategyItem[] = [
  { capacityProvider: 'disk', base: 1, weight: 1 },
  { capacityProvider: 'gpu', base: 0, weight: 3 },
]

const of = (provider: string) => ({
  attributes: [{ name: CAPACITY_PROVIDER_ATTRIBUTE, value: provider }],
  registered: { cpu: 4096, memory: 4096, ports: [], portsUdp: [] },
})

const plane = async (desiredCount: number, strategy = STRATEGY) => {
  const made = await testPlane(['deployment', 'placement'])
  const service = serviceRow({ desiredCount, capacityProviderStrategy: strategy })
  const create = async () => {
    await made.store.write(tx => {
      tx.put(services, service)
      tx.put(deployments, deploymentRow(service, { capacityProviderStrategy: strategy, rolloutState: 'COMPLETED' }))
    })
    await made.settled()
  }
  const wanted = () => made.tasks().filter(task => task.desiredStatus === 'RUNNING')
  const counts = () => {
    const by = Map.groupBy(wanted(), task => task.capacityProviderName ?? '')
    return Object.fromEntries([...by].map(([name, tasks]) => [name, tasks.length]))
  }
  const running = () =>
    made.report(
      wanted().filter(task => task.lastStatus === 'PENDING'),
      { lastStatus: 'RUNNING', startedAt: made.clock.now() },
    )
  const scaleTo = async (count: number) => {
    await made.updateService({ desiredCount: count })
    await running()
    await made.settled()
  }
  return { ...made, create, wanted, counts, running, scaleTo }
}

describe("a service's capacity provider strategy", () => {
  test('shares tasks out by base and weight, each onto its own instances, across scaling', async () => {
    const one = await plane(5)
    await one.register(instanceRow('d', of('disk')), instanceRow('g', of('gpu')), instanceRow('plain'))
    await one.create()
    assert.deepEqual(one.counts(), { disk: 2, gpu: 3 })
    assert.deepEqual(
      new Set(one.wanted().map(task => `${task.capacityProviderName} ${task.containerInstanceArn?.split('/').at(-1)}`)),
      new Set(['disk d', 'gpu g']),
    )
    await one.running()
    await one.scaleTo(9)
    assert.deepEqual(one.counts(), { disk: 3, gpu: 6 })
    await one.scaleTo(13)
    assert.deepEqual(one.counts(), { disk: 4, gpu: 9 })
    await one.stop()
  })

  test('scaling in keeps the base and the shares', async () => {
    const one = await plane(13)
    await one.register(instanceRow('d', of('disk')), instanceRow('g', of('gpu')))
    await one.create()
    await one.running()
    assert.deepEqual(one.counts(), { disk: 4, gpu: 9 })
    await one.scaleTo(5)
    assert.deepEqual(one.counts(), { disk: 2, gpu: 3 })
    await one.scaleTo(1)
    assert.deepEqual(one.counts(), { disk: 1 })
    await one.stop()
  })

  test('a task that ends is replaced with the same provider', async () => {
    const one = await plane(5)
    await one.register(instanceRow('d', of('disk')), instanceRow('g', of('gpu')))
    await one.create()
    await one.running()
    const gone = one.wanted().filter(task => task.capacityProviderName === 'gpu')
    await one.report(gone, { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopCode: 'UserInitiated' })
    assert.deepEqual(one.counts(), { disk: 2, gpu: 3 })
    await one.stop()
  })

  test('without an instance of the provider tasks wait, and it is said once', async () => {
    const one = await plane(4)
    await one.register(instanceRow('plain'))
    await one.create()
    assert(one.wanted().every(task => task.lastStatus === 'PROVISIONING'))
    await one.advance(120_000)
    assert.deepEqual(one.events(), [
      '(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ])
    await one.register(instanceRow('g', of('gpu')))
    assert.equal(one.wanted().filter(task => task.lastStatus === 'PENDING').length, 2)
    await one.register(instanceRow('d', of('disk')))
    assert(one.wanted().every(task => task.lastStatus === 'PENDING'))
    await one.stop()
  })
})
