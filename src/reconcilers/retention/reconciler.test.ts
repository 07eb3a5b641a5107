import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '../../domain/service.ts'
import {
  newServiceDeployment,
  revisionArnOf,
  revisionOf,
  type ServiceDeployment,
} from '../../domain/service-deployment.ts'
import type { Task } from '../../domain/task.ts'
import type { TaskDefinition } from '../../domain/task-definition.ts'
import {
  capacityProviders,
  clusters,
  containerInstances,
  deployments,
  idempotency,
  serviceDeployments,
  serviceEvents,
  serviceRevisions,
  services,
  taskDefinitions,
  tasks,
} from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import {
  CLUSTER,
  definitionRow,
  deploymentRow,
  instanceRow,
  olderRow,
  runningRow,
  SCOPE,
  serviceRow,
  T0,
  taskRow,
} from '../testing/rows.ts'
import { hoursUntil } from './plan.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const over = (more: Partial<Task> = {}) =>
  ({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: T0, settled: true, ...more }) as const

test('stopped tasks go in their time, in batches; live and uncounted ones stay', async () => {
  const plane = await testPlane(['retention'], { stoppedTaskMs: HOUR })
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

test('stopped tasks stay for thirty days, and no more than are kept in memory, but those of the last hour', async () => {
  const plane = await testPlane(['retention'], { stoppedTasksKept: 1_000 })
  const service = serviceRow()
  const deployment = deploymentRow(service)
  await plane.store.write(tx => {
    tx.put(services, service)
    tx.put(tasks, taskRow(service, deployment, 'past', over({ stoppedAt: T0 - 30 * 24 * HOUR - 1 })))
    tx.put(tasks, taskRow(service, deployment, 'old', over({ stoppedAt: T0 - 29 * 24 * HOUR })))
    for (let at = 0; at < 998; at++)
      tx.put(tasks, taskRow(service, deployment, `${at}`, over({ stoppedAt: T0 - HOUR - at })))
    for (let at = 0; at < 10; at++) tx.put(tasks, runningRow(service, deployment, `r${at}`))
  })
  await plane.advance(MINUTE)
  assert.deepEqual([plane.store.size(tasks), plane.tasks().some(({ id }) => id.endsWith('past'))], [1_009, false])
  await plane.store.write(tx => {
    for (let at = 0; at < 1_200; at++) tx.put(tasks, taskRow(service, deployment, `new${at}`, over()))
  })
  await plane.advance(MINUTE)
  // Of the surplus all that are an hour old went, the oldest first.
  assert.deepEqual([plane.store.size(tasks), plane.tasks().some(({ id }) => id.endsWith('old'))], [1_210, false])
  await plane.stop()
})

test('a deleted task definition goes when no task, no deployment and no way back refers to it', async () => {
  const plane = await testPlane(['retention'])
  const [first, second, third, fourth] = [1, 2, 3, 4].map(revision =>
    definitionRow({
      arn: `${SCOPE}:task-definition/old:${revision}`,
      family: 'old',
      revision,
      status: 'DELETE_IN_PROGRESS',
    }),
  )
  assert(first && second && third && fourth)
  const of = (definition: TaskDefinition) => serviceRow({ taskDefinitionArn: definition.arn })
  const current = deploymentRow(of(second))
  const lastCompleted = deploymentRow(of(third), { id: 'ecs-svc/3', status: 'INACTIVE' })
  const service = { ...of(second), lastCompletedRevisionArn: revisionArnOf(lastCompleted) }
  const running = { ...runningRow(service, current, '1'), taskDefinitionArn: first.arn }
  await plane.store.write(tx => {
    for (const row of [first, second, third, fourth]) tx.put(taskDefinitions, row)
    tx.put(services, service)
    tx.put(deployments, current)
    tx.put(serviceRevisions, revisionOf(lastCompleted))
    tx.put(tasks, running)
  })
  const left = () =>
    [...plane.store.all(taskDefinitions)].filter(({ family }) => family === 'old').map(row => row.revision)
  await plane.advance(MINUTE)
  assert.deepEqual(left(), [1, 2, 3])
  await plane.store.write(tx => tx.put(tasks, { ...running, ...over() }))
  await plane.advance(MINUTE)
  assert.deepEqual(left(), [2, 3])
  await plane.updateService({ status: 'INACTIVE' })
  await plane.store.write(tx => tx.put(deployments, { ...current, status: 'INACTIVE' }))
  await plane.advance(MINUTE)
  assert.deepEqual(left(), [])
  await plane.stop()
})

test('service deployments go after 90 days with their revisions, but not what runs or may be rolled back to', async () => {
  const plane = await testPlane(['retention'])
  const deployment = (digit: number, status: Deployment['status']) =>
    deploymentRow(serviceRow(), { id: `ecs-svc/${digit}`, status, updatedAt: T0 })
  const [first, second, third] = [deployment(1, 'INACTIVE'), deployment(2, 'INACTIVE'), deployment(3, 'PRIMARY')]
  const service = serviceRow({ lastCompletedRevisionArn: revisionArnOf(second) })
  const old = T0 - 90 * 24 * HOUR - 1
  const history = (target: Deployment, sources: readonly Deployment[], at: number): ServiceDeployment => ({
    ...newServiceDeployment({
      service,
      deployment: target,
      sources: sources.map(revisionArnOf),
      id: target.id,
      now: at,
    }),
    status: 'SUCCESSFUL',
  })
  await plane.store.write(tx => {
    tx.put(services, service)
    for (const one of [first, second, third]) tx.put(serviceRevisions, revisionOf(one))
    tx.put(deployments, third)
    tx.put(serviceDeployments, history(first, [], old))
    tx.put(serviceDeployments, history(second, [first], old))
    tx.put(serviceDeployments, history(third, [second], T0))
  })
  await plane.advance(MINUTE)
  assert.deepEqual(
    [...plane.store.all(serviceDeployments)].map(row => row.deploymentId),
    [third.id],
  )
  assert.deepEqual([...plane.store.all(serviceRevisions)].map(({ arn }) => arn).toSorted(), [
    revisionArnOf(second),
    revisionArnOf(third),
  ])
  // The rest goes with the service.
  await plane.updateService({ status: 'INACTIVE', inactiveAt: T0 - 24 * HOUR })
  await plane.advance(MINUTE)
  assert.deepEqual(
    [plane.store.size(services), plane.store.size(serviceDeployments), plane.store.size(serviceRevisions)],
    [0, 0, 0],
  )
  await plane.stop()
})

test('INACTIVE container instances go after a day', async () => {
  const plane = await testPlane(['retention'])
  await plane.register(
    instanceRow('gone', { status: 'INACTIVE', inactiveAt: T0 - 24 * HOUR - 1 }),
    instanceRow('legacy', { status: 'INACTIVE', registeredAt: T0 - 48 * HOUR }),
    instanceRow('late', { status: 'INACTIVE', inactiveAt: T0, registeredAt: T0 - 48 * HOUR }),
    instanceRow('old', { registeredAt: T0 - 48 * HOUR }),
  )
  await plane.advance(MINUTE)
  assert.deepEqual(
    [...plane.store.all(containerInstances)].map(({ id }) => id),
    ['late', 'old'],
  )
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

test('client tokens, INACTIVE deployments, services with their events, clusters and capacity providers go in their time', async () => {
  const plane = await testPlane(['retention'])
  const service = serviceRow({ status: 'INACTIVE', inactiveAt: T0 })
  await plane.store.write(tx => {
    tx.put(idempotency, { key: 'k', requestHash: '', resourceArns: [], failures: [], createdAt: T0 })
    tx.put(services, service)
    tx.put(deployments, olderRow(service, { status: 'INACTIVE' }))
    tx.put(serviceEvents, { id: '1', serviceArn: service.arn, sequence: 0, createdAt: T0, message: 'over' })
    const cluster = tx.get(clusters, CLUSTER)
    if (cluster) tx.put(clusters, { ...cluster, status: 'INACTIVE', inactiveAt: T0 })
    tx.put(capacityProviders, {
      arn: CLUSTER.replace('cluster/default', 'capacity-provider/gpu'),
      name: 'gpu',
      status: 'INACTIVE',
      autoScalingGroupProvider: { autoScalingGroupArn: 'gpu' },
      tags: [],
      createdAt: T0,
      inactiveAt: T0,
    })
  })
  const left = () => [
    plane.store.size(idempotency),
    plane.store.size(deployments),
    plane.store.size(services),
    plane.store.size(serviceEvents),
    plane.store.size(clusters),
    plane.store.size(capacityProviders),
  ]
  await plane.advance(59 * MINUTE)
  assert.deepEqual(left(), [1, 1, 1, 1, 1, 1])
  await plane.advance(2 * MINUTE)
  assert.deepEqual(left(), [1, 0, 1, 1, 1, 1])
  await plane.advance(22 * HOUR)
  assert.deepEqual(left(), [1, 0, 1, 1, 1, 1])
  await plane.advance(HOUR)
  assert.deepEqual(left(), [0, 0, 0, 0, 0, 0])
  await plane.stop()
})

test('hours are looked at from the oldest to the one of the cutoff', () => {
  assert.deepEqual(hoursUntil(3 * HOUR + 1, HOUR), [2 * HOUR, 3 * HOUR])
})
