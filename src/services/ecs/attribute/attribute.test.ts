import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attribute } from '@aws-sdk/client-ecs'
import { containerInstances } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { deregisterContainerInstance } from '../container-instance/deregister-container-instance.ts'
import { listContainerInstances } from '../container-instance/list-container-instances.ts'
import { registerContainerInstance } from '../container-instance/register-container-instance.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { deleteAttributes } from './delete-attributes.ts'
import { listAttributes } from './list-attributes.ts'
import { putAttributes } from './put-attributes.ts'

const targetType = 'container-instance'
const missing = '0123456789abcdef0123456789abcdef'

const withInstance = async () => {
  const ecs = await testWorkloads()
  const targetId = await ecs.join()
  const own = async (): Promise<readonly Attribute[]> =>
    (await ecs.call(listAttributes, { targetType })).attributes?.filter(
      ({ name }) => !/^(ecs|com)\./.test(name ?? ''),
    ) ?? []
  const put = (...attributes: readonly Attribute[]) => ecs.call(putAttributes, { attributes: [...attributes] })
  return { ...ecs, targetId, own, put }
}

describe('PutAttributes', () => {
  test('adds, replaces, and answers what it applied', async () => {
    const { put, own, targetId, store } = await withInstance()
    const version = store.get(containerInstances, targetId)?.version ?? 0
    const prod = { name: 'stack', value: 'prod', targetId }
    assert.deepEqual(await put(prod, { name: 'marked', targetId }), {
      attributes: [prod, { name: 'marked', targetId }],
    })
    const test = { name: 'stack', value: 'a-Z_0.@/\\: 9', targetId }
    assert.deepEqual(await put(test), { attributes: [test] })
    assert.deepEqual(await own(), [{ name: 'marked', targetId }, test])
    assert.equal(store.get(containerInstances, targetId)?.version, version + 3)
  })

  test('takes a short id with its type', async () => {
    const { put, targetId } = await withInstance()
    const { attributes } = await put({ name: 'a', targetId: targetId.split('/').at(-1), targetType })
    assert.deepEqual(attributes, [{ name: 'a', targetId }])
  })

  test('lives on when the agent registers again', async () => {
    const { call, put, own, targetId } = await withInstance()
    await put({ name: 'stack', value: 'prod', targetId })
    const attributes = [{ name: 'ecs.os-type', value: 'linux' }]
    await call(registerContainerInstance, { containerInstanceArn: targetId, attributes })
    assert.deepEqual(await own(), [{ name: 'stack', value: 'prod', targetId }])
  })

  test('ten of one instance, the agent’s not counted; all or nothing', async () => {
    const { put, own, targetId, join } = await withInstance()
    const names = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `a${at}`, targetId }))
    await put(...names(9))
    await assert.rejects(put({ name: 'b', targetId }, { name: 'c', targetId }), {
      code: 'AttributeLimitExceededException',
      message: 'You can apply up to 10 custom attributes for each resource.',
    })
    assert.equal((await own()).length, 9)
    await put(...names(10))
    await put({ name: 'a3', value: 'other', targetId })
    await put({ name: 'b', targetId: await join() })
    assert.equal((await own()).length, 11)
  })

  const one = { name: 'a', targetId: `${ARN}:container-instance/default/${missing}` }
  const table: readonly (readonly [name: string, attributes: readonly Attribute[], code: string, message: RegExp])[] = [
    ['no attributes', [], REFUSED, /empty/],
    ['eleven', Array.from({ length: 11 }, () => one), REFUSED, /10/],
    ['an unknown instance', [one], 'TargetNotFoundException', /^The specified target wasn't found\.$/],
    ['an id without its type', [{ name: 'a', targetId: missing }], REFUSED, /targetType/],
    ['no id', [{ name: 'a', targetType }], REFUSED, /targetId/],
    ['a malformed id', [{ name: 'a', targetId: '!', targetType }], REFUSED, /invalid/],
    ['a name with a colon', [{ ...one, name: 'a:b' }], REFUSED, /'a:b' is invalid/],
    ['a long name', [{ ...one, name: 'a'.repeat(129) }], REFUSED, /1 to 128/],
    ['a name of the agent’s', [{ ...one, name: 'ecs.availability-zone' }], REFUSED, /reserved/],
    ['an empty value', [{ ...one, value: '' }], REFUSED, /value of attribute 'a' is invalid/],
    ['a long value', [{ ...one, value: 'a'.repeat(129) }], REFUSED, /1 to 128/],
    ['a value that ends in a space', [{ ...one, value: 'a ' }], REFUSED, /none of these at an end/],
  ]
  for (const [name, attributes, code, message] of table)
    test(`refuses ${name}`, async () => {
      const { put } = await withInstance()
      await assert.rejects(put(...attributes), { code, message })
    })

  test('refuses instances of another cluster, and deregistered ones', async () => {
    const { call, put, join, targetId } = await withInstance()
    await call(createCluster, { clusterName: 'other' })
    await assert.rejects(put({ name: 'a', targetId: await join({ cluster: 'other' }) }), {
      code: 'TargetNotFoundException',
    })
    await call(deregisterContainerInstance, { containerInstance: targetId })
    await assert.rejects(put({ name: 'a', targetId }), { code: 'TargetNotFoundException' })
    await assert.rejects(call(putAttributes, { cluster: 'none', attributes: [{ name: 'a', targetId }] }), {
      code: 'ClusterNotFoundException',
    })
  })
})

describe('DeleteAttributes', () => {
  test('takes attributes away and answers those that were there', async () => {
    const { call, put, own, targetId } = await withInstance()
    await put({ name: 'stack', value: 'prod', targetId }, { name: 'kept', targetId })
    const attributes = [
      { name: 'stack', targetId },
      { name: 'never', targetId },
    ]
    const answer = await call(deleteAttributes, { attributes })
    assert.deepEqual(answer, { attributes: [{ name: 'stack', value: 'prod', targetId }] })
    assert.deepEqual(await own(), [{ name: 'kept', targetId }])
  })

  test('refuses a value, the agent’s attributes, and an unknown instance', async () => {
    const { call, targetId } = await withInstance()
    const remove = (attribute: Attribute) => call(deleteAttributes, { attributes: [attribute] })
    await assert.rejects(remove({ name: 'a', value: 'b', targetId }), { code: REFUSED, message: /value/ })
    await assert.rejects(remove({ name: 'ecs.os-type', targetId }), { code: REFUSED, message: /reserved/ })
    await assert.rejects(remove({ name: 'a', targetId: missing, targetType }), { code: 'TargetNotFoundException' })
  })
})

describe('ListAttributes', () => {
  test('filters by name and value, over the instances of one cluster', async () => {
    const { call, put, join, targetId } = await withInstance()
    const second = await join()
    await call(createCluster, { clusterName: 'other' })
    const far = await join({ cluster: 'other' })
    await put({ name: 'stack', value: 'prod', targetId }, { name: 'stack', value: 'test', targetId: second })
    await call(putAttributes, { cluster: 'other', attributes: [{ name: 'stack', value: 'prod', targetId: far }] })
    const list = async (filter: { attributeName?: string; attributeValue?: string }) =>
      (await call(listAttributes, { targetType, ...filter })).attributes?.map(one => one.targetId)
    assert.deepEqual(await list({ attributeName: 'stack' }), [targetId, second].sort())
    assert.deepEqual(await list({ attributeName: 'stack', attributeValue: 'prod' }), [targetId])
    assert.deepEqual(await list({ attributeName: 'stack', attributeValue: 'none' }), [])
    await assert.rejects(list({ attributeValue: 'prod' }), { code: REFUSED, message: /name must be specified/ })
  })

  test('pages amid an instance, and goes on after what was deleted', async () => {
    const { call, put, join, targetId } = await withInstance()
    await join()
    await put(...['a', 'b', 'c'].map(name => ({ name, targetId })))
    const all = (await call(listAttributes, { targetType })).attributes ?? []
    for (const maxResults of [1, 2, 5, 100]) {
      const seen: Attribute[] = []
      let nextToken: string | undefined
      do {
        const page = await call(listAttributes, { targetType, maxResults, nextToken })
        assert.ok((page.attributes?.length ?? 0) <= maxResults)
        seen.push(...(page.attributes ?? []))
        nextToken = page.nextToken
      } while (nextToken)
      assert.deepEqual(seen, all)
    }
    const upToB = all.findIndex(one => one.name === 'b') + 1
    const { nextToken } = await call(listAttributes, { targetType, maxResults: upToB })
    await call(deleteAttributes, { attributes: [{ name: 'b', targetId }] })
    const rest = await call(listAttributes, { targetType, nextToken })
    assert.deepEqual(rest.attributes, all.slice(upToB))
    await assert.rejects(call(listAttributes, { targetType, attributeName: 'a', nextToken }), {
      message: 'Invalid token.',
    })
  })
})

describe('ListContainerInstances with a filter', () => {
  test('lists those that satisfy the expression', async () => {
    const { call, put, join, targetId } = await withInstance()
    const second = await join({ zone: 'us-east-1b' })
    await put({ name: 'stack', value: 'prod', targetId }, { name: 'stack', value: 'test', targetId: second })
    const list = async (filter: string) => (await call(listContainerInstances, { filter })).containerInstanceArns
    assert.deepEqual(await list('attribute:stack == prod'), [targetId])
    assert.deepEqual(await list('attribute:stack != prod'), [second])
    assert.deepEqual(await list('attribute:stack exists and runningTasksCount < 1'), [targetId, second].sort())
    assert.deepEqual(await list('attribute:ecs.availability-zone =~ ".*(b|c)"'), [second])
    assert.deepEqual(await list('registeredAt < 1971-01-01'), [])
    await assert.rejects(list('stack == prod'), {
      code: REFUSED,
      message: /^Invalid expression at character 1: 'stack' is no subject/,
    })
  })
})
