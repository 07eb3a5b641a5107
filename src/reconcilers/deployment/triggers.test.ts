import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Deployment } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { deployments, services, tasks } from '../../store/tables.ts'
import { testStore } from '../../store/test-store.ts'
import { deploymentRow, olderRow, runningRow, serviceRow, taskRow } from '../testing/rows.ts'
import { dueFor } from './triggers.ts'

/** A service with `running` of its tasks RUNNING already, and one more that gets there: what is due for it. */
const dueForOneMore = async (
  given: {
    desiredCount?: number
    running?: number
    deployment?: Partial<Deployment>
    older?: boolean
    after?: Partial<Task>
  } = {},
) => {
  const { desiredCount = 100, running = 50, older = false, after: how = {} } = given
  const store = await testStore()
  const service = serviceRow({ desiredCount })
  const deployment = deploymentRow(service, given.deployment)
  const before = taskRow(service, deployment, 'ffff')
  const after: Task = { ...before, lastStatus: 'RUNNING', ...how }
  await store.write(tx => {
    tx.put(services, service)
    tx.put(deployments, deployment)
    if (older) tx.put(deployments, olderRow(service))
    for (let made = 0; made < running; made++) tx.put(tasks, runningRow(service, deployment, `${made}`))
    tx.put(tasks, after)
  })
  const due = [...dueFor(store, { table: tasks, key: after.arn, before, after } as never)]
  await store.close()
  return due.map(one => (typeof one === 'string' ? 'at once' : 'can wait'))
}

describe('what is due for a task that reaches RUNNING', () => {
  test('can wait while many more are to come', async () => {
    assert.deepEqual(await dueForOneMore(), ['can wait'])
  })

  test('is due at once when it is the last, or its service is small', async () => {
    assert.deepEqual(await dueForOneMore({ running: 99 }), ['at once'])
    assert.deepEqual(await dueForOneMore({ desiredCount: 99 }), ['at once'])
  })

  test('is due at once when another deployment is to make way for it, or there were failures', async () => {
    assert.deepEqual(await dueForOneMore({ older: true }), ['at once'])
    assert.deepEqual(await dueForOneMore({ deployment: { failedTasks: 1 } }), ['at once'])
    assert.deepEqual(await dueForOneMore({ deployment: { consecutiveFailures: 1 } }), ['at once'])
    assert.deepEqual(await dueForOneMore({ deployment: { consecutiveCrashes: 1 } }), ['at once'])
  })

  test('is due at once when that is not all that happened to it', async () => {
    assert.deepEqual(await dueForOneMore({ after: { healthStatus: 'HEALTHY' } }), ['at once'])
    assert.deepEqual(await dueForOneMore({ after: { desiredStatus: 'STOPPED' } }), ['at once'])
    assert.deepEqual(await dueForOneMore({ after: { lastStatus: 'STOPPED' } }), ['at once'])
  })
})
