import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import { createCluster } from '../cluster/create-cluster.ts'
import { deleteCluster } from '../cluster/delete-cluster.ts'
import { putClusterCapacityProviders } from '../cluster/put-cluster-capacity-providers.ts'
import { tagResource } from '../tag/tag-resource.ts'
import { testEcs } from '../test-ecs.ts'
import { createCapacityProvider } from './create-capacity-provider.ts'
import { deleteCapacityProvider } from './delete-capacity-provider.ts'
import { describeCapacityProviders } from './describe-capacity-providers.ts'
import { updateCapacityProvider } from './update-capacity-provider.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'
const asked = (name: string, group = name) => ({ name, autoScalingGroupProvider: { autoScalingGroupArn: group } })
const REFUSED = 'InvalidParameterException'

const SCALING = {
  status: 'DISABLED',
  targetCapacity: 100,
  minimumScalingStepSize: 1,
  maximumScalingStepSize: 10000,
  instanceWarmupPeriod: 300,
} as const

describe('capacity providers', () => {
  test('are made, described with their tags, changed', async () => {
    const { call } = await testEcs()
    const tags = [{ key: 'rack', value: '7' }]
    const { capacityProvider } = await call(createCapacityProvider, { ...asked('gpu', 'rack-7'), tags })
    const made = {
      capacityProviderArn: `${ARN}:capacity-provider/gpu`,
      name: 'gpu',
      status: 'ACTIVE' as const,
      autoScalingGroupProvider: {
        autoScalingGroupArn: 'rack-7',
        managedScaling: SCALING,
        managedTerminationProtection: 'DISABLED' as const,
        managedDraining: 'DISABLED' as const,
      },
      tags,
      type: 'EC2_AUTOSCALING' as const,
    }
    assert.deepEqual(capacityProvider, made)
    await call(tagResource, { resourceArn: `${ARN}:capacity-provider/gpu`, tags: [{ key: 'x', value: 'y' }] })
    const described = await call(describeCapacityProviders, {
      capacityProviders: [`${ARN}:capacity-provider/gpu`, 'FARGATE_SPOT', 'none'],
      include: ['TAGS'],
    })
    assert.deepEqual(described, {
      capacityProviders: [
        { ...made, tags: [...tags, { key: 'x', value: 'y' }] },
        {
          capacityProviderArn: `${ARN}:capacity-provider/FARGATE_SPOT`,
          name: 'FARGATE_SPOT',
          status: 'ACTIVE',
          tags: [],
          type: 'FARGATE_SPOT',
        },
      ],
      failures: [{ arn: `${ARN}:capacity-provider/none`, reason: 'MISSING' }],
    })
    const updated = await call(updateCapacityProvider, {
      name: 'gpu',
      autoScalingGroupProvider: { managedScaling: { targetCapacity: 80 } },
    })
    assert.equal(updated.capacityProvider?.updateStatus, 'UPDATE_COMPLETE')
    assert.deepEqual(updated.capacityProvider?.autoScalingGroupProvider?.managedScaling, {
      ...SCALING,
      targetCapacity: 80,
    })
  })

  test('are listed ten at a time, FARGATE and FARGATE_SPOT first, or those of a cluster', async () => {
    const { call } = await testEcs()
    const names = Array.from({ length: 11 }, (_, at) => `p${String(at).padStart(2, '0')}`)
    for (const name of names) await call(createCapacityProvider, asked(name))
    await call(createCapacityProvider, asked('elsewhere'), { region: 'eu-west-1' })
    const all: (string | undefined)[] = []
    let nextToken: string | undefined
    do {
      const page = await call(describeCapacityProviders, { nextToken, maxResults: 3 })
      all.push(...(page.capacityProviders ?? []).map(one => one.name))
      nextToken = page.nextToken
    } while (nextToken)
    assert.deepEqual(all, ['FARGATE', 'FARGATE_SPOT', ...names])
    const one = await call(describeCapacityProviders, { maxResults: 1 })
    const two = await call(describeCapacityProviders, { maxResults: 2, nextToken: one.nextToken })
    assert.deepEqual(
      two.capacityProviders?.map(provider => provider.name),
      ['FARGATE_SPOT', 'p00'],
    )
    await call(createCluster, { clusterName: 'c', capacityProviders: ['p03', 'FARGATE'] })
    const ofCluster = await call(describeCapacityProviders, { cluster: 'c' })
    assert.deepEqual(
      ofCluster.capacityProviders?.map(provider => provider.name),
      ['FARGATE', 'p03'],
    )
    await assert.rejects(call(describeCapacityProviders, { maxResults: 11 }), { code: REFUSED })
    await assert.rejects(call(describeCapacityProviders, { cluster: 'none' }), { code: 'ClusterNotFoundException' })
  })

  test('names, groups and what ECS would manage are refused', async () => {
    const { call } = await testEcs()
    for (const name of ['fargate-x', 'AWSome', 'ecs', 'a b', ''])
      await assert.rejects(call(createCapacityProvider, asked(name, 'g')), { code: REFUSED })
    await assert.rejects(call(createCapacityProvider, { name: 'a' }), { code: REFUSED })
    await assert.rejects(call(createCapacityProvider, asked('a', '')), { code: REFUSED })
    const group = { autoScalingGroupArn: 'g' }
    for (const more of [
      { managedScaling: { status: 'ENABLED' } },
      { managedTerminationProtection: 'ENABLED' },
      { managedDraining: 'ENABLED' },
    ] as const)
      await assert.rejects(
        call(createCapacityProvider, { name: 'a', autoScalingGroupProvider: { ...group, ...more } }),
        { code: 'UnsupportedFeatureException', message: /starts and ends no machines/ },
      )
    await assert.rejects(
      call(createCapacityProvider, {
        name: 'a',
        autoScalingGroupProvider: { ...group, managedScaling: { targetCapacity: 0 } },
      }),
      { code: REFUSED },
    )
    await call(createCapacityProvider, asked('a', 'g'))
    await assert.rejects(call(createCapacityProvider, asked('a', 'h')), {
      code: 'ClientException',
      message:
        'The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.',
    })
    await assert.rejects(call(createCapacityProvider, asked('b', 'g')), {
      code: 'ClientException',
      message: /already being used by another capacity provider/,
    })
    await assert.rejects(call(updateCapacityProvider, { name: 'b', autoScalingGroupProvider: {} }), { code: REFUSED })
    await assert.rejects(call(updateCapacityProvider, { name: 'FARGATE', autoScalingGroupProvider: {} }), {
      code: 'ClientException',
    })
  })

  test('one that a cluster has cannot be deleted, and says so; a deleted name begins anew', async () => {
    const { call } = await testEcs()
    await call(createCapacityProvider, asked('gpu'))
    await call(createCluster, { clusterName: 'c', capacityProviders: ['gpu'] })
    const failed = await call(deleteCapacityProvider, { capacityProvider: 'gpu' })
    assert.equal(failed.capacityProvider?.status, 'ACTIVE')
    assert.equal(failed.capacityProvider?.updateStatus, 'DELETE_FAILED')
    assert.equal(
      failed.capacityProvider?.updateStatusReason,
      'The capacity provider cannot be deleted because it is associated with cluster: c. Remove the capacity provider from the cluster and try again.',
    )
    await call(deleteCluster, { cluster: 'c' })
    const gone = await call(deleteCapacityProvider, { capacityProvider: `${ARN}:capacity-provider/gpu` })
    assert.equal(gone.capacityProvider?.status, 'INACTIVE')
    assert.equal(gone.capacityProvider?.updateStatus, 'DELETE_COMPLETE')
    assert.equal(gone.capacityProvider?.updateStatusReason, undefined)
    assert.deepEqual(await call(deleteCapacityProvider, { capacityProvider: 'gpu' }), gone)
    await assert.rejects(call(updateCapacityProvider, { name: 'gpu', autoScalingGroupProvider: {} }), {
      code: REFUSED,
      message: /is not in an ACTIVE state/,
    })
    const named = await call(describeCapacityProviders, { capacityProviders: ['gpu'] })
    assert.equal(named.capacityProviders?.[0]?.status, 'INACTIVE')
    const listed = await call(describeCapacityProviders, {})
    assert.equal(listed.capacityProviders?.length, 2)
    const again = await call(createCapacityProvider, asked('gpu'))
    assert.equal(again.capacityProvider?.status, 'ACTIVE')
    await assert.rejects(call(deleteCapacityProvider, { capacityProvider: 'none' }), { code: REFUSED })
    await assert.rejects(call(deleteCapacityProvider, { capacityProvider: 'FARGATE_SPOT' }), {
      code: 'ClientException',
    })
  })
})

describe('PutClusterCapacityProviders', () => {
  const cluster = async () => {
    const ecs = await testEcs()
    await ecs.call(createCluster, { clusterName: 'c' })
    await ecs.call(createCapacityProvider, asked('gpu'))
    const put = (capacityProviders: string[], defaultCapacityProviderStrategy: CapacityProviderStrategyItem[] = []) =>
      ecs.call(putClusterCapacityProviders, { cluster: 'c', capacityProviders, defaultCapacityProviderStrategy })
    return { ...ecs, put }
  }

  test('replaces both, and CreateCluster takes them too', async () => {
    const { call, put } = await cluster()
    const answer = await put(['FARGATE', 'gpu'], [{ capacityProvider: 'FARGATE', weight: 1 }])
    assert.deepEqual(answer.cluster?.capacityProviders, ['FARGATE', 'gpu'])
    assert.deepEqual(answer.cluster?.defaultCapacityProviderStrategy, [
      { capacityProvider: 'FARGATE', weight: 1, base: 0 },
    ])
    const emptied = await put([])
    assert.deepEqual(emptied.cluster?.capacityProviders, [])
    assert.deepEqual(emptied.cluster?.defaultCapacityProviderStrategy, [])
    const made = await call(createCluster, {
      clusterName: 'd',
      capacityProviders: ['gpu'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'gpu', base: 3 }],
    })
    assert.deepEqual(made.cluster?.defaultCapacityProviderStrategy, [{ capacityProvider: 'gpu', weight: 0, base: 3 }])
  })

  test('refuses what is not ACTIVE, too many, and strategies that are not sound', async () => {
    const { call, put } = await cluster()
    const refused = (attempt: Promise<unknown>, message: RegExp) => assert.rejects(attempt, { code: REFUSED, message })
    await refused(
      put(['none']),
      /^The specified capacity provider 'none' is not in an ACTIVE state\. Specify a valid capacity provider and try again\.$/,
    )
    const item = (capacityProvider: string, more = {}) => ({ capacityProvider, weight: 1, ...more })
    await refused(put(['FARGATE'], [item('gpu')]), /that is not associated with the cluster/)
    const both = ['FARGATE', 'FARGATE_SPOT', 'gpu']
    await refused(put(both, [item('FARGATE'), item('gpu')]), /cannot contain a mix/)
    await refused(put(both, [item('FARGATE'), item('FARGATE')]), /only once/)
    await refused(put(both, [item('FARGATE', { weight: 1001 })]), /weight must be/)
    await refused(put(both, [item('FARGATE', { base: 100_001 })]), /base must be/)
    await refused(put(both, [item('FARGATE', { base: 1 }), item('FARGATE_SPOT', { base: 1 })]), /Only one/)
    const many = Array.from({ length: 21 }, (_, at) => `m${at}`)
    for (const name of many) await call(createCapacityProvider, asked(name))
    await refused(put(many), /^The maximum number of capacity providers per cluster has been exceeded\.$/)
    await assert.rejects(
      call(putClusterCapacityProviders, {
        cluster: 'none',
        capacityProviders: [],
        defaultCapacityProviderStrategy: [],
      }),
      { code: 'ClusterNotFoundException' },
    )
  })
})
