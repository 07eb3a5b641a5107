import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, Service } from '../../domain/service.ts'
import type { TaskSetFields } from '../../domain/task-set.ts'
import { deployments, tasks } from '../../store/tables.ts'
import { type Plane, testPlane } from '../testing/plane.ts'
import { deploymentRow, SCOPE, serviceRow } from '../testing/rows.ts'

const ID = (digit: number): string => `ecs-svc/000000000000000000${digit}`

const taskSetRow = (service: Service, digit: number, more: Partial<TaskSetFields> = {}): Deployment =>
  deploymentRow(service, {
    id: ID(digit),
    status: 'ACTIVE',
    taskSet: {
      arn: `${SCOPE}:task-set/default/web/${ID(digit)}`,
      scale: 100,
      draining: false,
      tags: [],
      ...more,
    },
  })

const external = async (...sets: readonly (readonly [digit: number, fields?: Partial<TaskSetFields>])[]) => {
  const plane = await testPlane(['deployment'])
  const service = serviceRow({ desiredCount: 3, deploymentController: { type: 'EXTERNAL' } })
  await plane.createService(service, taskSetRow(service, 1, sets[0]?.[1]))
  await plane.store.write(tx => {
    for (const [digit, fields] of sets.slice(1)) tx.put(deployments, taskSetRow(service, digit, fields))
  })
  await plane.settled()
  return plane
}

const change = async (plane: Plane, digit: number, fields: Partial<TaskSetFields>): Promise<void> => {
  await plane.store.write(tx => {
    const row = tx.get(deployments, ID(digit))
    if (row?.taskSet) tx.put(deployments, { ...row, taskSet: { ...row.taskSet, ...fields } })
  })
  await plane.settled()
}

const wanted = (plane: Plane, digit: number) =>
  plane.tasks().filter(task => task.deploymentId === ID(digit) && task.desiredStatus === 'RUNNING')

const run = async (plane: Plane): Promise<void> => {
  const pending = plane.tasks().filter(task => task.lastStatus === 'PROVISIONING' && task.desiredStatus === 'RUNNING')
  await plane.report(pending, {
    lastStatus: 'RUNNING',
    startedAt: plane.clock.now(),
    containerInstanceArn: `${SCOPE}:container-instance/default/a`,
  })
}

test('each holds its own share, rounded up, and says when it is steady', async () => {
  const plane = await external([1], [2, { scale: 40 }], [3, { scale: 0 }])
  assert.deepEqual([wanted(plane, 1).length, wanted(plane, 2).length, wanted(plane, 3).length], [3, 2, 0])
  await run(plane)
  await plane.advance(3_000)
  assert.deepEqual(plane.events().toSorted(), [
    `(service web, taskSet ${ID(1)}) has reached a steady state.`,
    `(service web, taskSet ${ID(2)}) has reached a steady state.`,
    `(service web, taskSet ${ID(3)}) has reached a steady state.`,
  ])
  assert.deepEqual(
    plane.deployments().map(({ status, desiredCount }) => [status, desiredCount]),
    [
      ['ACTIVE', 3],
      ['ACTIVE', 2],
      ['ACTIVE', 0],
    ],
  )
  // Neither replaces the other, whichever is PRIMARY.
  await plane.updateService({ desiredCount: 10 })
  assert.deepEqual([wanted(plane, 1).length, wanted(plane, 2).length], [10, 4])
  await run(plane)
  await change(plane, 1, { scale: 30 })
  assert.deepEqual([wanted(plane, 1).length, wanted(plane, 2).length], [3, 4])
  await plane.stop()
})

test('one that is deleted stops its tasks and is gone when nothing runs; the service needs none', async () => {
  const plane = await external([1])
  await run(plane)
  await change(plane, 1, { draining: true })
  assert.equal(wanted(plane, 1).length, 0)
  assert.equal(plane.deployments()[0]?.status, 'ACTIVE')
  await plane.report(plane.tasks(), { lastStatus: 'STOPPING' })
  assert.equal(plane.deployments()[0]?.status, 'INACTIVE')
  assert.match(plane.loop('deployment').status().lastResult ?? '', /web/)
  await plane.updateService({ desiredCount: 5 })
  assert.equal(plane.tasks().filter(task => task.desiredStatus === 'RUNNING').length, 0)
  await plane.stop()
})

test('a task that ends is replaced in its set; failed starts back off', async () => {
  const plane = await external([1, { scale: 1 }])
  const fail = async (): Promise<void> => {
    await plane.advance(10)
    const live = plane.tasks().filter(task => task.lastStatus !== 'STOPPED')
    await plane.report(live, { desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart', lastStatus: 'STOPPED' })
  }
  await fail()
  await fail()
  assert.equal(plane.store.size(tasks), 2)
  await plane.advance(2_000)
  assert.equal(plane.store.size(tasks), 3)
  await fail()
  assert.equal(plane.events().filter(message => message.includes('unable to consistently start')).length, 1)
  await plane.stop()
})

test('a deleted service stops them all', async () => {
  const plane = await external([1], [2])
  await run(plane)
  await plane.updateService({ status: 'DRAINING', desiredCount: 0 })
  await plane.report(plane.tasks(), { lastStatus: 'STOPPING' })
  assert.deepEqual(
    plane.deployments().map(({ status }) => status),
    ['INACTIVE', 'INACTIVE'],
  )
  await plane.stop()
})
