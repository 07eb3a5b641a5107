import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { taskCpu, taskMemory } from './task-size.ts'
import { validateTaskDefinition } from './validate.ts'

const definition = (
  container: ContainerDefinition = {},
  rest: Partial<RegisterTaskDefinitionRequest> = {},
): RegisterTaskDefinitionRequest => ({
  family: 'web',
  containerDefinitions: [{ name: 'web', image: 'nginx', memory: 128, ...container }],
  ...rest,
})

const pair = (first: ContainerDefinition, second: ContainerDefinition): RegisterTaskDefinitionRequest => ({
  family: 'web',
  containerDefinitions: [
    { name: 'a', image: 'a', memory: 8, ...first },
    { name: 'b', image: 'b', memory: 8, ...second },
  ],
})

const size = (field: string): string =>
  `Invalid '${field}' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`

const refusals: readonly (readonly [string, RegisterTaskDefinitionRequest])[] = [
  ['Family can not be blank.', definition({}, { family: '' })],
  ['Family contains invalid characters.', definition({}, { family: 'a b' })],
  ['Container list cannot be empty.', definition({}, { containerDefinitions: [] })],
  ['Container.name should not be null or empty.', definition({ name: undefined })],
  ['Container.name contains invalid characters.', definition({ name: 'a.b' })],
  ['Container.image should not be null or empty.', definition({ image: '' })],
  ['Container.image contains invalid characters.', definition({ image: 'a b' })],
  ['Container.image contains invalid characters.', definition({ image: 'a'.repeat(256) })],
  ['Container.image contains invalid characters.', definition({ image: `a@sha256:${'0'.repeat(63)}` })],
  ['Container.image contains invalid characters.', definition({ image: `a@md5:${'0'.repeat(64)}` })],
  [
    "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.",
    definition({ memory: undefined }),
  ],
  ["Invalid 'memory' setting for container 'web'.", definition({ memory: 0 })],
  ["Invalid 'memoryReservation' setting for container 'web'.", definition({ memory: 64, memoryReservation: 65 })],
  ["Invalid 'cpu' setting for container 'web'.", definition({ cpu: -1 })],
  ["Invalid 'containerPort' setting for container 'web'.", definition({ portMappings: [{}] })],
  ["Invalid 'containerPort' setting for container 'web'.", definition({ portMappings: [{ containerPort: 0 }] })],
  [
    "Invalid 'hostPort' setting for container 'web'.",
    definition({ portMappings: [{ containerPort: 1, hostPort: 70000 }] }),
  ],
  [
    'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
    definition({ portMappings: [{ containerPort: 80, hostPort: 81 }] }, { networkMode: 'awsvpc' }),
  ],
  [
    'When networkMode=host, the host ports and container ports in port mappings must match.',
    definition({ portMappings: [{ containerPort: 80, hostPort: 81 }] }, { networkMode: 'host' }),
  ],
  [
    'Port mappings are not supported when networkMode=none.',
    definition({ portMappings: [{ containerPort: 80 }] }, { networkMode: 'none' }),
  ],
  ...['Web', '-web', 'w'.repeat(65)].map(
    name =>
      [
        "Invalid 'name' setting for container 'web'.",
        definition({ portMappings: [{ containerPort: 80, name }] }),
      ] as const,
  ),
  [
    "PortMapping.name 'web' is used more than once.",
    pair(
      { portMappings: [{ containerPort: 80, name: 'web' }] },
      { portMappings: [{ containerPort: 81, name: 'web' }] },
    ),
  ],
  [
    "TCP host port '8080' is mapped multiple times in task.",
    pair(
      { portMappings: [{ containerPort: 80, hostPort: 8080 }] },
      { portMappings: [{ containerPort: 81, hostPort: 8080 }] },
    ),
  ],
  ...(['awsvpc', 'host'] as const).map(
    networkMode =>
      [
        "UDP host port '53' is mapped multiple times in task.",
        {
          ...pair(
            { portMappings: [{ containerPort: 53, protocol: 'udp' }] },
            { portMappings: [{ containerPort: 53, hostPort: 53, protocol: 'udp' }] },
          ),
          networkMode,
        },
      ] as const,
  ),
  [
    "Invalid 'ulimits' setting for container 'web'.",
    definition({ ulimits: [{ name: 'nofile', softLimit: -1, hardLimit: 1024 }] }),
  ],
  ...(['add', 'drop'] as const).map(
    member =>
      [
        `Invalid 'linuxParameters.capabilities.${member}' setting for container 'web'.`,
        definition({ linuxParameters: { capabilities: { [member]: ['ALL', 'CAP_NET_RAW'] } } }),
      ] as const,
  ),
  [
    "Invalid 'linuxParameters.tmpfs' setting for container 'web'.",
    definition({ linuxParameters: { tmpfs: [{ containerPath: '/a', size: 1, mountOptions: ['size=9'] }] } }),
  ],
  ...['vm.swappiness', 'kernel.hostname', 'networking'].map(
    namespace =>
      [
        "Invalid 'systemControls' setting for container 'web'.",
        definition({ systemControls: [{ namespace, value: '1' }] }),
      ] as const,
  ),
  [
    "Invalid 'systemControls' setting for container 'web'.",
    definition({ systemControls: [{ namespace: 'net.core.somaxconn', value: '1' }] }, { networkMode: 'host' }),
  ],
  [
    "Invalid 'systemControls' setting for container 'web'.",
    definition({ systemControls: [{ namespace: 'kernel.shmmax', value: '1' }] }, { ipcMode: 'host' }),
  ],
  ...['80', '90-80', '80-80', '0-9', '65535-65536'].map(
    containerPortRange =>
      [
        "Invalid 'containerPortRange' setting for container 'web'.",
        definition({ portMappings: [{ containerPortRange }] }),
      ] as const,
  ),
  [
    "Invalid 'containerPortRange' setting for container 'web'.",
    definition({ portMappings: [{ containerPortRange: '80-90' }, { containerPort: 90, protocol: 'udp' }] }),
  ],
  [
    "Invalid 'containerPortRange' setting for container 'web'.",
    definition({
      portMappings: Array.from({ length: 101 }, (_, at) => ({ containerPortRange: `${2 * at + 1}-${2 * at + 2}` })),
    }),
  ],
  [
    "Invalid 'containerPort' setting for container 'web'.",
    definition({ portMappings: [{ containerPortRange: '80-90', containerPort: 80 }] }),
  ],
  [
    "Invalid 'hostPort' setting for container 'web'.",
    definition({ portMappings: [{ containerPortRange: '80-90', hostPort: 80 }] }),
  ],
  [
    'Container port ranges are not supported when networkMode=host.',
    definition({ portMappings: [{ containerPortRange: '80-90' }] }, { networkMode: 'host' }),
  ],
  ...['', '0', '-1', '1.5', 'two'].map(
    value =>
      [
        "Invalid 'resourceRequirements' setting for container 'web'.",
        definition({ resourceRequirements: [{ type: 'GPU', value }] }),
      ] as const,
  ),
  [
    "Invalid 'resourceRequirements' setting for container 'web'.",
    definition({
      resourceRequirements: [
        { type: 'GPU', value: '1' },
        { type: 'GPU', value: '1' },
      ],
    }),
  ],
  ['Links are not supported when networkMode=awsvpc.', definition({ links: ['a'] }, { networkMode: 'awsvpc' })],
  [
    'Disable networking is not supported when networkMode=awsvpc.',
    definition({ disableNetworking: true }, { networkMode: 'awsvpc' }),
  ],
  [
    'Ephemeral storage is only supported for tasks on Fargate.',
    definition({}, { ephemeralStorage: { sizeInGiB: 30 } }),
  ],
  [
    "Invalid 'ephemeralStorage.sizeInGiB': it must be from 21 to 200.",
    definition({}, { networkMode: 'awsvpc', cpu: '256', memory: '512', ephemeralStorage: { sizeInGiB: 20 } }),
  ],
  ['Links are not supported when networkMode=host.', definition({ links: ['a'] }, { networkMode: 'host' })],
  ["Invalid 'links' setting for container 'web'.", definition({ links: ['a:b'] })],
  ["Invalid 'volumesFrom' setting for container 'web'.", definition({ volumesFrom: [{ sourceContainer: 'web' }] })],
  ['Container links should not have a cycle', pair({ links: ['b'] }, { links: ['a:x'] })],
  [
    'Container dependencies should not have a cycle',
    pair({ links: ['b'] }, { volumesFrom: [{ sourceContainer: 'a' }] }),
  ],
  [
    "Volume 'a' can have only one of 'host' and 'dockerVolumeConfiguration'.",
    definition({}, { volumes: [{ name: 'a', host: { sourcePath: '/a' }, dockerVolumeConfiguration: {} }] }),
  ],
  [
    "Invalid 'dockerVolumeConfiguration.autoprovision' setting for volume 'a': its scope is not shared.",
    definition({}, { volumes: [{ name: 'a', dockerVolumeConfiguration: { autoprovision: true } }] }),
  ],
  [
    "Invalid 'restartPolicy.restartAttemptPeriod' setting for container 'web'.",
    definition({ restartPolicy: { enabled: true, restartAttemptPeriod: 59 } }),
  ],
  [
    "Invalid 'restartPolicy.ignoredExitCodes' setting for container 'web'.",
    definition({ restartPolicy: { enabled: true, ignoredExitCodes: Array.from({ length: 51 }, (_, at) => at) } }),
  ],
  ["Unknown volume 'data'.", definition({ mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] })],
  [
    "Invalid 'containerPath' setting for container 'web'.",
    {
      ...definition({ mountPoints: [{ sourceVolume: 'data', containerPath: 'data' }] }),
      volumes: [{ name: 'data' }],
    },
  ],
  ['Volume.name should not be null or empty.', definition({}, { volumes: [{}] })],
  ['Volume.name contains invalid characters.', definition({}, { volumes: [{ name: 'a/b' }] })],
  ["Volume.name 'a' is used more than once.", definition({}, { volumes: [{ name: 'a' }, { name: 'a' }] })],
  [
    "Invalid 'host.sourcePath' setting for volume 'a': it must be an absolute path.",
    definition({}, { volumes: [{ name: 'a', host: { sourcePath: 'data' } }] }),
  ],
  ["Invalid 'healthCheck.command' setting for container 'web'.", definition({ healthCheck: { command: ['curl'] } })],
  [
    "Invalid 'healthCheck.interval' setting for container 'web'.",
    definition({ healthCheck: { command: ['CMD', 'true'], interval: 4 } }),
  ],
  [
    "Invalid 'healthCheck.startPeriod' setting for container 'web'.",
    definition({ healthCheck: { command: ['CMD', 'true'], startPeriod: 301 } }),
  ],
  ["Invalid 'stopTimeout' setting for container 'web'.", definition({ stopTimeout: -1 })],
  ["Invalid 'environment' setting for container 'web'.", definition({ environment: [{ value: 'x' }] })],
  [
    "Invalid 'ulimits' setting for container 'web'.",
    definition({ ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }] }),
  ],
  [
    "Invalid 'linuxParameters.maxSwap' setting for container 'web'.",
    definition({ memory: undefined, memoryReservation: 64, linuxParameters: { maxSwap: 64 } }),
  ],
  [
    "Invalid 'linuxParameters.tmpfs' setting for container 'web'.",
    definition({ linuxParameters: { tmpfs: [{ containerPath: 'tmp', size: 1 }] } }),
  ],
  ["Container.name 'a' is used more than once.", pair({}, { name: 'a' })],
  ['At least one container must be essential.', definition({ essential: false })],
  [
    "Cannot depend on container + 'db' because it does not exist",
    definition({ dependsOn: [{ containerName: 'db', condition: 'START' }] }),
  ],
  [
    'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    pair({ dependsOn: [{ containerName: 'b', condition: 'COMPLETE' }] }, {}),
  ],
  [
    "The container 'b' needs a healthCheck, because a dependency on it has the HEALTHY condition",
    pair({ dependsOn: [{ containerName: 'b', condition: 'HEALTHY' }] }, {}),
  ],
  [
    'Container dependencies should not have a cycle',
    pair(
      { dependsOn: [{ containerName: 'b', condition: 'START' }] },
      { dependsOn: [{ containerName: 'a', condition: 'START' }] },
    ),
  ],
  [
    'Container dependencies should not have a cycle',
    definition({ dependsOn: [{ containerName: 'web', condition: 'START' }] }),
  ],
  [size('cpu'), definition({}, { cpu: '64' })],
  [size('cpu'), definition({}, { cpu: 'much' })],
  [size('memory'), definition({}, { memory: '1 TB' })],
  [
    "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    definition({ cpu: 257 }, { cpu: '256' }),
  ],
  [
    "The sum of all container 'memory' values cannot be greater than the value of the task 'memory'.",
    definition({ memory: 513 }, { memory: '512' }),
  ],
  ['Fargate only supports network mode ‘awsvpc’.', definition({}, { requiresCompatibilities: ['FARGATE'] })],
  [
    "Fargate requires that 'cpu' be defined at the task level.",
    definition({}, { requiresCompatibilities: ['FARGATE'], networkMode: 'awsvpc' }),
  ],
]

for (const [message, input] of refusals)
  test(`refuses: ${message}`, () => {
    assert.throws(() => validateTaskDefinition(input), { name: 'AwsError', code: 'ClientException', message })
  })

const accepted: readonly (readonly [string, RegisterTaskDefinitionRequest])[] = [
  [
    'a digest behind a name of the greatest length',
    definition({ image: `${'a'.repeat(255)}@sha256:${'0aF9'.repeat(16)}` }),
  ],
  [
    "one port for each protocol, and any number of host ports of the host's choice",
    pair(
      {
        portMappings: [
          { containerPort: 53, hostPort: 53 },
          { containerPort: 53, hostPort: 53, protocol: 'udp' },
          { containerPort: 80 },
        ],
      },
      { portMappings: [{ containerPort: 80, hostPort: 0 }, { containerPort: 80 }] },
    ),
  ],
  [
    'kernel parameters of namespaces of its own',
    definition({
      systemControls: [
        { namespace: 'net.core.somaxconn', value: '1' },
        { namespace: 'kernel.shmmax', value: '1' },
        { namespace: 'fs.mqueue.msg_max', value: '1' },
      ],
      ulimits: [
        { name: 'core', softLimit: -1, hardLimit: -1 },
        { name: 'nofile', softLimit: 1024, hardLimit: -1 },
      ],
      linuxParameters: {
        capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
        tmpfs: [{ containerPath: '/a', size: 1, mountOptions: ['noexec', 'mode=0700'] }],
      },
    }),
  ],
]

for (const [what, input] of accepted) test(`accepts ${what}`, () => validateTaskDefinition(input))

test('refuses more containers and more bytes than AWS takes', () => {
  const containerDefinitions = Array.from({ length: 11 }, (_, i) => ({ name: `c${i}`, image: 'a', memory: 8 }))
  assert.throws(() => validateTaskDefinition({ family: 'web', containerDefinitions }), {
    message: 'Container list can have at most 10 items.',
  })
  const environment = Array.from({ length: 700 }, (_, i) => ({ name: `VARIABLE_${i}`, value: 'x'.repeat(80) }))
  assert.throws(() => validateTaskDefinition(definition({ environment })), {
    message: /^Actual length: '\d+'\. Max allowed length is '65536' bytes\.$/,
  })
})

test('a container needs no memory of its own when the task has it, or a reservation', () => {
  validateTaskDefinition(definition({ memory: undefined }, { memory: '512' }))
  validateTaskDefinition(definition({ memory: undefined, memoryReservation: 64 }))
})

test('task sizes are read with and without units', () => {
  assert.deepEqual(['256', '1 vCPU', '.25 vcpu', '0.5vCPU'].map(taskCpu), ['256', '1024', '256', '512'])
  assert.deepEqual(['512', '3 GB', '0.5GB', '1gb'].map(taskMemory), ['512', '3072', '512', '1024'])
})
