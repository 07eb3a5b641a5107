import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListTaskDefinitionsRequest } from '@aws-sdk/client-ecs'
import { lastSegment } from '../../../domain/arn.ts'
import type { Table } from '../../../store/table.ts'
import { type TestEcs, testEcs, testRequest } from '../test-ecs.ts'
import { deleteTaskDefinitions } from './delete-task-definitions.ts'
import { deregisterTaskDefinition } from './deregister-task-definition.ts'
import { describeTaskDefinition } from './describe-task-definition.ts'
import { listTaskDefinitionFamilies } from './list-task-definition-families.ts'
import { listTaskDefinitions } from './list-task-definitions.ts'
import { registerTaskDefinition } from './register-task-definition.ts'

const containerDefinitions = [{ name: 'a', image: 'a', memory: 8 }]

/** `web` 1 to 4 (2 and 4 INACTIVE), `web-2` 1, `api` 1 to 2, `old` 1 (INACTIVE). */
const filled = async (): Promise<TestEcs> => {
  const ecs = await testEcs()
  for (const family of ['web', 'web', 'web', 'web', 'web-2', 'api', 'api', 'old'])
    await ecs.call(registerTaskDefinition, { family, containerDefinitions })
  for (const taskDefinition of ['web:2', 'web:4', 'old:1']) await ecs.call(deregisterTaskDefinition, { taskDefinition })
  return ecs
}

/** All pages of one listing, one result a page. */
const listed = async ({ call }: TestEcs, input: ListTaskDefinitionsRequest): Promise<string[]> => {
  const names: string[] = []
  let nextToken: string | undefined
  do {
    const page = await call(listTaskDefinitions, { ...input, maxResults: 1, nextToken })
    names.push(...(page.taskDefinitionArns ?? []).map(lastSegment))
    nextToken = page.nextToken
  } while (nextToken)
  return names
}

test('ListTaskDefinitions: ACTIVE ones by family and revision, a family, a status, both ways up, page by page', async () => {
  const ecs = await filled()
  const all = ['api:1', 'api:2', 'web:1', 'web:3', 'web-2:1']
  assert.deepEqual(await listed(ecs, {}), all)
  assert.deepEqual(await listed(ecs, { sort: 'DESC' }), all.toReversed())
  assert.deepEqual(await listed(ecs, { familyPrefix: 'web' }), ['web:1', 'web:3'])
  assert.deepEqual(await listed(ecs, { familyPrefix: 'web', sort: 'DESC' }), ['web:3', 'web:1'])
  assert.deepEqual(await listed(ecs, { status: 'INACTIVE' }), ['old:1', 'web:2', 'web:4'])
  assert.deepEqual(await listed(ecs, { status: 'INACTIVE', sort: 'DESC' }), ['web:4', 'web:2', 'old:1'])
  assert.deepEqual(await listed(ecs, { familyPrefix: 'none' }), [])
})

test('ListTaskDefinitions: a token belongs to its own listing', async () => {
  const { call } = await filled()
  const { nextToken } = await call(listTaskDefinitions, { maxResults: 1 })
  await assert.rejects(call(listTaskDefinitions, { sort: 'DESC', nextToken }), { code: 'InvalidParameterException' })
})

test('a page of the newest goes on behind a revision that was deregistered meanwhile', async () => {
  const { call } = await filled()
  const first = await call(listTaskDefinitions, { sort: 'DESC', familyPrefix: 'web', maxResults: 1 })
  await call(deregisterTaskDefinition, { taskDefinition: 'web:3' })
  const { nextToken } = first
  const second = await call(listTaskDefinitions, { sort: 'DESC', familyPrefix: 'web', maxResults: 1, nextToken })
  assert.deepEqual(second.taskDefinitionArns?.map(lastSegment), ['web:1'])
})

test('ListTaskDefinitionFamilies: by status and prefix, page by page', async () => {
  const { call } = await filled()
  const families = async (input: Parameters<ReturnType<typeof listTaskDefinitionFamilies>>[1]) =>
    (await call(listTaskDefinitionFamilies, input)).families
  assert.deepEqual(await families({}), ['api', 'old', 'web', 'web-2'])
  assert.deepEqual(await families({ status: 'ALL' }), ['api', 'old', 'web', 'web-2'])
  assert.deepEqual(await families({ status: 'ACTIVE' }), ['api', 'web', 'web-2'])
  assert.deepEqual(await families({ status: 'INACTIVE' }), ['old'])
  assert.deepEqual(await families({ familyPrefix: 'web' }), ['web', 'web-2'])
  assert.deepEqual(await families({ familyPrefix: 'we' }), ['web', 'web-2'])
  assert.deepEqual(await families({ familyPrefix: 'x' }), [])
  const first = await call(listTaskDefinitionFamilies, { familyPrefix: 'web', maxResults: 1 })
  assert.deepEqual(first.families, ['web'])
  const second = await call(listTaskDefinitionFamilies, {
    familyPrefix: 'web',
    maxResults: 1,
    nextToken: first.nextToken,
  })
  assert.deepEqual(second, { families: ['web-2'] })
})

test('DescribeTaskDefinition: tags only when included; unknown ones in its own words', async () => {
  const { call } = await filled()
  await call(registerTaskDefinition, { family: 'web', containerDefinitions, tags: [{ key: 'k', value: 'v' }] })
  const plain = await call(describeTaskDefinition, { taskDefinition: 'web' })
  assert.equal(plain.taskDefinition?.revision, 5)
  assert.equal('tags' in plain, false)
  const withTags = await call(describeTaskDefinition, { taskDefinition: 'web:5', include: ['TAGS'] })
  assert.deepEqual(withTags.tags, [{ key: 'k', value: 'v' }])
  const inactive = await call(describeTaskDefinition, { taskDefinition: 'web:2' })
  assert.equal(inactive.taskDefinition?.status, 'INACTIVE')
  for (const taskDefinition of ['none', 'web:9', 'old'])
    await assert.rejects(call(describeTaskDefinition, { taskDefinition }), {
      code: 'ClientException',
      message: 'Unable to describe task definition.',
    })
})

test('DeregisterTaskDefinition: once, by revision only', async () => {
  const { call, clock } = await filled()
  const first = await call(deregisterTaskDefinition, { taskDefinition: 'api:1' })
  assert.deepEqual(
    [first.taskDefinition?.status, first.taskDefinition?.deregisteredAt?.getTime()],
    ['INACTIVE', clock.now()],
  )
  await clock.advance(1000)
  const again = await call(deregisterTaskDefinition, { taskDefinition: 'api:1' })
  assert.deepEqual(again.taskDefinition?.deregisteredAt, first.taskDefinition?.deregisteredAt)
  for (const taskDefinition of ['api', 'api:9'])
    await assert.rejects(call(deregisterTaskDefinition, { taskDefinition }), {
      code: 'ClientException',
      message: 'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
    })
})

test('DeleteTaskDefinitions: INACTIVE revisions, one by one; what fails says why', async () => {
  const { call, clock } = await filled()
  await call(deregisterTaskDefinition, { taskDefinition: 'api:1' })
  const answer = await call(deleteTaskDefinitions, { taskDefinitions: ['api:1', 'web:1', 'api:9'] })
  const [deleted] = answer.taskDefinitions ?? []
  assert.deepEqual(
    [deleted?.family, deleted?.status, deleted?.deleteRequestedAt?.getTime()],
    ['api', 'DELETE_IN_PROGRESS', clock.now()],
  )
  assert.deepEqual(
    answer.failures?.map(({ arn, reason }) => [arn?.split('/').at(-1), reason]),
    [
      ['web:1', 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.'],
      ['api:9', 'MISSING'],
    ],
  )
  const again = await call(deleteTaskDefinitions, { taskDefinitions: ['api:1'] })
  assert.deepEqual(again.taskDefinitions, answer.taskDefinitions)
  const described = await call(describeTaskDefinition, { taskDefinition: 'api:1' })
  assert.equal(described.taskDefinition?.status, 'DELETE_IN_PROGRESS')
  for (const taskDefinitions of [[], ['api'], Array.from({ length: 11 }, (_, at) => `api:${at + 1}`)])
    await assert.rejects(call(deleteTaskDefinitions, { taskDefinitions }), { code: 'ClientException' })
})

test('a page and a look-up cost what they answer, not what there is', async () => {
  const { store, call, dependencies } = await testEcs()
  for (let i = 0; i < 400; i++) await call(registerTaskDefinition, { family: 'web', containerDefinitions })
  for (let i = 2; i < 400; i++) await call(deregisterTaskDefinition, { taskDefinition: `web:${i}` })
  await call(deregisterTaskDefinition, { taskDefinition: 'web:400' })

  let reads = 0
  function* byIndex<Row>(table: Table<Row>, index: string, value: string, after?: string): Generator<Row, undefined> {
    for (const row of store.byIndex(table, index, value, after)) {
      reads++
      yield row
    }
  }
  const get = <Row>(table: Table<Row>, key: string): Row | undefined => {
    reads++
    return store.get(table, key)
  }
  const counted = { ...dependencies, store: { ...store, get, byIndex } }
  const cost = async (run: () => unknown): Promise<number> => {
    reads = 0
    await run()
    return reads
  }
  const request = testRequest
  assert.ok((await cost(() => describeTaskDefinition(counted)(request, { taskDefinition: 'web' }))) <= 20)
  assert.ok((await cost(() => listTaskDefinitions(counted)(request, { status: 'INACTIVE', maxResults: 5 }))) <= 10)
  const newest = { status: 'INACTIVE', sort: 'DESC', maxResults: 5 } as const
  assert.ok((await cost(() => listTaskDefinitions(counted)(request, newest))) <= 30)
})
