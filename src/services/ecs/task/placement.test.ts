import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { deployments } from '../../../store/tables.ts'
import { putAttributes } from '../attribute/put-attributes.ts'
import { createService } from '../service/create-service.ts'
import { updateService } from '../service/update-service.ts'
import { describeTaskDefinition } from '../task-definition/describe-task-definition.ts'
import { registerTaskDefinition } from '../task-definition/register-task-definition.ts'
import { runTask } from './run-task.ts'
import { startTask } from './start-task.ts'
import { REFUSED, testWorkloads } from './test-workloads.ts'

const memberOf = (expression: string): PlacementConstraint & { readonly type: 'memberOf' } => ({
  type: 'memberOf',
  expression,
})
const UNMET = 'MemberOf placement constraint unsatisfied.'
const containerDefinitions = [{ name: 'app', image: 'fake/run', memory: 16 }]

/** Two instances, of stack `prod` and `test`, and task definition `free` with these constraints. */
const withStacks = async (...constraints: readonly ReturnType<typeof memberOf>[]) => {
  const ecs = await testWorkloads()
  await ecs.define({ family: 'free', containerDefinitions, placementConstraints: [...constraints] })
  const [prod, other] = [await ecs.join(), await ecs.join()]
  const stack = (targetId: string, value: string) => ({ name: 'stack', value, targetId })
  await ecs.call(putAttributes, { attributes: [stack(prod, 'prod'), stack(other, 'test')] })
  const run = async (count: number, ...own: readonly PlacementConstraint[]) => {
    const asked = { taskDefinition: 'free', count, placementConstraints: [...own] }
    const { tasks = [], failures = [] } = await ecs.call(runTask, asked)
    return { on: tasks.map(task => task.containerInstanceArn), failures }
  }
  return { ...ecs, prod, other, run }
}

describe('placement constraints of type memberOf', () => {
  test('RunTask places only where they are satisfied, and says so of the rest', async () => {
    const { run, prod, other } = await withStacks()
    assert.deepEqual((await run(3, memberOf('attribute:stack == prod'))).on, [prod, prod, prod])
    const none = await run(1, memberOf('attribute:stack == prod'), memberOf('agentVersion > 1'))
    assert.deepEqual(none.on, [])
    assert.deepEqual(
      none.failures.map(({ arn, reason }) => [arn, reason]),
      [prod, other].sort().map(arn => [arn, UNMET]),
    )
    assert.match(none.failures.find(({ arn }) => arn === other)?.detail ?? '', /attribute:stack == prod/)
  })

  test("the task definition's hold beside the request's; StartTask asks for neither", async () => {
    const { call, run, prod, other } = await withStacks(memberOf('attribute:stack == test'))
    assert.deepEqual((await run(2)).on, [other, other])
    assert.deepEqual((await run(1, memberOf('attribute:stack != test'))).on, [])
    const { tasks: [started] = [] } = await call(startTask, { taskDefinition: 'free', containerInstances: [prod] })
    assert.equal(started?.containerInstanceArn, prod)
  })

  test('task groups: with those of another group, away from those of its own', async () => {
    const { call, run, prod, other } = await withStacks()
    const apart = memberOf('not(task:group == family:free)')
    assert.deepEqual(new Set((await run(3, apart)).on), new Set([prod, other]))
    const db = { taskDefinition: 'free', group: 'db', placementConstraints: [memberOf('attribute:stack == prod')] }
    assert.equal((await call(runTask, db)).tasks?.[0]?.containerInstanceArn, prod)
    assert.deepEqual((await run(2, memberOf('task:group == db'))).on, [prod, prod])
    assert.deepEqual((await run(1, memberOf('task:group =~ "(a|d)b?"'))).on, [prod])
  })

  test('RegisterTaskDefinition keeps and answers them', async () => {
    const { call } = await withStacks(memberOf('attribute:stack exists'))
    const { taskDefinition } = await call(describeTaskDefinition, { taskDefinition: 'free' })
    assert.deepEqual(taskDefinition?.placementConstraints, [memberOf('attribute:stack exists')])
  })

  test('UpdateService takes new ones without a deployment', async () => {
    const { call, store } = await withStacks()
    await call(createService, { serviceName: 'shop', taskDefinition: 'free', desiredCount: 0 })
    const placementConstraints = [memberOf('runningTasksCount < 3')]
    const { service } = await call(updateService, { service: 'shop', placementConstraints })
    assert.deepEqual(service?.placementConstraints, placementConstraints)
    assert.equal(store.size(deployments), 1)
  })
})

describe('placement that is refused', () => {
  const invalid = /^Invalid expression at character 17: expected an operator after 'attribute:stack', found '='\.$/
  const constraints: readonly (readonly [string, PlacementConstraint[], string | RegExp])[] = [
    ['an expression that is none', [memberOf('attribute:stack = prod')], invalid],
    ['memberOf without an expression', [{ type: 'memberOf' }], 'memberOf expression should be specified.'],
    [
      'distinctInstance with an expression',
      [{ type: 'distinctInstance', expression: '' }],
      'distinctInstance expression should not be specified.',
    ],
    [
      'ten besides the definition’s own',
      Array.from({ length: 10 }, () => memberOf('attribute:stack exists')),
      'Maximum number of constraints is 10.',
    ],
  ]
  const strategies: readonly (readonly [PlacementStrategy[], string])[] = [
    [[{ type: 'random', field: 'cpu' }], 'random field should not be specified.'],
    [[{ type: 'binpack', field: 'disk' }], "binpack field 'disk' is invalid."],
    [[{ type: 'spread', field: 'zone' }], "spread field 'zone' is invalid."],
    [Array.from({ length: 6 }, () => ({ type: 'random' as const })), 'Maximum number of strategies is 5.'],
  ]
  const table = [
    ...constraints.map(([name, given, message]) => [name, { placementConstraints: given }, message] as const),
    ...strategies.map(([given, message]) => [message, { placementStrategy: given }, message] as const),
  ]
  for (const [name, placement, message] of table)
    test(name, async () => {
      const { call } = await withStacks(memberOf('attribute:stack exists'))
      const wrong = { code: REFUSED, message }
      const shop = { serviceName: 'shop', taskDefinition: 'free', desiredCount: 1 }
      await assert.rejects(call(runTask, { taskDefinition: 'free', ...placement }), wrong)
      await assert.rejects(call(createService, { ...shop, ...placement }), wrong)
      await call(createService, shop)
      await assert.rejects(call(updateService, { service: 'shop', ...placement }), wrong)
    })

  test('in a task definition, as a ClientException', async () => {
    const { call } = await testWorkloads()
    const register = (...placementConstraints: ReturnType<typeof memberOf>[]) =>
      call(registerTaskDefinition, { family: 'web', containerDefinitions, placementConstraints })
    await assert.rejects(register(memberOf('attribute:stack = prod')), { code: 'ClientException', message: invalid })
    await assert.rejects(register(memberOf('')), { code: 'ClientException', message: /should be specified/ })
    await assert.rejects(register(...Array.from({ length: 11 }, () => memberOf('attribute:a exists'))), {
      code: 'ClientException',
      message: 'Maximum number of constraints is 10.',
    })
  })
})
