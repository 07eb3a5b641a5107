import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse$ } from '@aws-sdk/client-ecs'
import { JsonCodec } from '@aws-sdk/core/protocols'
import { taskDefinitionFamilies, taskDefinitions } from '../../../store/tables.ts'
import { testEcs, testRequest } from '../test-ecs.ts'
import { deregisterTaskDefinition } from './deregister-task-definition.ts'
import { registerTaskDefinition } from './register-task-definition.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'
const EPOCH_SECONDS = 7

/** As the gateway writes it. */
const onTheWire = (answer: object): unknown => {
  const serializer = new JsonCodec({
    timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
    jsonName: false,
  }).createSerializer()
  serializer.write(RegisterTaskDefinitionResponse$, answer)
  return JSON.parse(serializer.flush())
}

test('the least that can be sent gets the defaults that AWS answers', async () => {
  const { call, clock } = await testEcs()
  const answer = await call(registerTaskDefinition, {
    family: 'web',
    containerDefinitions: [{ name: 'web', image: 'nginx:latest', memory: 128 }],
  })
  assert.deepEqual(onTheWire(answer), {
    taskDefinition: {
      taskDefinitionArn: `${ARN}:task-definition/web:1`,
      containerDefinitions: [
        {
          name: 'web',
          image: 'nginx:latest',
          cpu: 0,
          memory: 128,
          portMappings: [],
          essential: true,
          environment: [],
          mountPoints: [],
          volumesFrom: [],
          systemControls: [],
        },
      ],
      family: 'web',
      revision: 1,
      volumes: [],
      status: 'ACTIVE',
      placementConstraints: [],
      compatibilities: ['EXTERNAL', 'EC2'],
      registeredAt: clock.now() / 1000,
      registeredBy: 'arn:aws:iam::123456789012:root',
    },
  })
})

test('a full definition comes back as sent, with ports, checks and sizes completed', async () => {
  const { call } = await testEcs()
  const answer = await call(registerTaskDefinition, {
    family: 'full',
    cpu: '1 vCPU',
    memory: '3 GB',
    networkMode: 'bridge',
    requiresCompatibilities: ['EC2'],
    executionRoleArn: 'arn:aws:iam::123456789012:role/exec',
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    tags: [{ key: 'team', value: 'a' }],
    volumes: [{ name: 'scratch' }, { name: 'logs', host: { sourcePath: '/var/log' } }],
    containerDefinitions: [
      { name: 'init', image: 'busybox', essential: false, command: ['true'], environment: [{ name: 'A', value: '1' }] },
      {
        name: 'web',
        image: 'fake/run',
        memoryReservation: 64,
        portMappings: [
          { containerPort: 80, name: 'web-80-tcp', appProtocol: 'http' },
          { containerPort: 53, hostPort: 53, protocol: 'udp' },
        ],
        mountPoints: [{ sourceVolume: 'scratch', containerPath: '/tmp/scratch' }],
        dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
        healthCheck: { command: ['CMD-SHELL', 'true'] },
        linuxParameters: { initProcessEnabled: true, capabilities: {} },
        logConfiguration: { logDriver: 'json-file', options: { 'max-size': '1m' } },
        restartPolicy: { enabled: false },
        interactive: false,
        links: [],
      },
    ],
  })
  const definition = answer.taskDefinition
  const web = definition?.containerDefinitions?.[1]
  assert.deepEqual([definition?.cpu, definition?.memory], ['1024', '3072'])
  assert.deepEqual(definition?.volumes, [
    { name: 'scratch', host: {} },
    { name: 'logs', host: { sourcePath: '/var/log' } },
  ])
  assert.deepEqual(web?.portMappings, [
    { containerPort: 80, hostPort: 0, protocol: 'tcp', name: 'web-80-tcp', appProtocol: 'http' },
    { containerPort: 53, hostPort: 53, protocol: 'udp' },
  ])
  assert.deepEqual(web?.healthCheck, { command: ['CMD-SHELL', 'true'], interval: 30, timeout: 5, retries: 3 })
  assert.deepEqual(web?.linuxParameters, { initProcessEnabled: true })
  assert.deepEqual(
    definition?.requiresAttributes?.map(attribute => attribute.name),
    [
      'com.amazonaws.ecs.capability.logging-driver.json-file',
      'com.amazonaws.ecs.capability.docker-remote-api.1.18',
      'com.amazonaws.ecs.capability.docker-remote-api.1.21',
      'ecs.capability.container-health-check',
      'com.amazonaws.ecs.capability.docker-remote-api.1.24',
      'com.amazonaws.ecs.capability.docker-remote-api.1.25',
      'ecs.capability.container-ordering',
    ],
  )
  assert.equal(definition?.executionRoleArn, 'arn:aws:iam::123456789012:role/exec')
  assert.deepEqual(definition?.requiresCompatibilities, ['EC2'])
  assert.deepEqual(answer.tags, [{ key: 'team', value: 'a' }])
})

test('a range of ports keeps its name', async () => {
  const { call } = await testEcs()
  const portMappings = [{ containerPortRange: '80-90', name: 'web', appProtocol: 'http' as const }]
  const { taskDefinition } = await call(registerTaskDefinition, {
    family: 'range',
    containerDefinitions: [{ name: 'a', image: 'a', memory: 8, portMappings }],
  })
  assert.deepEqual(taskDefinition?.containerDefinitions?.[0]?.portMappings, [{ ...portMappings[0], protocol: 'tcp' }])
})

test("with network mode host a port is the host's own", async () => {
  const { call } = await testEcs()
  const { taskDefinition } = await call(registerTaskDefinition, {
    family: 'host',
    networkMode: 'host',
    containerDefinitions: [
      { name: 'a', image: 'a', memory: 8, portMappings: [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }] },
    ],
  })
  assert.deepEqual(
    taskDefinition?.containerDefinitions?.[0]?.portMappings?.map(mapping => mapping.hostPort),
    [80, 81],
  )
})

test('revisions rise by one in each family and region, whatever was deregistered', async () => {
  const { call, store } = await testEcs()
  const input: RegisterTaskDefinitionRequest = {
    family: 'web',
    containerDefinitions: [{ name: 'a', image: 'a', memory: 8 }],
  }
  const arnOf = async (request = {}) =>
    (await call(registerTaskDefinition, input, request)).taskDefinition?.taskDefinitionArn
  assert.equal(await arnOf(), `${ARN}:task-definition/web:1`)
  assert.equal(await arnOf(), `${ARN}:task-definition/web:2`)
  await call(deregisterTaskDefinition, { taskDefinition: 'web:2' })
  assert.equal(await arnOf(), `${ARN}:task-definition/web:3`)
  assert.equal(await arnOf({ region: 'eu-west-1' }), 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1')
  assert.equal(store.size(taskDefinitionFamilies), 2)
})

test('a refused definition leaves nothing behind', async () => {
  const { call, store } = await testEcs()
  await assert.rejects(call(registerTaskDefinition, { family: 'a', containerDefinitions: [] }))
  assert.deepEqual([store.size(taskDefinitionFamilies), store.size(taskDefinitions)], [0, 0])
})

test('a family has at most a million revisions', async () => {
  const { call, store } = await testEcs()
  const key = `${testRequest.region}/full`
  const row = { key, family: 'full', region: testRequest.region, lastRevision: 1_000_000 }
  await store.write(tx => tx.put(taskDefinitionFamilies, row))
  const containerDefinitions = [{ name: 'a', image: 'a', memory: 16 }]
  await assert.rejects(call(registerTaskDefinition, { family: 'full', containerDefinitions }), {
    code: 'LimitExceededException',
  })
  assert.deepEqual(store.get(taskDefinitionFamilies, key), row)
})
