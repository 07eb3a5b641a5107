// Every ECS operation that is built, by the SDK against one whole `stowage up` with simulated instances: its happy path, and each
// error that AWS documents for it with its whole message. The rows are in cases/; what has none is listed there with its reason,
// and a test below sees that nothing is missing from both.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testClock } from '../../src/lib/clock.ts'
import { seededIds } from '../../src/lib/ids.ts'
import { ecsService } from '../../src/services/ecs/service-description.ts'
import { testStore } from '../../src/store/test-store.ts'
import { capacityProviderCases } from './cases/capacity-providers.ts'
import { type Case, given, type Refusal, type Success, send } from './cases/case.ts'
import { clusterCases } from './cases/clusters.ts'
import { agentCases, attributeCases, containerInstanceCases } from './cases/container-instances.ts'
import { daemonCases, daemonTaskDefinitionCases } from './cases/daemons.ts'
import { deploymentCases, serviceCases } from './cases/services.ts'
import { settingCases, tagCases } from './cases/settings-and-tags.ts'
import { taskDefinitionCases } from './cases/task-definitions.ts'
import { taskSetCases } from './cases/task-sets.ts'
import { protectionCases, taskCases } from './cases/tasks.ts'
import { NEVER_SUCCEED, UNPROVOKED } from './cases/unprovoked.ts'
import { makeWorld, type World } from './cases/world.ts'

const CASES: readonly Case[] = [
  ...clusterCases,
  ...capacityProviderCases,
  ...taskDefinitionCases,
  ...containerInstanceCases,
  ...attributeCases,
  ...agentCases,
  ...taskCases,
  ...protectionCases,
  ...serviceCases,
  ...deploymentCases,
  ...taskSetCases,
  ...daemonCases,
  ...daemonTaskDefinitionCases,
  ...settingCases,
  ...tagCases,
]
const isRefusal = (one: Case): one is Refusal => 'error' in one
const refusals = CASES.filter(isRefusal)
const successes = CASES.filter((one): one is Success => !isRefusal(one))

let world: World
before(async () => {
  world = await makeWorld()
})
after(() => world?.stowage.dispose())

describe('happy paths', () => {
  for (const { operation, request, answer } of successes)
    test(operation, async () => {
      const answered = await send(world.client, operation, await given(request, world))
      assert.partialDeepStrictEqual(answered, await given(answer, world))
    })
})

describe('documented errors', () => {
  for (const { operation, error, message, request } of refusals)
    test(`${operation}: ${error}`, async () => {
      const input = await given(request, world)
      const expected = { name: error, message: await given(message, world) }
      await assert.rejects(send(world.client, operation, input), expected)
    })
})

describe('nothing is missing', async () => {
  const store = await testStore()
  const { constraints, operations } = ecsService({ store, clock: testClock(), ids: seededIds(1) })
  await store.close()
  const built = Object.keys(operations)
  const documented = built.flatMap(name =>
    (constraints.operations[name]?.errors ?? []).map(error => `${name}: ${error}`),
  )
  const excused = UNPROVOKED.flatMap(({ error, operations: of }) =>
    (of === 'every' ? built : of)
      .map(name => `${name}: ${error}`)
      .filter(one => of !== 'every' || documented.includes(one)),
  )
  const provoked = new Set(refusals.map(({ operation, error }) => `${operation}: ${error}`))

  test('every operation that is built has a happy path', () => {
    const shown = new Set<string>(successes.map(({ operation }) => operation))
    const missing = built.filter(name => !shown.has(name) && !Object.hasOwn(NEVER_SUCCEED, name))
    assert.deepEqual(missing, [])
    assert.deepEqual(
      Object.keys(NEVER_SUCCEED).filter(name => shown.has(name)),
      [],
    )
  })

  test('every error that is documented is provoked, or has a reason not to be', () => {
    const missing = documented.filter(one => !provoked.has(one) && !excused.includes(one))
    assert.deepEqual(missing, [])
  })

  test('no reason is left of an error that is provoked, or documented nowhere', () => {
    assert.deepEqual(
      excused.filter(one => provoked.has(one) || !documented.includes(one)),
      [],
    )
    assert.deepEqual(
      excused.filter((one, at) => excused.indexOf(one) !== at),
      [],
    )
  })

  test('what is provoked is documented', () => {
    assert.deepEqual(
      [...provoked].filter(one => !documented.includes(one)),
      [],
    )
  })
})
