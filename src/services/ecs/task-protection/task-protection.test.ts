import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newServiceTask } from '../../../domain/new-task.ts'
import type { Task } from '../../../domain/task.ts'
import { deployments, services, taskDefinitionKey, taskDefinitions, tasks } from '../../../store/tables.ts'
import { createService } from '../service/create-service.ts'
import { updateService } from '../service/update-service.ts'
import { runTask } from '../task/run-task.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { getTaskProtection } from './get-task-protection.ts'
import { updateTaskProtection } from './update-task-protection.ts'

const cluster = 'default'

const withTasks = async (desiredCount: number, ...changes: Partial<Task>[]) => {
  const ecs = await testWorkloads()
  const { call, store, clock, dependencies } = ecs
  await call(createService, { serviceName: 'shop', taskDefinition: 'web', desiredCount })
  const service = store.get(services, `${ARN}:service/default/shop`)
  const [deployment] = [...store.all(deployments)]
  const definition = store.get(taskDefinitions, taskDefinitionKey('us-east-1', 'web', 1))
  assert.ok(service && deployment && definition)
  const { ids } = dependencies
  const made = changes.map(change => ({
    ...newServiceTask({
      service,
      deployment,
      definition,
      id: ids.hex32(),
      containerUuids: [ids.uuid()],
      now: clock.now(),
    }),
    ...change,
  }))
  await store.write(tx => {
    for (const task of made) tx.put(tasks, task)
  })
  return { ...ecs, ids: made.map(({ id }) => id), arns: made.map(({ arn }) => arn) }
}

describe('UpdateTaskProtection', () => {
  test('protects for two hours, or as long as it is told; again begins anew; ends it; time ends it', async () => {
    const { call, clock, ids, arns } = await withTasks(2, {}, {})
    const start = clock.now()
    const first = await call(updateTaskProtection, { cluster, tasks: ids, protectionEnabled: true })
    assert.deepEqual(first, {
      protectedTasks: arns.map(taskArn => ({
        taskArn,
        protectionEnabled: true,
        expirationDate: new Date(start + 120 * 60_000),
      })),
      failures: [],
    })
    await clock.advance(60_000)
    const again = await call(updateTaskProtection, {
      cluster,
      tasks: [arns[0] ?? ''],
      protectionEnabled: true,
      expiresInMinutes: 1,
    })
    assert.deepEqual(again.protectedTasks?.[0]?.expirationDate, new Date(start + 120_000))
    const off = await call(updateTaskProtection, { cluster, tasks: [ids[1] ?? ''], protectionEnabled: false })
    assert.deepEqual(off.protectedTasks, [{ taskArn: arns[1], protectionEnabled: false }])
    await clock.advance(60_000)
    const seen = await call(getTaskProtection, { cluster, tasks: ids })
    assert.deepEqual(
      seen.protectedTasks,
      arns.map(taskArn => ({ taskArn, protectionEnabled: false })),
    )
  })

  test('fails task by task: unknown, standalone, stopped', async () => {
    const { call, join, ids, arns } = await withTasks(2, {}, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
    await join()
    const { tasks: [alone] = [] } = await call(runTask, { taskDefinition: 'web' })
    const missing = '0123456789abcdef0123456789abcdef'
    const asked = [ids[0] ?? '', missing, alone?.taskArn ?? '', ids[1] ?? '']
    const { protectedTasks, failures } = await call(updateTaskProtection, {
      cluster,
      tasks: asked,
      protectionEnabled: true,
    })
    assert.deepEqual(
      protectedTasks?.map(({ taskArn }) => taskArn),
      [arns[0]],
    )
    const reasons = [
      [`${ARN}:task/default/${missing}`, 'MISSING'],
      [alone?.taskArn, 'TASK_NOT_VALID'],
      [arns[1], 'TASK_NOT_VALID'],
    ]
    assert.deepEqual(
      failures?.map(({ arn, reason }) => [arn, reason]),
      reasons,
    )
    const got = await call(getTaskProtection, { cluster, tasks: asked })
    assert.deepEqual(
      got.failures?.map(({ arn, reason }) => [arn, reason]),
      reasons,
    )
  })

  test('more protected tasks than the service wants would block its deployments', async () => {
    const { call, ids } = await withTasks(2, {}, {}, {})
    const protect = (...which: (string | undefined)[]) =>
      call(updateTaskProtection, { cluster, tasks: which.map(id => id ?? ''), protectionEnabled: true })
    const { failures } = await protect(...ids)
    assert.deepEqual(
      failures?.map(({ reason }) => reason),
      ['DEPLOYMENT_BLOCKED'],
    )
    assert.equal((await protect(ids[0])).failures?.length, 0)
    await call(updateService, { service: 'shop', desiredCount: 3 })
    assert.equal((await protect(ids[2])).failures?.length, 0)
  })

  test('refuses no tasks, too many, and times out of range', async () => {
    const { call, ids } = await withTasks(1, {})
    const refused = (input: object) =>
      assert.rejects(call(updateTaskProtection, { cluster, tasks: ids, protectionEnabled: true, ...input }), {
        code: REFUSED,
      })
    await refused({ tasks: [] })
    await refused({ tasks: Array.from({ length: 11 }, () => ids[0] ?? '') })
    await refused({ expiresInMinutes: 0 })
    await refused({ expiresInMinutes: 2_881 })
    await assert.rejects(call(updateTaskProtection, { cluster: 'none', tasks: ids, protectionEnabled: true }), {
      code: 'ClusterNotFoundException',
    })
    await assert.rejects(call(getTaskProtection, { cluster, tasks: [] }), { code: REFUSED })
    await assert.rejects(call(getTaskProtection, { cluster: 'none', tasks: ids }), { code: 'ClusterNotFoundException' })
  })
})
