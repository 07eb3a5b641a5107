// Attributes and the cluster query language, by the SDK against a whole `stowage up` with simulated instances: what they
// choose, and each error that the operations document.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'

let stowage: Stowage
let client: ecs.ECSClient
let instances: readonly string[]
before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: 3 })
  client = stowage.ecs
  const { containerInstanceArns = [] } = await client.send(new ecs.ListContainerInstancesCommand({}))
  instances = containerInstanceArns
  const containerDefinitions = [{ name: 'main', image: 'fake/run', memory: 32 }]
  await client.send(new ecs.RegisterTaskDefinitionCommand({ family: 'free', containerDefinitions }))
})
after(() => stowage.dispose())

const targetType = 'container-instance'
const listed = async (filter: string) =>
  (await client.send(new ecs.ListContainerInstancesCommand({ filter }))).containerInstanceArns

test('attributes: put, list, filter by, place by, delete', async () => {
  const [chosen = '', other = ''] = instances
  const attributes = [
    { name: 'stack', value: 'prod', targetId: chosen },
    { name: 'stack', value: 'test', targetId: other.split('/').at(-1), targetType } as const,
  ]
  const put = await client.send(new ecs.PutAttributesCommand({ attributes }))
  assert.deepEqual(put.attributes, [
    { name: 'stack', value: 'prod', targetId: chosen },
    { name: 'stack', value: 'test', targetId: other },
  ])
  const found: ecs.Attribute[] = []
  for await (const page of ecs.paginateListAttributes({ client, pageSize: 1 }, { targetType, attributeName: 'stack' }))
    found.push(...(page.attributes ?? []))
  assert.deepEqual(found.map(one => one.targetId).toSorted(), [chosen, other].toSorted())
  assert.deepEqual(await listed('attribute:stack == prod'), [chosen])
  assert.deepEqual(await listed('attribute:stack exists and not(attribute:stack =~ p.*)'), [other])

  const expression = 'attribute:stack in [prod]'
  const { tasks = [] } = await client.send(
    new ecs.RunTaskCommand({
      taskDefinition: 'free',
      count: 4,
      placementConstraints: [{ type: 'memberOf', expression }],
    }),
  )
  assert.deepEqual(new Set(tasks.map(task => task.containerInstanceArn)), new Set([chosen]))
  const { tasks: none, failures = [] } = await client.send(
    new ecs.RunTaskCommand({
      taskDefinition: 'free',
      placementConstraints: [{ type: 'memberOf', expression: 'agentVersion > 1000' }],
    }),
  )
  assert.deepEqual(none, [])
  assert.deepEqual(
    new Set(failures.map(({ reason }) => reason)),
    new Set(['MemberOf placement constraint unsatisfied.']),
  )

  const removed = await client.send(
    new ecs.DeleteAttributesCommand({ attributes: [{ name: 'stack', targetId: chosen }] }),
  )
  assert.deepEqual(removed.attributes, [{ name: 'stack', value: 'prod', targetId: chosen }])
  assert.deepEqual(await listed(expression), [])
})

test('attributes: the errors', async () => {
  const [targetId = ''] = instances
  const one = [{ name: 'a', targetId }]
  const gone = [{ name: 'a', targetId: '0'.repeat(32), targetType } as const]
  const nine = Array.from({ length: 9 }, (_, at) => ({ name: `n${at}`, targetId }))
  await client.send(new ecs.PutAttributesCommand({ attributes: nine }))
  const two = ['x', 'y'].map(name => ({ name, targetId }))
  const table: readonly (readonly [code: string, send: () => Promise<unknown>])[] = [
    ['AttributeLimitExceededException', () => client.send(new ecs.PutAttributesCommand({ attributes: two }))],
    ['TargetNotFoundException', () => client.send(new ecs.PutAttributesCommand({ attributes: gone }))],
    ['TargetNotFoundException', () => client.send(new ecs.DeleteAttributesCommand({ attributes: gone }))],
    ['ClusterNotFoundException', () => client.send(new ecs.PutAttributesCommand({ cluster: 'none', attributes: one }))],
    [
      'ClusterNotFoundException',
      () => client.send(new ecs.DeleteAttributesCommand({ cluster: 'none', attributes: one })),
    ],
    ['ClusterNotFoundException', () => client.send(new ecs.ListAttributesCommand({ cluster: 'none', targetType }))],
    [
      'InvalidParameterException',
      () => client.send(new ecs.PutAttributesCommand({ attributes: [{ name: 'ecs.os-type', targetId }] })),
    ],
    ['InvalidParameterException', () => client.send(new ecs.DeleteAttributesCommand({ attributes: [] }))],
    [
      'InvalidParameterException',
      () => client.send(new ecs.ListAttributesCommand({ targetType, attributeValue: 'prod' })),
    ],
    ['InvalidParameterException', () => listed('attribute:stack = prod')],
  ]
  for (const [name, send] of table) await assert.rejects(send(), { name })
})
