import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { taskDefinitionFields } from './fields.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'

const definition = (
  container: ContainerDefinition = {},
  rest: Partial<RegisterTaskDefinitionRequest> = {},
): RegisterTaskDefinitionRequest => ({
  family: 'web',
  containerDefinitions: [{ name: 'web', image: 'nginx', memory: 128, ...container }],
  ...rest,
})

const refused = (input: RegisterTaskDefinitionRequest, message: string): void =>
  assert.throws(() => refuseUnsupported(input), { code: 'ClientException', message })

test('names the field, the value and the container', () => {
  refused(
    definition({ secrets: [{ name: 'A', valueFrom: 'b' }] }),
    "Stowage does not support 'secrets' yet (container 'web'): there is no secret store to read them from.",
  )
  refused(
    definition({ dnsServers: ['10.0.0.2'] }, { networkMode: 'awsvpc' }),
    "Stowage does not support 'dnsServers' yet (container 'web') with network mode awsvpc.",
  )
  refused(
    definition({ logConfiguration: { logDriver: 'awslogs' } }),
    "Stowage does not support 'logConfiguration.logDriver' awslogs yet (container 'web'), only json-file, journald, syslog, gelf, fluentd.",
  )
  refused(
    definition({}, { volumes: [{ name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }] }),
    "Stowage does not support 'efsVolumeConfiguration' yet (volume 'data').",
  )
  refused(
    definition({}, { taskRoleArn: 'arn:aws:iam::123456789012:role/a' }),
    "Stowage does not support 'taskRoleArn' yet: tasks get no credentials of a role.",
  )
  refused(
    definition({}, { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }),
    "Stowage does not support 'runtimePlatform.operatingSystemFamily' WINDOWS_SERVER_2022_CORE yet, only LINUX.",
  )
  refused(
    definition({}, { requiresCompatibilities: ['EC2', 'MANAGED_INSTANCES'] }),
    "Stowage does not support 'requiresCompatibilities' MANAGED_INSTANCES yet, only EC2, EXTERNAL, FARGATE.",
  )
  refused(definition({}, { enableFaultInjection: true }), "Stowage does not support 'enableFaultInjection' yet.")
})

test('every field that is refused is refused when set, and passes when neutral', () => {
  for (const [name, field] of Object.entries(taskDefinitionFields.ContainerDefinition)) {
    if (field.support !== 'refused') continue
    assert.throws(() => refuseUnsupported(definition({ [name]: ['set'] })), { message: new RegExp(`'${name}'`) })
    for (const neutral of [undefined, [], {}, false, '']) refuseUnsupported(definition({ [name]: neutral }))
  }
  for (const [name, field] of Object.entries(taskDefinitionFields.RegisterTaskDefinitionRequest)) {
    if (field.support !== 'refused') continue
    assert.throws(() => refuseUnsupported(definition({}, { [name]: 'set' })), { message: new RegExp(`'${name}'`) })
    refuseUnsupported(definition({}, { [name]: undefined }))
  }
})

test('neutral settings of refused fields pass', () => {
  refuseUnsupported(
    definition(
      { restartPolicy: { enabled: false }, links: [], disableNetworking: false, versionConsistency: 'disabled' },
      { enableFaultInjection: false, placementConstraints: [], executionRoleArn: 'arn:aws:iam::123456789012:role/a' },
    ),
  )
})
