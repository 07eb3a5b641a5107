// Every field that RegisterTaskDefinition can be sent, and what becomes of it: honoured by what runs the containers,
// refused at registration, or accepted though nothing reads it, with the reason. What is refused is refused by name
// (refuse-unsupported.ts); nothing is ever ignored in silence. The types make a field that AWS adds a compile error here.
// Printed by scripts/generate-coverage.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
import type {
  ContainerDefinition,
  HealthCheck,
  HostVolumeProperties,
  LinuxParameters,
  LogConfiguration,
  MountPoint,
  PortMapping,
  RegisterTaskDefinitionRequest,
  ResourceRequirement,
  RuntimePlatform,
  Volume,
} from '@aws-sdk/client-ecs'
import { accepted, type FieldsOf, honoured, only, refused } from '../field-support.ts'

type Structures = {
  readonly RegisterTaskDefinitionRequest: RegisterTaskDefinitionRequest
  readonly ContainerDefinition: ContainerDefinition
  readonly LinuxParameters: LinuxParameters
  readonly PortMapping: PortMapping
  readonly ResourceRequirement: ResourceRequirement
  readonly MountPoint: MountPoint
  readonly HealthCheck: HealthCheck
  readonly LogConfiguration: LogConfiguration
  readonly Volume: Volume
  readonly HostVolumeProperties: HostVolumeProperties
  readonly RuntimePlatform: RuntimePlatform
}
export type StructureName = keyof Structures

/** By structure and member. Structures of which every member is honoured (Ulimit, Tmpfs, Device, ...) are not listed. */
export const taskDefinitionFields: { readonly [Name in StructureName]: FieldsOf<Structures[Name]> } = {
  RegisterTaskDefinitionRequest: {
    family: honoured,
    taskRoleArn: refused('tasks get no credentials of a role'),
    executionRoleArn: accepted(
      'what it would be used for (secrets, private registries, awslogs) is refused where it is asked for',
    ),
    networkMode: only('bridge', 'host', 'none', 'awsvpc'),
    containerDefinitions: honoured,
    volumes: honoured,
    placementConstraints: honoured,
    requiresCompatibilities: only('EC2', 'EXTERNAL', 'FARGATE'),
    cpu: honoured,
    memory: honoured,
    tags: honoured,
    pidMode: only('host', 'task'),
    ipcMode: only('host', 'task', 'none'),
    proxyConfiguration: refused(),
    inferenceAccelerators: refused(),
    ephemeralStorage: accepted('tasks on Fargate are described with it; the disk of a task is not bounded'),
    runtimePlatform: honoured,
    enableFaultInjection: refused(),
  },
  ContainerDefinition: {
    name: honoured,
    image: honoured,
    repositoryCredentials: refused('images are pulled without credentials'),
    cpu: honoured,
    memory: honoured,
    memoryReservation: honoured,
    links: honoured,
    portMappings: honoured,
    essential: honoured,
    restartPolicy: honoured,
    entryPoint: honoured,
    command: honoured,
    environment: honoured,
    environmentFiles: refused('there is no S3 to read them from'),
    mountPoints: honoured,
    volumesFrom: honoured,
    linuxParameters: honoured,
    secrets: refused('there is no secret store to read them from'),
    dependsOn: honoured,
    startTimeout: honoured,
    stopTimeout: honoured,
    versionConsistency: only('disabled'),
    hostname: honoured,
    user: honoured,
    workingDirectory: honoured,
    disableNetworking: honoured,
    privileged: honoured,
    readonlyRootFilesystem: honoured,
    dnsServers: honoured,
    dnsSearchDomains: honoured,
    extraHosts: honoured,
    dockerSecurityOptions: honoured,
    interactive: honoured,
    pseudoTerminal: honoured,
    dockerLabels: honoured,
    ulimits: honoured,
    logConfiguration: honoured,
    healthCheck: honoured,
    systemControls: honoured,
    resourceRequirements: honoured,
    firelensConfiguration: refused(),
    credentialSpecs: refused(),
  },
  LinuxParameters: {
    capabilities: honoured,
    devices: honoured,
    initProcessEnabled: honoured,
    sharedMemorySize: honoured,
    tmpfs: honoured,
    maxSwap: honoured,
    swappiness: honoured,
  },
  PortMapping: {
    containerPort: honoured,
    hostPort: honoured,
    protocol: honoured,
    name: accepted('only Service Connect reads it, which services are refused with'),
    appProtocol: accepted('only Service Connect reads it, which services are refused with'),
    containerPortRange: honoured,
  },
  ResourceRequirement: {
    type: only('GPU'),
    value: honoured,
    sharingStrategy: refused('a GPU belongs to one container'),
  },
  MountPoint: { sourceVolume: honoured, containerPath: honoured, readOnly: honoured },
  HealthCheck: { command: honoured, interval: honoured, timeout: honoured, retries: honoured, startPeriod: honoured },
  LogConfiguration: {
    logDriver: only('json-file', 'journald', 'syslog', 'gelf', 'fluentd'),
    options: honoured,
    secretOptions: refused('there is no secret store to read them from'),
  },
  Volume: {
    name: honoured,
    host: honoured,
    dockerVolumeConfiguration: honoured,
    efsVolumeConfiguration: refused(),
    s3filesVolumeConfiguration: refused(),
    fsxWindowsFileServerVolumeConfiguration: refused(),
    configuredAtLaunch: refused(),
  },
  HostVolumeProperties: { sourcePath: honoured },
  RuntimePlatform: { cpuArchitecture: only('X86_64', 'ARM64'), operatingSystemFamily: only('LINUX') },
}
