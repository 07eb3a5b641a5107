// What an agent is told about a task: the task's row and its definition, as the ECS agent's PayloadTask. Pure. Overrides are
// applied here: the ECS agent itself understands an override of `command` alone, and calls a task with any other invalid.
// Before: session.ts, which decides when. After: the agent's task engine.
import type {
  ContainerCondition,
  ContainerDefinition,
  ContainerRestartPolicy,
  DockerVolumeConfiguration,
  KeyValuePair,
  LaunchType,
  NetworkMode,
  PortMapping,
  Volume,
} from '@aws-sdk/client-ecs'
import type { PayloadContainer, PayloadPortMapping, PayloadTask } from '../agent-link/acs.ts'
import { isDaemonArn, lastSegment } from '../domain/arn.ts'
import { attachmentArn, networkInterfaceId, networkInterfaceOf } from '../domain/network-interface.ts'
import type { Task } from '../domain/task.ts'
import { networkModeOf, type TaskDefinition } from '../domain/task-definition.ts'
import { withOverrides } from '../domain/task-overrides.ts'
import { dockerConfig } from './docker-config.ts'

/** CPU units in a vCPU. */
const UNITS = 1024

export const payloadTask = (task: Task, plain: TaskDefinition): PayloadTask => {
  const definition = withOverrides(plain, task.overrides)
  const networkMode = networkModeOf(definition)
  const containerArns = new Map(task.containers.map(container => [container.name, container.containerArn]))
  return {
    arn: task.arn,
    taskClusterArn: task.clusterArn,
    family: task.family,
    version: String(task.revision),
    desiredStatus: task.desiredStatus,
    overrides: '{}',
    // The agent skips its admission for "FARGATE"; on a host that several tasks share it must not.
    launchType: task.launchType === 'EXTERNAL' ? 'EXTERNAL' : 'EC2',
    networkMode,
    ...(definition.pidMode === undefined ? {} : { pidMode: definition.pidMode }),
    ...(definition.ipcMode === undefined ? {} : { ipcMode: definition.ipcMode }),
    ...(definition.cpu === undefined ? {} : { cpu: Number(definition.cpu) / UNITS }),
    ...(definition.memory === undefined ? {} : { memory: Number(definition.memory) }),
    ...serviceNameOf(task),
    group: task.group,
    ...networkInterfaces(task),
    ...associationsOf(task),
    volumes: definition.volumes.map(payloadVolume),
    containers: definition.containerDefinitions.map(container =>
      payloadContainer(container, {
        networkMode,
        launchType: task.launchType,
        containerArn: containerArns.get(container.name ?? '') ?? '',
      }),
    ),
  }
}

// A daemon is no service.
const serviceNameOf = ({ serviceArn }: Task): Pick<PayloadTask, 'serviceName'> =>
  serviceArn === undefined || isDaemonArn(serviceArn) ? {} : { serviceName: lastSegment(serviceArn) }

const networkInterfaces = ({
  arn,
  attachments,
  subnetAddress,
}: Task): Pick<PayloadTask, 'elasticNetworkInterfaces'> => {
  const known = networkInterfaceOf(attachments)
  if (known === undefined) return {}
  const attachment = { attachmentArn: attachmentArn(arn, known), ec2Id: networkInterfaceId(known), index: 0 }
  if (subnetAddress === undefined) return { elasticNetworkInterfaces: [attachment] }
  const { ipv4, gateway } = subnetAddress
  const ipv4Addresses = [{ privateAddress: ipv4, primary: true }]
  return { elasticNetworkInterfaces: [{ ...attachment, ipv4Addresses, subnetGatewayIpv4Address: gateway }] }
}

// Which GPU is told by its name; there is no content.
const associationsOf = ({ containers }: Task): Pick<PayloadTask, 'associations'> => {
  const associations = containers.flatMap(({ name, gpuIds = [] }) =>
    gpuIds.map(id => ({
      name: id,
      type: 'gpu' as const,
      content: { value: '', encoding: 'base64' as const },
      containers: [name],
    })),
  )
  return associations.length === 0 ? {} : { associations }
}

// An agent refuses a host volume without its `host` object; empty, it makes a volume of its own.
const payloadVolume = ({
  name = '',
  host,
  dockerVolumeConfiguration: docker,
}: Volume): PayloadTask['volumes'][number] =>
  docker === undefined
    ? { name, type: 'host', host: host?.sourcePath ? { sourcePath: host.sourcePath } : {} }
    : { name, type: 'docker', host: {}, dockerVolumeConfiguration: dockerVolume(docker) }

const dockerVolume = ({ scope = 'task', autoprovision, driver, driverOpts, labels }: DockerVolumeConfiguration) => ({
  scope,
  ...(scope === 'shared' ? { autoprovision: autoprovision ?? false } : {}),
  ...(driver ? { driver } : {}),
  ...(driverOpts ? { driverOpts } : {}),
  ...(labels ? { labels } : {}),
})

type Surroundings = {
  readonly networkMode: NetworkMode
  readonly launchType: LaunchType
  readonly containerArn: string
}

const payloadContainer = (container: ContainerDefinition, around: Surroundings): PayloadContainer => ({
  name: container.name ?? '',
  image: container.image ?? '',
  containerArn: around.containerArn,
  ...(container.command?.length ? { command: container.command } : {}),
  ...(container.entryPoint?.length ? { entryPoint: container.entryPoint } : {}),
  ...(container.links?.length ? { links: container.links } : {}),
  environment: environmentOf(container.environment ?? [], around.launchType),
  cpu: container.cpu ?? 0,
  ...(container.memory ? { memory: container.memory } : {}),
  essential: container.essential ?? true,
  overrides: '{}',
  portMappings: portMappingsOf(container.portMappings ?? [], around.networkMode),
  mountPoints: (container.mountPoints ?? []).map(mount => ({
    sourceVolume: mount.sourceVolume ?? '',
    containerPath: mount.containerPath ?? '',
    readOnly: mount.readOnly ?? false,
  })),
  volumesFrom: (container.volumesFrom ?? []).map(from => ({
    sourceContainer: from.sourceContainer ?? '',
    readOnly: from.readOnly ?? false,
  })),
  ...(container.dependsOn?.length ? { dependsOn: container.dependsOn.flatMap(dependency) } : {}),
  ...(container.startTimeout === undefined ? {} : { startTimeout: container.startTimeout }),
  ...(container.stopTimeout === undefined ? {} : { stopTimeout: container.stopTimeout }),
  // Health is only reported when the type is set, and then `HealthCheck` must be in dockerConfig.
  ...(container.healthCheck ? { healthCheckType: 'docker' as const } : {}),
  ...(container.restartPolicy?.enabled ? { restartPolicy: restartPolicyOf(container.restartPolicy) } : {}),
  dockerConfig: dockerConfig(container, around.networkMode),
})

// AWS sets this one for SDKs to find out where they run; the agent never does.
const environmentOf = (pairs: readonly KeyValuePair[], launchType: LaunchType): Record<string, string> => ({
  AWS_EXECUTION_ENV: launchType === 'FARGATE' ? 'AWS_ECS_FARGATE' : 'AWS_ECS_EC2',
  ...Object.fromEntries(pairs.map(pair => [pair.name, pair.value ?? ''])),
})

/** hostPort 0: the agent picks a free one. Outside bridge a container's port is the host's (or the task's) own. */
const portMappingsOf = (mappings: readonly PortMapping[], mode: NetworkMode): PayloadContainer['portMappings'] => {
  if (mode === 'none') return []
  return mappings.flatMap((mapping): readonly PayloadPortMapping[] => {
    const protocol = mapping.protocol ?? 'tcp'
    // In mode awsvpc a range is the task's own too: nothing is published.
    if (mapping.containerPortRange !== undefined)
      return [{ containerPortRange: mapping.containerPortRange, hostPort: 0, protocol }]
    if (mapping.containerPort === undefined) return []
    const hostPort = mode === 'bridge' ? (mapping.hostPort ?? 0) : mapping.containerPort
    return [{ containerPort: mapping.containerPort, hostPort, protocol }]
  })
}

/** AWS's default period. */
const restartPolicyOf = ({ ignoredExitCodes, restartAttemptPeriod = 300 }: ContainerRestartPolicy) => ({
  enabled: true,
  ...(ignoredExitCodes?.length ? { ignoredExitCodes } : {}),
  restartAttemptPeriod,
})

const dependency = (on: { containerName: string | undefined; condition: ContainerCondition | undefined }) =>
  on.containerName && on.condition ? [{ containerName: on.containerName, condition: on.condition }] : []
