import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tasks } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { deleteCluster } from '../cluster/delete-cluster.ts'
import { describeTasks } from '../task/describe-tasks.ts'
import { runTask } from '../task/run-task.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { testRequest } from '../test-ecs.ts'
import { discoverPollEndpoint } from './discover-poll-endpoint.ts'
import { submitAttachmentStateChanges } from './submit-attachment-state-changes.ts'
import { submitContainerStateChange } from './submit-container-state-change.ts'
import { submitTaskStateChange } from './submit-task-state-change.ts'

const running = async () => {
  const ecs = await testWorkloads()
  await ecs.join()
  const { tasks: [task] = [] } = await ecs.call(runTask, { taskDefinition: 'web' })
  const arn = task?.taskArn ?? ''
  const described = async () => (await ecs.call(describeTasks, { tasks: [arn] })).tasks?.[0]
  return { ...ecs, arn, described }
}

test('DiscoverPollEndpoint answers where the caller reached us, or where agents are told to go', async () => {
  const { call, dependencies } = await testWorkloads()
  assert.deepEqual(await call(discoverPollEndpoint, {}), {
    endpoint: 'http://127.0.0.1:7700/acs',
    telemetryEndpoint: 'http://127.0.0.1:7700/tcs',
  })
  const told = discoverPollEndpoint({ ...dependencies, agentEndpoint: 'http://agents:80' })(testRequest, {})
  assert.deepEqual(told, { endpoint: 'http://agents:80/acs', telemetryEndpoint: 'http://agents:80/tcs' })
})

describe('SubmitTaskStateChange', () => {
  test('brings a task to RUNNING and to its end', async () => {
    const { call, arn, clock, described } = await running()
    const at = (seconds: number) => new Date(clock.now() + seconds * 1000)
    const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' as const }]
    const up = await call(submitTaskStateChange, {
      cluster: 'default',
      task: arn,
      status: 'RUNNING',
      reason: '',
      pullStartedAt: at(-2),
      pullStoppedAt: at(-1),
      containers: [
        { containerName: 'app', status: 'RUNNING', runtimeId: 'd1', imageDigest: 'sha256:1', networkBindings },
      ],
    })
    assert.ok(up.acknowledgment)
    const task = await described()
    assert.deepEqual([task?.lastStatus, task?.connectivity, task?.version], ['RUNNING', 'CONNECTED', 2])
    assert.deepEqual([task?.startedAt, task?.pullStartedAt, task?.pullStoppedAt], [at(0), at(-2), at(-1)])
    const [container] = task?.containers ?? []
    assert.deepEqual([container?.runtimeId, container?.imageDigest], ['d1', 'sha256:1'])
    assert.deepEqual(container?.networkBindings, networkBindings)
    await call(submitTaskStateChange, {
      task: arn,
      status: 'STOPPED',
      executionStoppedAt: at(5),
      containers: [{ containerName: 'app', status: 'STOPPED', exitCode: 1 }],
    })
    const ended = await described()
    assert.deepEqual(
      [ended?.lastStatus, ended?.desiredStatus, ended?.stopCode, ended?.stoppedReason],
      ['STOPPED', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
    )
    assert.deepEqual([ended?.executionStoppedAt, ended?.stoppedAt], [at(5), at(0)])
  })

  test('acknowledges what is stale or unknown and changes nothing', async () => {
    const { call, arn, store } = await running()
    const before = store.get(tasks, arn)
    for (const task of [
      `${ARN}:task/default/${'0'.repeat(32)}`,
      'nonsense',
      arn.replace('123456789012', '210987654321'),
    ])
      assert.ok((await call(submitTaskStateChange, { task, status: 'STOPPED' })).acknowledgment)
    assert.equal(store.get(tasks, arn), before)
  })

  test('takes a report about another region’s task: a host may give capacity to all', async () => {
    const { call, arn, described } = await running()
    await call(submitTaskStateChange, { task: arn, status: 'RUNNING' }, { region: 'eu-west-1' })
    assert.equal((await described())?.lastStatus, 'RUNNING')
  })

  test('acknowledges attachments and managed agents that no task has', async () => {
    const { call, arn, store } = await running()
    await call(submitTaskStateChange, { task: arn, status: 'RUNNING' })
    const before = store.get(tasks, arn)
    const attachments = [{ attachmentArn: 'a', status: 'ATTACHED' }]
    assert.ok((await call(submitTaskStateChange, { task: arn, attachments })).acknowledgment)
    assert.ok((await call(submitAttachmentStateChanges, { attachments })).acknowledgment)
    assert.equal(store.get(tasks, arn), before)
  })

  test('refuses no task, an unknown status and a cluster that never was; of a deleted one it takes a late report', async () => {
    const { call, arn } = await running()
    const report = { task: arn, status: 'RUNNING' }
    await assert.rejects(call(submitTaskStateChange, { ...report, cluster: 'none' }), {
      code: 'ClusterNotFoundException',
    })
    await call(createCluster, { clusterName: 'late' })
    await call(deleteCluster, { cluster: 'late' })
    assert.deepEqual(await call(submitTaskStateChange, { ...report, cluster: 'late' }), { acknowledgment: 'ACK' })
    await assert.rejects(call(submitTaskStateChange, { status: 'RUNNING' }), { code: REFUSED })
    await assert.rejects(call(submitTaskStateChange, { task: arn, status: 'DONE' }), { code: REFUSED })
  })
})

test('SubmitContainerStateChange tells about one container', async () => {
  const { call, arn, described } = await running()
  await call(submitContainerStateChange, { task: arn, containerName: 'app', status: 'RUNNING', runtimeId: 'd1' })
  const task = await described()
  assert.deepEqual([task?.lastStatus, task?.containers?.[0]?.lastStatus], ['PENDING', 'RUNNING'])
  await call(submitContainerStateChange, { task: arn, containerName: 'app', status: 'STOPPED', exitCode: 2 })
  const ending = await described()
  assert.deepEqual([ending?.desiredStatus, ending?.containers?.[0]?.exitCode], ['STOPPED', 2])
  await assert.rejects(call(submitContainerStateChange, { containerName: 'app' }), { code: REFUSED })
})
