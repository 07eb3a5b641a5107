import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Task } from '../../domain/task.ts'
import { clusters, deployments, idempotency, serviceEvents, services, tasks } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { CLUSTER, deploymentRow, olderRow, runningRow, serviceRow, T0, taskRow } from '../testing/rows.ts'
import { hoursUntil } from './plan.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const over = (more: Partial<Task> = {}) =>
  ({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: T0, settled: true, ...more }) as const

test('stopped tasks go after an hour, in batches; live and uncounted ones stay', async () => {
  const plane = await testPlane(['retention'])
  const service = serviceRow()
  const deployment = deploymentRow(service)
  await plane.store.write(tx => {
    tx.put(services, service)
    for (let old = 0; old < 1_200; old++) tx.put(tasks, taskRow(service, deployment, `${old}`, over()))
    tx.put(tasks, taskRow(service, deployment, 'live'))
    tx.put(tasks, runningRow(service, deployment, 'runs'))
    const { settled: _, ...uncounted } = taskRow(service, deployment, 'uncounted', over())
    tx.put(tasks, uncounted)
    tx.put(tasks, taskRow(service, deployment, 'young', over({ stoppedAt: T0 + 30 * MINUTE })))
  })
  await plane.advance(59 * MINUTE)
  assert.equal(plane.store.size(tasks), 1_204)
  await plane.advance(2 * MINUTE)
  assert.equal(plane.store.size(tasks), 4)
  await plane.advance(31 * MINUTE)
  assert.equal(plane.store.size(tasks), 3)
  // A deleted service counts no more ends.
  await plane.updateService({ status: 'INACTIVE' })
  await plane.advance(MINUTE)
  assert.deepEqual(
    plane.tasks().map(task => task.lastStatus),
    ['PROVISIONING', 'RUNNING'],
  )
  await plane.stop()
})

test('tasks that stopped long before the server came back go at its start', async () => {
  const plane = await testPlane(['retention'])
  await plane.stop()
  const service = serviceRow()
  await plane.store.write(tx =>
    tx.put(tasks, taskRow(service, deploymentRow(service), '1', over({ stoppedAt: T0 - 200 * 24 * HOUR }))),
  )
  plane.start()
  await plane.settled()
  assert.equal(plane.store.size(tasks), 0)
  await plane.stop()
})

test('the newest hundred events of a service stay', async () => {
  const plane = await testPlane(['retention'])
  const service = serviceRow()
  const tell = (count: number) =>
    plane.store.write(tx => {
      tx.put(services, service)
      for (let at = 0; at < count; at++)
        tx.put(serviceEvents, { id: `${at}`, serviceArn: service.arn, sequence: at, createdAt: T0, message: `${at}` })
    })
  await tell(110)
  await plane.settled()
  assert.equal(plane.events().length, 110)
  await tell(1_300)
  await plane.settled()
  assert.deepEqual([plane.events().length, plane.events()[0]], [100, '1200'])
  await plane.stop()
})

test('client tokens, INACTIVE deployments, services with their events, and clusters go in their time', async () => {
  const plane = await testPlane(['retention'])
  const service = serviceRow({ status: 'INACTIVE', inactiveAt: T0 })
  await plane.store.write(tx => {
    tx.put(idempotency, { key: 'k', requestHash: '', resourceArns: [], failures: [], createdAt: T0 })
    tx.put(services, service)
    tx.put(deployments, olderRow(service, { status: 'INACTIVE' }))
    tx.put(serviceEvents, { id: '1', serviceArn: service.arn, sequence: 0, createdAt: T0, message: 'over' })
    const cluster = tx.get(clusters, CLUSTER)
    if (cluster) tx.put(clusters, { ...cluster, status: 'INACTIVE', inactiveAt: T0 })
  })
  const left = () => [
    plane.store.size(idempotency),
    plane.store.size(deployments),
    plane.store.size(services),
    plane.store.size(serviceEvents),
    plane.store.size(clusters),
  ]
  await plane.advance(59 * MINUTE)
  assert.deepEqual(left(), [1, 1, 1, 1, 1])
  await plane.advance(2 * MINUTE)
  assert.deepEqual(left(), [1, 0, 1, 1, 1])
  await plane.advance(22 * HOUR)
  assert.deepEqual(left(), [1, 0, 1, 1, 1])
  await plane.advance(HOUR)
  assert.deepEqual(left(), [0, 0, 0, 0, 0])
  await plane.stop()
})

test('hours are looked at from the oldest to the one of the cutoff', () => {
  assert.deepEqual(hoursUntil(3 * HOUR + 1, HOUR), [2 * HOUR, 3 * HOUR])
})
