import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type NewTask, newTask } from './new-task.ts'
import { stopTask, type Task } from './task.ts'
import type { TaskDefinition } from './task-definition.ts'
import { type ContainerReport, reportTask, type TaskReport } from './task-report.ts'

const CREATED = 1_000
const NOW = 5_000

const definition: TaskDefinition = {
  arn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  containerDefinitions: [
    { name: 'app', image: 'app', memory: 64 },
    { name: 'sidecar', image: 'sidecar', memory: 64, essential: false },
  ],
  volumes: [],
  placementConstraints: [],
  requiresAttributes: [],
  compatibilities: ['EC2'],
  tags: [],
  registeredAt: 0,
  registeredBy: 'root',
}

const task = (spec: Partial<NewTask> = {}): Task =>
  newTask({
    definition,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
    id: '0'.repeat(32),
    containerUuids: ['a', 'b'],
    group: 'family:web',
    launchType: 'EC2',
    tags: [],
    placementConstraints: [],
    placementStrategy: [],
    host: { containerInstanceArn: 'instance', availabilityZone: 'us-east-1a' },
    now: CREATED,
    ...spec,
  })

const report = (status: TaskReport['status'], ...containers: ContainerReport[]): TaskReport => ({ status, containers })
const app = (more: Omit<ContainerReport, 'name'>): ContainerReport => ({ name: 'app', ...more })
const sidecar = (more: Omit<ContainerReport, 'name'>): ContainerReport => ({ name: 'sidecar', ...more })

const running = (from = task()): Task =>
  reportTask(from, report('RUNNING', app({ status: 'RUNNING' }), sidecar({ status: 'RUNNING' })), NOW)

const stateOf = ({ lastStatus, desiredStatus, stopCode, stoppedReason }: Task) => [
  lastStatus,
  desiredStatus,
  stopCode,
  stoppedReason,
]

describe('a report on the way up', () => {
  test('PENDING brings digests and the connection, no other status', () => {
    const next = reportTask(task(), report('PENDING', app({ status: 'PENDING', imageDigest: 'sha256:1' })), NOW)
    assert.deepEqual(
      [next.lastStatus, next.containers[0]?.imageDigest, next.connectivityAt],
      ['PENDING', 'sha256:1', NOW],
    )
    assert.equal(next.version, 2)
  })

  test('RUNNING sets startedAt, bindings and pull times', () => {
    const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' as const }]
    const next = reportTask(
      task(),
      {
        ...report(
          'RUNNING',
          app({ status: 'RUNNING', runtimeId: 'd1', networkBindings }),
          sidecar({ status: 'RUNNING' }),
        ),
        pullStartedAt: 2_000,
        pullStoppedAt: 3_000,
      },
      NOW,
    )
    assert.deepEqual(stateOf(next), ['RUNNING', 'RUNNING', undefined, undefined])
    assert.deepEqual([next.startedAt, next.pullStartedAt, next.pullStoppedAt], [NOW, 2_000, 3_000])
    assert.deepEqual([next.containers[0]?.runtimeId, next.containers[0]?.networkBindings], ['d1', networkBindings])
  })

  test('the same report again changes nothing', () => {
    const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' as const }]
    const said = report('RUNNING', app({ status: 'RUNNING', runtimeId: 'd1', networkBindings }))
    const once = reportTask(task(), said, NOW)
    assert.equal(reportTask(once, structuredClone(said), NOW + 1), once)
  })

  test('a late report neither takes back a status nor a fact', () => {
    const up = reportTask(task(), report('RUNNING', app({ status: 'RUNNING', runtimeId: 'd2' })), NOW)
    assert.equal(reportTask(up, report('PENDING', app({ status: 'PENDING', runtimeId: 'd1' })), NOW + 1), up)
    const filled = reportTask(up, report('PENDING', app({ status: 'PENDING', imageDigest: 'sha256:1' })), NOW + 1)
    assert.deepEqual([filled.lastStatus, filled.containers[0]?.lastStatus], ['RUNNING', 'RUNNING'])
    assert.equal(filled.containers[0]?.imageDigest, 'sha256:1')
  })

  test('unknown containers are passed over; a task without a host can’t be reported', () => {
    const up = running()
    assert.equal(reportTask(up, report('RUNNING', { name: 'other', status: 'STOPPED' }), NOW), up)
    const unplaced = task({ host: undefined })
    assert.equal(reportTask(unplaced, report('RUNNING'), NOW), unplaced)
  })

  test('RUNNING does not bring back a task that is STOPPING', () => {
    const stopping: Task = { ...running(), lastStatus: 'STOPPING', desiredStatus: 'STOPPED' }
    assert.equal(reportTask(stopping, report('RUNNING'), NOW + 1).lastStatus, 'STOPPING')
  })
})

describe('the end of a task', () => {
  const table: readonly {
    readonly name: string
    readonly before: Task
    readonly said: TaskReport
    readonly state: ReturnType<typeof stateOf>
    readonly executionStoppedAt?: number
  }[] = [
    {
      name: 'an essential container exits while the task runs',
      before: running(),
      said: report('RUNNING', app({ status: 'STOPPED', exitCode: 1 })),
      state: ['RUNNING', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: NOW,
    },
    {
      name: 'an essential container exits, told without a task status',
      before: running(),
      said: report(undefined, app({ status: 'STOPPED', exitCode: 0 })),
      state: ['RUNNING', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: NOW,
    },
    {
      name: 'a container that is not essential exits',
      before: running(),
      said: report('RUNNING', sidecar({ status: 'STOPPED', exitCode: 0 })),
      state: ['RUNNING', 'RUNNING', undefined, undefined],
    },
    {
      name: 'everything has stopped, told at once',
      before: running(),
      said: {
        ...report('STOPPED', app({ status: 'STOPPED', exitCode: 3 }), sidecar({ status: 'STOPPED', exitCode: 137 })),
        executionStoppedAt: 6_000,
      },
      state: ['STOPPED', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: 6_000,
    },
    {
      name: 'an end before the beginning, by an agent whose clock is slow',
      before: running(),
      said: { ...report('STOPPED', app({ status: 'STOPPED', exitCode: 0 })), executionStoppedAt: 4_000 },
      state: ['STOPPED', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: NOW,
    },
    {
      name: 'killed for memory',
      before: running(),
      said: report(
        'STOPPED',
        app({ status: 'STOPPED', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }),
      ),
      state: ['STOPPED', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: NOW,
    },
    {
      name: 'an image that can’t be pulled, on EC2',
      before: task(),
      said: report('STOPPED', app({ status: 'STOPPED', reason: 'CannotPullContainerError: no such image' })),
      state: ['STOPPED', 'STOPPED', 'TaskFailedToStart', 'Task failed to start'],
    },
    {
      name: 'an image that can’t be pulled, on FARGATE',
      before: task({ launchType: 'FARGATE' }),
      said: report('STOPPED', app({ status: 'STOPPED', reason: 'CannotPullContainerError: no such image' })),
      state: ['STOPPED', 'STOPPED', 'TaskFailedToStart', 'CannotPullContainerError: no such image'],
    },
    {
      name: 'a start that failed with the engine’s exit code',
      before: task(),
      said: report(
        'STOPPED',
        app({ status: 'STOPPED', exitCode: 127, reason: 'CannotStartContainerError: no such file' }),
      ),
      state: ['STOPPED', 'STOPPED', 'TaskFailedToStart', 'Task failed to start'],
    },
    {
      name: 'a run that was over before RUNNING could be told',
      before: task(),
      said: report('STOPPED', app({ status: 'STOPPED', exitCode: 0 }), sidecar({ status: 'STOPPED', exitCode: 0 })),
      state: ['STOPPED', 'STOPPED', 'EssentialContainerExited', 'Essential container in task exited'],
      executionStoppedAt: NOW,
    },
    {
      name: 'a task that the agent refuses',
      before: task(),
      said: { ...report('STOPPED'), reason: 'UnrecogniedTaskError: Error loading task' },
      state: ['STOPPED', 'STOPPED', 'TaskFailedToStart', 'UnrecogniedTaskError: Error loading task'],
    },
    {
      name: 'a task that a user stopped keeps that reason',
      before: stopTask(running(), { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }, NOW, false),
      said: report('STOPPED', app({ status: 'STOPPED', exitCode: 143 })),
      state: ['STOPPED', 'STOPPED', 'UserInitiated', 'Task stopped by user'],
      executionStoppedAt: NOW,
    },
  ]
  for (const { name, before, said, state, executionStoppedAt } of table)
    test(name, () => {
      const next = reportTask(before, said, NOW)
      assert.deepEqual(stateOf(next), state)
      assert.equal(next.executionStoppedAt, executionStoppedAt)
      const ended = next.lastStatus === 'STOPPED'
      assert.equal(next.stoppedAt, ended ? NOW : undefined)
      assert.equal(next.stoppingAt, next.desiredStatus === 'STOPPED' ? NOW : undefined)
      if (ended) assert.ok(next.containers.every(container => container.lastStatus === 'STOPPED'))
      assert.equal(reportTask(next, said, NOW + 1), next, 'twice is once')
    })

  test('an essential exit is told first, the rest of the task later', () => {
    const ending = reportTask(running(), report('RUNNING', app({ status: 'STOPPED', exitCode: 1 })), NOW)
    const ended = reportTask(ending, report('STOPPED', sidecar({ status: 'STOPPED', exitCode: 143 })), NOW + 9)
    assert.deepEqual(stateOf(ended).slice(0, 2), ['STOPPED', 'STOPPED'])
    assert.deepEqual([ended.stoppingAt, ended.executionStoppedAt, ended.stoppedAt], [NOW, NOW, NOW + 9])
    assert.deepEqual(
      ended.containers.map(container => container.exitCode),
      [1, 143],
    )
  })

  test('a container has one end', () => {
    const ending = reportTask(
      running(),
      report('RUNNING', sidecar({ status: 'STOPPED', exitCode: 1, reason: 'a' })),
      NOW,
    )
    assert.equal(
      reportTask(ending, report('RUNNING', sidecar({ status: 'STOPPED', exitCode: 2, reason: 'b' })), NOW),
      ending,
    )
  })

  test('nothing changes a task that is STOPPED', () => {
    const ended = reportTask(running(), report('STOPPED', app({ status: 'STOPPED', exitCode: 1 })), NOW)
    for (const status of ['PENDING', 'RUNNING', 'STOPPED'] as const)
      assert.equal(reportTask(ended, report(status, app({ status, exitCode: 9, reason: 'late' })), NOW + 1), ended)
  })

  test('a task that was asked to stop while it started still tells that it ran', () => {
    const asked = stopTask(task(), { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }, NOW, false)
    const up = reportTask(asked, report('RUNNING', app({ status: 'RUNNING' })), NOW + 1)
    assert.deepEqual(stateOf(up), ['RUNNING', 'STOPPED', 'UserInitiated', 'Task stopped by user'])
    assert.equal(up.startedAt, NOW + 1)
  })
})
