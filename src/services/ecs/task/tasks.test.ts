import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ListTasksRequest } from '@aws-sdk/client-ecs'
import { tasks } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { createService } from '../service/create-service.ts'
import { describeTasks } from './describe-tasks.ts'
import { listTasks } from './list-tasks.ts'
import { runTask } from './run-task.ts'
import { stopTask } from './stop-task.ts'
import { ARN, REFUSED, type TestWorkloads, testWorkloads } from './test-workloads.ts'

const ID = '0'.repeat(32)
const free = { family: 'free', containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 16 }] }

const withTask = async (): Promise<TestWorkloads & { readonly instance: string; readonly arn: string }> => {
  const ecs = await testWorkloads()
  const instance = await ecs.join()
  const { tasks: [task] = [] } = await ecs.call(runTask, { taskDefinition: 'web' })
  return { ...ecs, instance, arn: task?.taskArn ?? '' }
}

describe('StopTask', () => {
  test('asks a placed task to stop; its agent says when it has', async () => {
    const { call, arn, clock, report } = await withTask()
    await report({ task: arn, status: 'RUNNING', containers: [{ containerName: 'app', status: 'RUNNING' }] })
    const { task } = await call(stopTask, { task: arn })
    assert.deepEqual([task?.desiredStatus, task?.lastStatus], ['STOPPED', 'RUNNING'])
    assert.deepEqual([task?.stopCode, task?.stoppedReason], ['UserInitiated', 'Task stopped by user'])
    assert.deepEqual(task?.stoppingAt, new Date(clock.now()))
    await report({
      task: arn,
      status: 'STOPPED',
      containers: [{ containerName: 'app', status: 'STOPPED', exitCode: 143 }],
    })
    const { tasks: [stopped] = [] } = await call(describeTasks, { tasks: [arn] })
    assert.deepEqual([stopped?.lastStatus, stopped?.stopCode], ['STOPPED', 'UserInitiated'])
    assert.deepEqual([stopped?.containers?.[0]?.lastStatus, stopped?.containers?.[0]?.exitCode], ['STOPPED', 143])
  })

  test('takes an id and a reason; the first reason stays', async () => {
    const { call, arn, store } = await withTask()
    const id = arn.slice(-32)
    const first = await call(stopTask, { task: id, reason: 'enough' })
    assert.equal(first.task?.stoppedReason, 'enough')
    const version = store.get(tasks, arn)?.version
    const second = await call(stopTask, { task: id, reason: 'again' })
    assert.equal(second.task?.stoppedReason, 'enough')
    assert.equal(store.get(tasks, arn)?.version, version)
  })

  test('refuses what is no task', async () => {
    const { call, arn } = await withTask()
    await assert.rejects(call(stopTask, { task: ID }), { code: REFUSED, message: 'The referenced task was not found.' })
    await assert.rejects(call(stopTask, { task: 'no task' }), { code: REFUSED, message: 'Task Identifier is invalid' })
    await assert.rejects(call(stopTask, { task: ID, cluster: 'no' }), { code: 'ClusterNotFoundException' })
    await call(createCluster, { clusterName: 'other' })
    await assert.rejects(call(stopTask, { task: arn, cluster: 'other' }), { code: REFUSED })
  })
})

describe('DescribeTasks', () => {
  test('answers by id and ARN, and what is missing', async () => {
    const { call, arn } = await withTask()
    const plain = await call(describeTasks, { tasks: [arn, arn.slice(-32), ID] })
    assert.deepEqual(
      plain.tasks?.map(task => task.taskArn),
      [arn, arn],
    )
    assert.deepEqual(plain.failures, [{ arn: `${ARN}:task/default/${ID}`, reason: 'MISSING' }])
  })

  test('a healthy task with an essential container without a check is UNKNOWN, one with an UNHEALTHY container that', async () => {
    const { call, join, define, store } = await testWorkloads()
    await define({
      family: 'two',
      containerDefinitions: [
        { name: 'app', image: 'fake/run', memory: 16, healthCheck: { command: ['CMD', 'true'] } },
        { name: 'side', image: 'fake/run', memory: 16 },
      ],
    })
    await join()
    const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'two' })
    const shown = async (healthStatus: 'HEALTHY' | 'UNHEALTHY', essential: boolean) => {
      const row = store.get(tasks, task?.taskArn ?? '')
      assert(row)
      const containers = row.containers.map(one => (one.name === 'side' ? { ...one, essential } : one))
      await store.write(tx => tx.put(tasks, { ...row, healthStatus, containers }))
      const { tasks: [described] = [] } = await call(describeTasks, { tasks: [row.arn] })
      return described?.healthStatus
    }
    assert.deepEqual(
      [await shown('HEALTHY', true), await shown('HEALTHY', false), await shown('UNHEALTHY', true)],
      ['UNKNOWN', 'HEALTHY', 'UNHEALTHY'],
    )
  })

  test('shows tags only when they are included', async () => {
    const { call, join, define } = await testWorkloads()
    await define(free)
    await join()
    const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'free', tags: [{ key: 'a', value: 'b' }] })
    const asked = { tasks: [task?.taskArn ?? ''] }
    assert.deepEqual((await call(describeTasks, asked)).tasks?.[0]?.tags, [])
    const { tasks: [shown] = [] } = await call(describeTasks, { ...asked, include: ['TAGS'] })
    assert.deepEqual(shown?.tags, [{ key: 'a', value: 'b' }])
  })

  test('refuses none, more than 100, and an unknown cluster', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(describeTasks, { tasks: [] }), { code: REFUSED, message: 'Tasks cannot be empty.' })
    await assert.rejects(call(describeTasks, { tasks: Array.from({ length: 101 }, () => ID) }), { code: REFUSED })
    await assert.rejects(call(describeTasks, { tasks: [ID], cluster: 'no' }), { code: 'ClusterNotFoundException' })
  })
})

describe('ListTasks', () => {
  test('each filter finds its tasks', async () => {
    const { call, join, define, instance, arn, report } = await withTask()
    await define(free)
    const other = await join()
    const started = await call(runTask, { taskDefinition: 'free', startedBy: 'me' })
    const mine = started.tasks?.[0]?.taskArn ?? ''
    assert.equal(started.tasks?.[0]?.containerInstanceArn, other)
    const list = async (filters: ListTasksRequest) => (await call(listTasks, filters)).taskArns?.toSorted()
    assert.deepEqual(await list({}), [arn, mine].toSorted())
    assert.deepEqual(await list({ startedBy: 'me' }), [mine])
    assert.deepEqual(await list({ family: 'web' }), [arn])
    assert.deepEqual(await list({ containerInstance: instance }), [arn])
    assert.deepEqual(await list({ containerInstance: instance.slice(-32), family: 'free' }), [])
    assert.deepEqual(await list({ launchType: 'FARGATE' }), [])
    assert.deepEqual(await list({ launchType: 'EC2', family: 'free' }), [mine])
    assert.deepEqual(await list({ desiredStatus: 'PENDING' }), [])
    await report({ task: arn, status: 'STOPPED' })
    assert.deepEqual(await list({}), [mine])
    assert.deepEqual(await list({ desiredStatus: 'STOPPED' }), [arn])
    assert.deepEqual(await list({ desiredStatus: 'STOPPED', family: 'web' }), [arn])
  })

  test('a service’s tasks by its name; an unknown service is an error', async () => {
    const { call } = await testWorkloads()
    await call(createService, { serviceName: 'shop', taskDefinition: 'web', desiredCount: 1 })
    assert.deepEqual(await call(listTasks, { serviceName: 'shop' }), { taskArns: [] })
    await assert.rejects(call(listTasks, { serviceName: 'no' }), { code: 'ServiceNotFoundException' })
  })

  test('pages', async () => {
    const { call, join, define } = await testWorkloads()
    await define(free)
    await join()
    await call(runTask, { taskDefinition: 'free', count: 5 })
    const first = await call(listTasks, { maxResults: 3 })
    assert.equal(first.taskArns?.length, 3)
    const second = await call(listTasks, { maxResults: 3, nextToken: first.nextToken })
    assert.deepEqual([second.taskArns?.length, second.nextToken], [2, undefined])
    assert.equal(new Set([...(first.taskArns ?? []), ...(second.taskArns ?? [])]).size, 5)
    await assert.rejects(call(listTasks, { family: 'free', nextToken: first.nextToken }), { code: REFUSED })
  })

  test('refuses what can’t be listed', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(listTasks, { startedBy: 'me', family: 'web' }), { code: REFUSED })
    await assert.rejects(call(listTasks, { maxResults: 101 }), { code: REFUSED })
    await assert.rejects(call(listTasks, { maxResults: 0 }), { code: REFUSED })
    await assert.rejects(call(listTasks, { daemonName: 'a' }), { code: REFUSED })
    await assert.rejects(call(listTasks, { containerInstance: 'a b' }), { code: REFUSED })
    await assert.rejects(call(listTasks, { cluster: 'no' }), { code: 'ClusterNotFoundException' })
  })
})
