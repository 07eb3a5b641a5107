// Attributes and the cluster query language, by the SDK against a whole `stowage up` with simulated instances: what they
// choose. Each error that the operations document is in cases/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { FREE, fleetForTests } from './fleet.ts'

const fleet = fleetForTests()

const targetType = 'container-instance'
const listed = async (filter: string) =>
  (await fleet().client.send(new ecs.ListContainerInstancesCommand({ filter }))).containerInstanceArns

test('attributes: put, list, filter by, place by, delete', async () => {
  const { client, instances } = fleet()
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
      taskDefinition: FREE,
      count: 4,
      placementConstraints: [{ type: 'memberOf', expression }],
    }),
  )
  assert.deepEqual(new Set(tasks.map(task => task.containerInstanceArn)), new Set([chosen]))
  const { tasks: none, failures = [] } = await client.send(
    new ecs.RunTaskCommand({
      taskDefinition: FREE,
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

test('what is reserved, and what is no expression, is refused', async () => {
  const { client, instances } = fleet()
  const [targetId = ''] = instances
  const attributes = [{ name: 'ecs.os-type', targetId }]
  const invalid = { name: 'InvalidParameterException' }
  await assert.rejects(client.send(new ecs.PutAttributesCommand({ attributes })), invalid)
  await assert.rejects(listed('attribute:stack = prod'), invalid)
})
