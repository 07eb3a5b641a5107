import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { withGpus } from '../domain/gpu.ts'
import { newTask } from '../domain/new-task.ts'
import type { TaskDefinition } from '../domain/task-definition.ts'
import { payloadTask } from './payload.ts'
import { CLUSTER, INSTANCE, testDefinition, testTask } from './test-dispatcher.ts'

const NEW_TASK = {
  clusterArn: CLUSTER,
  id: '0af1'.padEnd(32, '0'),
  containerUuids: ['6d1c0000-0000-4000-8000-000000000000', '6d1c0000-0000-4000-8000-000000000001'],
  group: 'service:hello',
  launchType: 'EC2',
  tags: [],
  placementConstraints: [],
  placementStrategy: [],
  host: { containerInstanceArn: INSTANCE, availabilityZone: 'us-east-1a' },
  now: 0,
} as const

/** The payload of a one-container task. */
const payloadOf = (container: ContainerDefinition, definition: Partial<TaskDefinition> = {}) => {
  const whole = testDefinition({
    ...definition,
    containerDefinitions: [{ name: 'app', image: 'busybox', ...container }],
  })
  const payload = payloadTask(newTask({ ...NEW_TASK, definition: whole }), whole)
  const [app] = payload.containers
  assert.ok(app)
  const { version, config, hostConfig } = app.dockerConfig
  return { payload, app, version, config: JSON.parse(config), hostConfig: JSON.parse(hostConfig) }
}

describe('payloadTask', () => {
  test('network mode awsvpc: an interface without an address, which is the host’s to give', () => {
    const definition = testDefinition({
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'app', image: 'busybox', portMappings: [{ containerPort: 80 }] }],
    })
    const attachmentUuid = '01234567-89ab-4cde-8f01-23456789abcd'
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
    const task = newTask({ ...NEW_TASK, definition, networkConfiguration, attachmentUuid })
    const payload = payloadTask(task, definition)
    assert.equal(payload.networkMode, 'awsvpc')
    assert.deepEqual(payload.elasticNetworkInterfaces, [
      {
        attachmentArn: `arn:aws:ecs:us-east-1:000000000000:attachment/${attachmentUuid}`,
        ec2Id: 'eni-08f0123456789abcd',
        index: 0,
      },
    ])
    const [app] = payload.containers
    assert.equal(JSON.parse(app?.dockerConfig.hostConfig ?? '').NetworkMode, 'awsvpc')
    assert.deepEqual(app?.portMappings, [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }])
  })

  test('a whole task, as the protocol shows one', () => {
    const definition = testDefinition({
      cpu: '256',
      memory: '128',
      volumes: [
        { name: 'scratch' },
        { name: 'logs', host: { sourcePath: '/var/log/web' } },
        { name: 'data', dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' } },
      ],
      containerDefinitions: [
        {
          name: 'app',
          image: 'busybox:latest',
          command: ['sleep', '300'],
          memory: 64,
          portMappings: [{ containerPort: 80 }, { containerPort: 53, hostPort: 5353, protocol: 'udp' }],
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }],
        },
      ],
    })
    const service = { serviceArn: `${CLUSTER.replace(':cluster/', ':service/')}/hello`, deploymentId: 'ecs-svc/1' }
    assert.deepEqual(payloadTask(newTask({ ...NEW_TASK, definition, service }), definition), {
      arn: 'arn:aws:ecs:us-east-1:000000000000:task/default/0af10000000000000000000000000000',
      taskClusterArn: CLUSTER,
      family: 'web',
      version: '3',
      desiredStatus: 'RUNNING',
      overrides: '{}',
      launchType: 'EC2',
      networkMode: 'bridge',
      cpu: 0.25,
      memory: 128,
      serviceName: 'hello',
      group: 'service:hello',
      volumes: [
        { name: 'scratch', type: 'host', host: {} },
        { name: 'logs', type: 'host', host: { sourcePath: '/var/log/web' } },
        {
          name: 'data',
          type: 'docker',
          host: {},
          dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' },
        },
      ],
      containers: [
        {
          name: 'app',
          image: 'busybox:latest',
          containerArn:
            'arn:aws:ecs:us-east-1:000000000000:container/default/0af10000000000000000000000000000/6d1c0000-0000-4000-8000-000000000000',
          command: ['sleep', '300'],
          environment: { AWS_EXECUTION_ENV: 'AWS_ECS_EC2' },
          cpu: 0,
          memory: 64,
          essential: true,
          overrides: '{}',
          portMappings: [
            { containerPort: 80, hostPort: 0, protocol: 'tcp' },
            { containerPort: 53, hostPort: 5353, protocol: 'udp' },
          ],
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch', readOnly: false }],
          volumesFrom: [],
          dockerConfig: {
            version: '1.17',
            config: '{}',
            hostConfig: '{"NetworkMode":"bridge","CapAdd":[],"CapDrop":[]}',
          },
        },
      ],
    })
  })

  test('each GPU is told with the container that has it', () => {
    const resourceRequirements = [{ type: 'GPU' as const, value: '2' }]
    const definition = testDefinition({
      containerDefinitions: [{ name: 'app', image: 'cuda', resourceRequirements }],
    })
    const placed = withGpus(newTask({ ...NEW_TASK, definition }), ['GPU-a', 'GPU-b', 'GPU-c'])
    const content = { value: '', encoding: 'base64' }
    assert.deepEqual(payloadTask(placed, definition).associations, [
      { name: 'GPU-a', type: 'gpu', content, containers: ['app'] },
      { name: 'GPU-b', type: 'gpu', content, containers: ['app'] },
    ])
  })

  test('a task without a size has none', () => {
    const { payload } = payloadOf({ cpu: 10, memory: 64 })
    assert.equal('cpu' in payload || 'memory' in payload || 'serviceName' in payload, false)
  })

  test('overrides are laid over, so that the agent sees none', () => {
    const definition = testDefinition({
      cpu: '256',
      containerDefinitions: [
        {
          name: 'app',
          image: 'a',
          memory: 64,
          environment: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        },
        { name: 'side', image: 'b', memory: 32, essential: false },
      ],
    })
    const overrides = {
      cpu: '512',
      containerOverrides: [
        {
          name: 'app',
          command: ['true'],
          cpu: 20,
          memory: 128,
          memoryReservation: 96,
          environment: [
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
        },
      ],
    }
    const payload = payloadTask(newTask({ ...NEW_TASK, definition, overrides }), definition)
    const [app, side] = payload.containers
    assert.equal(payload.cpu, 0.5)
    assert.deepEqual(app?.command, ['true'])
    assert.deepEqual([app?.cpu, app?.memory, app?.overrides], [20, 128, '{}'])
    assert.deepEqual(app?.environment, { AWS_EXECUTION_ENV: 'AWS_ECS_EC2', A: '1', B: '3', C: '4' })
    assert.equal(JSON.parse(app?.dockerConfig.hostConfig ?? '').MemoryReservation, 96 * 1024 * 1024)
    assert.deepEqual([side?.essential, side?.memory, side?.command], [false, 32, undefined])
  })

  test('FARGATE is sent as EC2, but its containers are told', () => {
    const definition = testDefinition()
    const payload = payloadTask(testTask(1, { launchType: 'FARGATE', desiredStatus: 'STOPPED' }), definition)
    assert.equal(payload.launchType, 'EC2')
    assert.equal(payload.desiredStatus, 'STOPPED')
    assert.equal(payload.containers[0]?.environment['AWS_EXECUTION_ENV'], 'AWS_ECS_FARGATE')
  })

  test('host ports follow the network mode', () => {
    const portMappings = [{ containerPort: 80 }]
    const mappingsIn = (networkMode: 'host' | 'none') => payloadOf({ portMappings }, { networkMode }).app.portMappings
    assert.deepEqual(mappingsIn('host'), [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }])
    assert.deepEqual(mappingsIn('none'), [])
    const range = [{ containerPortRange: '8000-8009', protocol: 'udp' as const }]
    assert.deepEqual(payloadOf({ portMappings: range }, { networkMode: 'bridge' }).app.portMappings, [
      { containerPortRange: '8000-8009', hostPort: 0, protocol: 'udp' },
    ])
    assert.equal(payloadOf({}, { networkMode: 'host' }).hostConfig.NetworkMode, 'host')
  })

  test('order, timeouts and links are the agent’s to keep', () => {
    const { app } = payloadOf({
      dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
      startTimeout: 30,
      stopTimeout: 5,
      restartPolicy: { enabled: true, ignoredExitCodes: [0] },
      links: ['init'],
      entryPoint: ['sh', '-c'],
      volumesFrom: [{ sourceContainer: 'init', readOnly: true }],
    })
    assert.deepEqual(app.dependsOn, [{ containerName: 'init', condition: 'SUCCESS' }])
    assert.deepEqual([app.startTimeout, app.stopTimeout], [30, 5])
    assert.deepEqual(app.restartPolicy, { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 300 })
    assert.deepEqual(app.links, ['init'])
    assert.deepEqual(app.entryPoint, ['sh', '-c'])
    assert.deepEqual(app.volumesFrom, [{ sourceContainer: 'init', readOnly: true }])
  })

  test('a health check, in nanoseconds, with its type and API version', () => {
    const { app, version, config } = payloadOf({
      healthCheck: { command: ['CMD', 'echo', 'hello'], interval: 30, timeout: 5, retries: 3, startPeriod: 2 },
    })
    assert.equal(app.healthCheckType, 'docker')
    assert.equal(version, '1.24')
    assert.deepEqual(config, {
      HealthCheck: {
        Test: ['CMD', 'echo', 'hello'],
        Interval: 30_000_000_000,
        Timeout: 5_000_000_000,
        StartPeriod: 2_000_000_000,
        Retries: 3,
      },
    })
  })
})

describe('dockerConfig', () => {
  test('every setting that belongs in config', () => {
    const { config, version } = payloadOf({
      user: '1000:1000',
      workingDirectory: '/srv',
      hostname: 'web',
      disableNetworking: true,
      dockerLabels: { team: 'blue' },
      interactive: true,
      pseudoTerminal: true,
    })
    assert.equal(version, '1.18')
    assert.deepEqual(config, {
      User: '1000:1000',
      WorkingDir: '/srv',
      Hostname: 'web',
      NetworkDisabled: true,
      Labels: { team: 'blue' },
      OpenStdin: true,
      Tty: true,
    })
  })

  test('every setting that belongs in hostConfig', () => {
    const { hostConfig, version } = payloadOf({
      memory: 64,
      memoryReservation: 32,
      privileged: true,
      readonlyRootFilesystem: true,
      dnsServers: ['10.0.0.2'],
      dnsSearchDomains: ['example.com'],
      extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.3' }],
      dockerSecurityOptions: ['no-new-privileges'],
      ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }],
      logConfiguration: { logDriver: 'json-file', options: { 'max-size': '1m' } },
      systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
      linuxParameters: {
        capabilities: { add: ['SYS_PTRACE'], drop: ['MKNOD'] },
        devices: [{ hostPath: '/dev/fuse' }, { hostPath: '/dev/a', containerPath: '/dev/b', permissions: ['read'] }],
        initProcessEnabled: true,
        sharedMemorySize: 16,
        tmpfs: [{ containerPath: '/run', size: 8, mountOptions: ['noexec'] }],
        maxSwap: 32,
        swappiness: 0,
      },
    })
    const MIB = 1024 * 1024
    assert.equal(version, '1.25')
    assert.deepEqual(hostConfig, {
      NetworkMode: 'bridge',
      CapAdd: ['SYS_PTRACE'],
      CapDrop: ['MKNOD'],
      Privileged: true,
      ReadonlyRootfs: true,
      Dns: ['10.0.0.2'],
      DnsSearch: ['example.com'],
      ExtraHosts: ['db:10.0.0.3'],
      SecurityOpt: ['no-new-privileges'],
      Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 4096 }],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      Sysctls: { 'net.core.somaxconn': '1024' },
      MemoryReservation: 32 * MIB,
      Devices: [
        { PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' },
      ],
      Init: true,
      ShmSize: 16 * MIB,
      Tmpfs: { '/run': 'size=8m,noexec' },
      MemorySwap: 96 * MIB,
      MemorySwappiness: 0,
    })
  })

  test('what is off, empty or without effect is left to the engine', () => {
    const { config, hostConfig } = payloadOf({
      privileged: false,
      interactive: false,
      dnsServers: [],
      linuxParameters: { swappiness: 60, tmpfs: [] },
    })
    assert.deepEqual(config, {})
    assert.deepEqual(hostConfig, { NetworkMode: 'bridge', CapAdd: [], CapDrop: [] })
  })
})
