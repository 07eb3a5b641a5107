import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newServiceDeployment, revisionArnOf, revisionOf } from '../../domain/service-deployment.ts'
import {
  deployments,
  serviceDeployments,
  serviceRevisions,
  services,
  taskDefinitions,
  tasks,
} from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { definitionRow, deploymentRow, instanceRow, SCOPE } from '../testing/rows.ts'

const run = (startedAt: number) => ({ lastStatus: 'RUNNING', startedAt }) as const

test('a service of two comes up, is steady, loses one, has it replaced at once, and is deleted', async () => {
  const plane = await testPlane(['deployment', 'placement'])
  await plane.register(instanceRow('a'), instanceRow('b'))
  const service = await plane.createService({ desiredCount: 2 })
  const [first, second] = plane.tasks()
  assert.deepEqual(
    [first?.lastStatus, first?.startedBy, first?.group],
    ['PENDING', 'ecs-svc/0000000000000000001', 'service:web'],
  )
  assert.notEqual(first?.containerInstanceArn, second?.containerInstanceArn)
  await plane.report(plane.tasks(), run(plane.clock.now()))
  await plane.advance(3_000)
  const id = 'ecs-svc/0000000000000000001'
  assert.deepEqual(plane.events(), [
    `(service web) has started 2 tasks: (task ${first?.id}) (task ${second?.id}).`,
    `(service web) (deployment ${id}) deployment completed.`,
    '(service web) has reached a steady state.',
  ])

  await plane.report(plane.tasks().slice(0, 1), {
    desiredStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppingAt: plane.clock.now(),
  })
  assert.equal(plane.tasks().filter(task => task.desiredStatus === 'RUNNING').length, 2)
  assert.equal(plane.store.get(tasks, first?.arn ?? '')?.settled, true)

  await plane.updateService({ status: 'DRAINING', desiredCount: 0 })
  assert.ok(plane.tasks().every(task => task.desiredStatus === 'STOPPED'))
  const placed = plane.tasks().filter(task => task.arn !== first?.arn)
  assert.ok(placed.every(task => task.stopCode === 'ServiceSchedulerInitiated' && task.settled))
  await plane.report(plane.tasks(), { lastStatus: 'STOPPING' })
  assert.equal(plane.store.get(services, service.arn)?.status, 'INACTIVE')
  assert.deepEqual(
    plane.deployments().map(({ status }) => status),
    ['INACTIVE'],
  )
  await plane.stop()
})

test('what changed while no loop ran is seen at the next start', async () => {
  const plane = await testPlane(['deployment'])
  await plane.stop()
  await plane.createService({ desiredCount: 3 })
  assert.equal(plane.tasks().length, 0)
  plane.start()
  await plane.settled()
  assert.equal(plane.tasks().length, 3)
  await plane.stop()
})

test('a restart starts nothing twice and counts every end once', async () => {
  const plane = await testPlane(['deployment'])
  await plane.createService({ desiredCount: 3 })
  await plane.report(plane.tasks(), { desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart', lastStatus: 'STOPPED' })
  const counted = plane.deployments()[0]?.failedTasks
  assert.equal(counted, 3)
  const made = plane.tasks().length
  for (let restarts = 0; restarts < 3; restarts++) {
    await plane.stop()
    plane.start()
    await plane.settled()
  }
  assert.deepEqual([plane.deployments()[0]?.failedTasks, plane.tasks().length], [counted, made])
  await plane.stop()
})

test('failed starts are tried again when their wait is over', async () => {
  const plane = await testPlane(['deployment'])
  await plane.createService({ desiredCount: 1 })
  const fail = async (): Promise<void> => {
    const live = plane.tasks().filter(task => task.lastStatus !== 'STOPPED')
    await plane.advance(10)
    await plane.report(live, { desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart', lastStatus: 'STOPPED' })
  }
  await fail()
  assert.equal(plane.tasks().length, 2)
  await fail()
  assert.equal(plane.tasks().length, 2)
  const { notBefore = 0 } = plane.deployments()[0] ?? {}
  await plane.advance(notBefore - plane.clock.now())
  assert.equal(plane.tasks().length, 3)
  await plane.stop()
})

test('a run reads as little with 20,000 stopped tasks as with none', async () => {
  const plane = await testPlane(['deployment'])
  await plane.createService({ desiredCount: 1 })
  const [task] = plane.tasks()
  assert.ok(task)
  await plane.store.write(tx => {
    for (let old = 0; old < 20_000; old++)
      tx.put(tasks, {
        ...task,
        arn: `${task.arn}-${old}`,
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        settled: true,
      })
  })
  await plane.settled()
  plane.rowsRead()
  await plane.updateService({ desiredCount: 2 })
  assert.ok(plane.rowsRead() <= 20)
  await plane.stop()
})

test('a missing task definition is said and tried again, and other services go on', async () => {
  const plane = await testPlane(['deployment'])
  await plane.createService(
    { name: 'lost' },
    { id: 'ecs-svc/2', taskDefinitionArn: 'arn:aws:ecs:us-east-1:0:task-definition/gone:1' },
  )
  assert.match(plane.loop('deployment').status().lastResult ?? '', /no task definition/)
  await plane.createService({ name: 'web' })
  assert.equal(plane.tasks().length, 1)
  await plane.stop()
})

test('a rollback goes on after restarts, also to a deployment whose row is gone', async () => {
  const plane = await testPlane(['deployment'])
  const restart = async (): Promise<void> => {
    await plane.stop()
    plane.start()
    await plane.settled()
  }
  const breaker = { enable: true, rollback: true, thresholdConfiguration: { type: 'COUNT', value: 1 } as const }
  const service = await plane.createService({
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100, deploymentCircuitBreaker: breaker },
  })
  await plane.report(plane.tasks(), run(plane.clock.now()))
  await plane.advance(3_000)
  const first = plane.deployments()[0] ?? assert.fail()
  assert.equal(plane.store.get(services, service.arn)?.lastCompletedRevisionArn, revisionArnOf(first))
  // What UpdateService writes; the old task, which no host had, is given up at once, and its deployment goes with time.
  const second = deploymentRow(service, {
    id: 'ecs-svc/0000000000000000002',
    taskDefinitionArn: `${SCOPE}:task-definition/web:2`,
  })
  await plane.store.write(tx => {
    tx.put(taskDefinitions, definitionRow({ arn: second.taskDefinitionArn, revision: 2 }))
    tx.put(deployments, { ...first, status: 'ACTIVE' })
    tx.put(deployments, second)
    tx.put(serviceRevisions, revisionOf(first))
    tx.put(serviceDeployments, newServiceDeployment({ service, deployment: second, sources: [], id: 'one', now: 1 }))
    const row = tx.get(services, service.arn)
    if (row) tx.put(services, { ...row, taskDefinitionArn: second.taskDefinitionArn })
  })
  await plane.settled()
  await plane.store.write(tx => tx.delete(deployments, first.id))
  await restart()
  const bad = plane.tasks().filter(task => task.deploymentId === second.id)
  assert.equal(bad.length, 1)
  await plane.report(bad, { desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart', lastStatus: 'STOPPED' })
  await restart()
  assert.deepEqual(
    plane.deployments().map(({ id, rolloutState, status }) => [id, rolloutState, status]),
    [
      [first.id, 'IN_PROGRESS', 'PRIMARY'],
      [second.id, 'FAILED', 'INACTIVE'],
    ],
  )
  assert.equal(plane.store.get(services, service.arn)?.taskDefinitionArn, first.taskDefinitionArn)
  const again = plane.tasks().filter(task => task.deploymentId === first.id && task.desiredStatus === 'RUNNING')
  assert.equal(again.length, 1)
  await plane.report(again, run(plane.clock.now()))
  await restart()
  await plane.advance(3_000)
  const [history] = plane.store.all(serviceDeployments)
  assert.deepEqual([history?.status, plane.deployments()[0]?.rolloutState], ['ROLLBACK_SUCCESSFUL', 'COMPLETED'])
  await plane.stop()
})
