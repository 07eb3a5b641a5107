import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AwsVpcConfiguration, RunTaskRequest } from '@aws-sdk/client-ecs'
import { tasks } from '../../../store/tables.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { deregisterTaskDefinition } from '../task-definition/deregister-task-definition.ts'
import { describeTasks } from './describe-tasks.ts'
import { runTask } from './run-task.ts'
import { startTask } from './start-task.ts'
import { ARN, awsvpcConfiguration, ON_FARGATE, REFUSED, SIZED, testWorkloads } from './test-workloads.ts'

describe('RunTask', () => {
  test('places a task on an instance and answers it PENDING', async () => {
    const { call, join, clock } = await testWorkloads()
    const instance = await join()
    const { tasks: ran = [], failures } = await call(runTask, {
      taskDefinition: 'web',
      startedBy: 'me',
      referenceId: 'job-1',
      tags: [{ key: 'a', value: 'b' }],
    })
    assert.deepEqual(failures, [])
    const [task] = ran
    assert.match(task?.taskArn ?? '', new RegExp(`^${ARN}:task/default/[0-9a-f]{32}$`))
    assert.deepEqual(
      { ...task, taskArn: '', containers: [] },
      {
        taskArn: '',
        clusterArn: `${ARN}:cluster/default`,
        taskDefinitionArn: `${ARN}:task-definition/web:1`,
        group: 'family:web',
        startedBy: 'me',
        version: 1,
        desiredStatus: 'RUNNING',
        lastStatus: 'PENDING',
        healthStatus: 'UNKNOWN',
        launchType: 'EC2',
        containerInstanceArn: instance,
        availabilityZone: 'us-east-1a',
        cpu: '128',
        memory: '64',
        containers: [],
        overrides: { containerOverrides: [{ name: 'app' }], inferenceAcceleratorOverrides: [] },
        attachments: [],
        attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
        enableExecuteCommand: false,
        tags: [{ key: 'a', value: 'b' }],
        createdAt: new Date(clock.now()),
        connectivityAt: undefined,
        pullStartedAt: undefined,
        pullStoppedAt: undefined,
        startedAt: undefined,
        stoppingAt: undefined,
        executionStoppedAt: undefined,
        stoppedAt: undefined,
        stopCode: undefined,
        stoppedReason: undefined,
      },
    )
    const [container] = task?.containers ?? []
    assert.deepEqual(
      [container?.name, container?.lastStatus, container?.cpu, container?.memory],
      ['app', 'PENDING', '128', '64'],
    )
  })

  test('says for each instance why it will not do, and keeps what was placed', async () => {
    const { call, join } = await testWorkloads()
    const [full, away] = [await join(), await join({ connected: false })]
    const { tasks: ran = [], failures = [] } = await call(runTask, { taskDefinition: 'web', count: 3 })
    assert.deepEqual(
      ran.map(task => task.containerInstanceArn),
      [full],
    )
    const reasons = failures.map(({ arn, reason }) => [arn, reason])
    assert.deepEqual(
      reasons.sort(),
      [
        [away, 'AGENT'],
        [full, 'RESOURCE:PORTS'],
      ].sort(),
    )
    assert.ok(failures.every(failure => failure.detail))
  })

  test('spreads over zones; distinctInstance leaves the rest unplaced', async () => {
    const { call, join, define } = await testWorkloads()
    await define({ family: 'free', containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 64 }] })
    const instances = [await join(), await join(), await join({ zone: 'us-east-1b' })]
    const spread = await call(runTask, { taskDefinition: 'free', count: 2 })
    assert.deepEqual(new Set(spread.tasks?.map(task => task.availabilityZone)), new Set(['us-east-1a', 'us-east-1b']))
    const distinct = await call(runTask, {
      taskDefinition: 'free',
      group: 'mine',
      count: 4,
      placementConstraints: [{ type: 'distinctInstance' }],
    })
    assert.deepEqual(new Set(distinct.tasks?.map(task => task.containerInstanceArn)), new Set(instances))
    assert.equal(distinct.failures?.[0]?.reason, 'DistinctInstance placement constraint unsatisfied.')
  })

  test('in a large cluster it finds the one instance with room, and spreads over many', async () => {
    const { call, join, define } = await testWorkloads()
    await define({ family: 'free', containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 16 }] })
    await Promise.all(Array.from({ length: 150 }, () => join({ memory: 32 })))
    const roomy = await join()
    const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'web' })
    assert.equal(task?.containerInstanceArn, roomy)
    const used = new Set<string | undefined>()
    for (let run = 0; run < 5; run++) {
      const { tasks: ran = [] } = await call(runTask, { taskDefinition: 'free', count: 10 })
      for (const { containerInstanceArn } of ran) used.add(containerInstanceArn)
    }
    assert.ok(used.size > 40, `50 tasks on ${used.size} instances`)
    const { failures = [] } = await call(runTask, { taskDefinition: 'web' })
    assert.equal(failures.length, 100)
  })

  test('FARGATE uses capacity of any cluster and does not show where', async () => {
    const { call, join, define } = await testWorkloads()
    await define(SIZED)
    await call(createCluster, { clusterName: 'empty' })
    const asked = { cluster: 'empty', ...ON_FARGATE }
    const none = await call(runTask, asked)
    assert.deepEqual(none, {
      tasks: [],
      failures: [
        {
          reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
          detail: 'No container instance gives FARGATE capacity.',
        },
      ],
    })
    const host = await join({ fargate: true, memory: 512 })
    const { tasks: [task] = [] } = await call(runTask, asked)
    assert.deepEqual([task?.launchType, task?.platformVersion, task?.platformFamily], ['FARGATE', '1.4.0', 'Linux'])
    assert.deepEqual([task?.containerInstanceArn, task?.clusterArn], [undefined, `${ARN}:cluster/empty`])
    const full = await call(runTask, asked)
    assert.equal(full.failures?.[0]?.arn, undefined)
    assert.equal(full.failures?.[0]?.detail, 'FARGATE capacity, hosts by reason: RESOURCE:MEMORY 1.')
    assert.ok(!JSON.stringify(full).includes(host))
  })

  test('tags: managed ones and those of the task definition, on request', async () => {
    const { call, join, define } = await testWorkloads()
    await define({ family: 'tagged', tags: [{ key: 'from', value: 'definition' }] })
    await join()
    const { tasks: [task] = [] } = await call(runTask, {
      taskDefinition: 'tagged',
      propagateTags: 'TASK_DEFINITION',
      enableECSManagedTags: true,
    })
    assert.deepEqual(task?.tags, [
      { key: 'from', value: 'definition' },
      { key: 'aws:ecs:clusterName', value: 'default' },
    ])
  })

  test('a token stands for its first request for 24 hours', async () => {
    const { call, join, define, clock, report } = await testWorkloads()
    await define({ family: 'free', containerDefinitions: [{ name: 'app', image: 'fake/run', memory: 64 }] })
    await join()
    const asked = { taskDefinition: 'free', clientToken: 'token' }
    const first = await call(runTask, asked)
    const arn = first.tasks?.[0]?.taskArn ?? ''
    await report({ task: arn, status: 'RUNNING' })
    const again = await call(runTask, { clientToken: 'token', taskDefinition: 'free' })
    assert.deepEqual(
      again.tasks?.map(task => [task.taskArn, task.lastStatus]),
      [[arn, 'RUNNING']],
    )
    await assert.rejects(call(runTask, { ...asked, count: 2 }), {
      code: 'ConflictException',
      members: { resourceIds: [arn] },
    })
    await clock.advance(24 * 60 * 60 * 1000)
    const later = await call(runTask, asked)
    assert.notEqual(later.tasks?.[0]?.taskArn, arn)
  })

  test('two equal requests at once run one task', async () => {
    const { call, join, store } = await testWorkloads()
    await join()
    const asked = { taskDefinition: 'web', clientToken: 'token' }
    const [a, b] = await Promise.all([call(runTask, asked), call(runTask, asked)])
    assert.deepEqual(a.tasks?.[0]?.taskArn, b.tasks?.[0]?.taskArn)
    assert.equal(store.size(tasks), 1)
  })
})

describe('RunTask refuses', () => {
  const web = { taskDefinition: 'web' }
  const network = (change: Partial<AwsVpcConfiguration>): RunTaskRequest => ({
    ...ON_FARGATE,
    networkConfiguration: { awsvpcConfiguration: { ...awsvpcConfiguration, ...change } },
  })
  const table: readonly (readonly [name: string, input: RunTaskRequest, code: string, message: string | RegExp])[] = [
    ['an unknown cluster', { ...web, cluster: 'no' }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['an unknown task definition', { taskDefinition: 'no' }, 'ClientException', 'TaskDefinition not found.'],
    ['count 0', { ...web, count: 0 }, REFUSED, /Count/],
    ['count 11', { ...web, count: 11 }, REFUSED, /Count/],
    ['a group of services', { ...web, group: 'service:a' }, REFUSED, /group/],
    ['a long group', { ...web, group: 'a'.repeat(256) }, REFUSED, /group/],
    ['startedBy with a space', { ...web, startedBy: 'a b' }, REFUSED, /startedBy/],
    ['a long startedBy', { ...web, startedBy: 'a'.repeat(129) }, REFUSED, /startedBy/],
    ['a long referenceId', { ...web, referenceId: 'a'.repeat(1025) }, REFUSED, /referenceId/],
    ['a token with a space', { ...web, clientToken: 'a b' }, REFUSED, /token/],
    ['a long token', { ...web, clientToken: 'a'.repeat(65) }, REFUSED, /token/],
    ['propagateTags SERVICE', { ...web, propagateTags: 'SERVICE' }, REFUSED, /SERVICE/],
    ['bad tags', { ...web, tags: [{ key: 'aws:a', value: '' }] }, REFUSED, /aws:/],
    [
      'a network for bridge',
      { ...web, networkConfiguration: { awsvpcConfiguration } },
      REFUSED,
      'Network Configuration is not valid for the given networkMode of this task definition.',
    ],
    [
      'FARGATE with what it does not take',
      { ...web, launchType: 'FARGATE' },
      REFUSED,
      'Task definition does not support launch_type FARGATE.',
    ],
    [
      'awsvpc without a network',
      { ...ON_FARGATE, networkConfiguration: {} },
      REFUSED,
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [
      'a public address on EC2',
      { ...network({ assignPublicIp: 'ENABLED' }), launchType: 'EC2' },
      REFUSED,
      'Assign public IP is not supported for this launch type.',
    ],
    ['no subnets', network({ subnets: [] }), REFUSED, 'subnets can not be empty.'],
    ['17 subnets', network({ subnets: Array.from({ length: 17 }, () => 'subnet-1') }), REFUSED, /16/],
    ['6 security groups', network({ securityGroups: Array.from({ length: 6 }, () => 'sg-1') }), REFUSED, /5/],
    ['a subnet that is no id', network({ subnets: ['a b'] }), REFUSED, /ids/],
    [
      'a platform version on EC2',
      { ...web, platformVersion: '1.4.0' },
      REFUSED,
      'The platform version must be null when specifying an EC2 launch type.',
    ],
    [
      'an unknown platform version',
      { ...ON_FARGATE, platformVersion: '9' },
      'PlatformUnknownException',
      'The specified platform does not exist.',
    ],
    ['a strategy on FARGATE', { ...ON_FARGATE, placementStrategy: [{ type: 'random' }] }, REFUSED, /FARGATE/],
    [
      'memberOf',
      { ...web, placementConstraints: [{ type: 'memberOf', expression: 'a' }] },
      REFUSED,
      /Invalid expression/,
    ],
    ['a strategy without field', { ...web, placementStrategy: [{ type: 'binpack' }] }, REFUSED, /binpack/],
    [
      'six strategies',
      { ...web, placementStrategy: Array.from({ length: 6 }, () => ({ type: 'random' as const })) },
      REFUSED,
      /5/,
    ],
    [
      "a strategy with a provider that is not the cluster's",
      { ...web, capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      REFUSED,
      /not associated with the cluster/,
    ],
    [
      'launch type and strategy',
      { ...web, launchType: 'EC2', capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      REFUSED,
      /both/,
    ],
    ['exec', { ...web, enableExecuteCommand: true }, 'UnsupportedFeatureException', /enableExecuteCommand/],
  ]
  for (const [name, input, code, message] of table)
    test(name, async () => {
      const { call, join, define, store } = await testWorkloads()
      await define(SIZED)
      await join({ fargate: true })
      await assert.rejects(call(runTask, input), { code, message })
      assert.equal(store.size(tasks), 0)
    })

  test('a cluster without instances', async () => {
    const { call } = await testWorkloads()
    await assert.rejects(call(runTask, web), {
      code: REFUSED,
      message: 'No Container Instances were found in your cluster.',
    })
  })

  test('an INACTIVE task definition', async () => {
    const { call, join } = await testWorkloads()
    await join()
    await call(deregisterTaskDefinition, { taskDefinition: 'web:1' })
    await assert.rejects(call(runTask, { taskDefinition: 'web:1' }), {
      code: REFUSED,
      message: 'TaskDefinition is inactive',
    })
  })
})

describe('StartTask', () => {
  test('starts on the named instances and says why not on others', async () => {
    const { call, join } = await testWorkloads()
    const [a, b] = [await join(), await join({ memory: 32 })]
    const missing = '0'.repeat(32)
    const { tasks: started = [], failures } = await call(startTask, {
      taskDefinition: 'web',
      containerInstances: [a, b, missing],
    })
    assert.deepEqual(
      started.map(task => task.containerInstanceArn),
      [a],
    )
    assert.deepEqual(
      failures?.map(({ arn, reason }) => [arn, reason]),
      [
        [b, 'RESOURCE:MEMORY'],
        [`${ARN}:container-instance/default/${missing}`, 'MISSING'],
      ],
    )
    const { failures: none } = await call(describeTasks, { tasks: [started[0]?.taskArn ?? ''] })
    assert.deepEqual(none, [])
  })

  test('refuses none and more than ten instances', async () => {
    const { call } = await testWorkloads()
    const start = (containerInstances: string[]) => call(startTask, { taskDefinition: 'web', containerInstances })
    await assert.rejects(start([]), { code: REFUSED })
    await assert.rejects(start(Array.from({ length: 11 }, () => 'a')), { code: REFUSED })
  })
})
