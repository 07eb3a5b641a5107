import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { testEcs } from '../test-ecs.ts'
import { fargateProblem } from './fargate.ts'
import { registerTaskDefinition } from './register-task-definition.ts'

const definition = (
  container: ContainerDefinition = {},
  rest: Partial<RegisterTaskDefinitionRequest> = {},
): RegisterTaskDefinitionRequest => ({
  family: 'web',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'web', image: 'nginx', portMappings: [{ containerPort: 80 }], ...container }],
  ...rest,
})

describe('a definition for Fargate', () => {
  test('is answered as AWS answers it', async () => {
    const { call } = await testEcs()
    const runtimePlatform = { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } as const
    const ephemeralStorage = { sizeInGiB: 30 }
    const given = definition({}, { cpu: '.25 vCPU', memory: '0.5GB', runtimePlatform, ephemeralStorage })
    const { taskDefinition } = await call(registerTaskDefinition, given)
    assert.deepEqual(taskDefinition?.containerDefinitions?.[0]?.portMappings, [
      { containerPort: 80, hostPort: 80, protocol: 'tcp' },
    ])
    assert.deepEqual(taskDefinition?.compatibilities, ['EC2', 'FARGATE'])
    assert.deepEqual(taskDefinition?.requiresCompatibilities, ['FARGATE'])
    assert.deepEqual(taskDefinition?.ephemeralStorage, ephemeralStorage)
    assert.deepEqual(taskDefinition?.requiresAttributes, [
      { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' },
      { name: 'ecs.capability.task-eni' },
    ])
    assert.deepEqual(
      [taskDefinition?.cpu, taskDefinition?.memory, taskDefinition?.runtimePlatform, taskDefinition?.networkMode],
      ['256', '512', runtimePlatform, 'awsvpc'],
    )
  })

  test('that does not ask for it is compatible where it would be taken', async () => {
    const { call } = await testEcs()
    const compatibilities = async (change: Partial<RegisterTaskDefinitionRequest>) => {
      const given = { ...definition({ memory: 64 }), ...change }
      delete given.requiresCompatibilities
      return (await call(registerTaskDefinition, given)).taskDefinition?.compatibilities
    }
    assert.deepEqual(await compatibilities({}), ['EC2', 'FARGATE'])
    const sizeless = definition({ memory: 64 })
    delete sizeless.cpu
    delete sizeless.memory
    delete sizeless.requiresCompatibilities
    assert.deepEqual((await call(registerTaskDefinition, sizeless)).taskDefinition?.compatibilities, ['EC2'])
    assert.deepEqual(await compatibilities({ memory: '700' }), ['EC2'])
    assert.deepEqual(await compatibilities({ networkMode: 'host' }), ['EXTERNAL', 'EC2'])
  })

  test('has one of the sizes of the table', () => {
    const sizes: readonly (readonly [string, string, boolean])[] = [
      ['256', '512', true],
      ['256', '2048', true],
      ['256', '4096', false],
      ['512', '512', false],
      ['512', '3072', true],
      ['1 vCPU', '8 GB', true],
      ['1024', '1024', false],
      ['2048', '16384', true],
      ['4096', '30720', true],
      ['4096', '31744', false],
      ['8192', '20480', true],
      ['8192', '18432', false],
      ['16384', '122880', true],
      ['32768', '249856', true],
      ['32768', '131072', false],
      ['300', '512', false],
    ]
    for (const [cpu, memory, fits] of sizes)
      assert.equal(
        fargateProblem(definition({}, { cpu, memory })),
        fits ? undefined : 'No Fargate configuration exists for given values.',
        `${cpu} ${memory}`,
      )
  })

  const stem = 'Fargate compatible task definitions do not support'
  const role = 'Fargate requires task definition to have execution role ARN to support'
  const refusals: readonly (readonly [string, RegisterTaskDefinitionRequest])[] = [
    ['Fargate only supports network mode ‘awsvpc’.', definition({}, { networkMode: 'bridge' })],
    [`${stem} sourcePath`, definition({}, { volumes: [{ name: 'a', host: { sourcePath: '/a' } }] })],
    [`${stem} dockerVolumeConfiguration`, definition({}, { volumes: [{ name: 'a', dockerVolumeConfiguration: {} }] })],
    ['Tasks using the Fargate launch type do not support ipcMode.', definition({}, { ipcMode: 'task' })],
    [`${stem} pidMode host`, definition({}, { pidMode: 'host' })],
    [`${stem} placementConstraints`, definition({}, { placementConstraints: [{ type: 'memberOf', expression: 'a' }] })],
    [`${stem} privileged`, definition({ privileged: true })],
    [`${stem} dnsServers`, definition({ dnsServers: ['10.0.0.2'] })],
    [`${stem} sharedMemorySize`, definition({ linuxParameters: { sharedMemorySize: 1 } })],
    [`${stem} swappiness`, definition({ linuxParameters: { swappiness: 0 } })],
    [`${stem} capability NET_ADMIN`, definition({ linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } })],
    [`${stem} gpu`, definition({ resourceRequirements: [{ type: 'GPU', value: '1' }] })],
    [`${stem} log driver json-file`, definition({ logConfiguration: { logDriver: 'json-file' } })],
    ["Invalid 'stopTimeout' setting for container 'web'.", definition({ stopTimeout: 121 })],
    ["Invalid 'stopTimeout' setting for container 'web'.", definition({ stopTimeout: 1 })],
    ["Invalid 'startTimeout' setting for container 'web'.", definition({ startTimeout: 121 })],
    ["Invalid 'startTimeout' setting for container 'web'.", definition({ startTimeout: 1 })],
    [`${role} log driver awslogs.`, definition({ logConfiguration: { logDriver: 'awslogs' } })],
    [`${role} ECR images.`, definition({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1' })],
  ]
  for (const [message, given] of refusals)
    test(`refuses: ${message}`, () => {
      assert.equal(fargateProblem(given), message)
    })

  test('takes what Fargate takes', () => {
    const linuxParameters = {
      capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] },
      initProcessEnabled: true,
      tmpfs: [{ containerPath: '/a', size: 1 }],
    }
    const given = definition({ linuxParameters, startTimeout: 2, stopTimeout: 120, links: [], privileged: false })
    assert.equal(fargateProblem({ ...given, pidMode: 'task', volumes: [{ name: 'a', host: {} }] }), undefined)
  })

  test('with awslogs is refused by name: there is no log store yet', async () => {
    const { call } = await testEcs()
    const options = { 'awslogs-group': 'a', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'a' }
    const logged = definition({ logConfiguration: { logDriver: 'awslogs', options } })
    await assert.rejects(
      async () => call(registerTaskDefinition, { ...logged, executionRoleArn: 'arn:aws:iam::123456789012:role/a' }),
      { code: 'ClientException', message: /^Stowage does not support 'logConfiguration.logDriver' awslogs yet/ },
    )
  })
})
