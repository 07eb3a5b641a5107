// A task as callers see it, made from its row in this one place: the answer of RunTask, StartTask, StopTask and
// DescribeTasks. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
import type { Container, NetworkInterface, Task as TaskAnswer } from '@aws-sdk/client-ecs'
import { networkInterfaceOf, privateIpv4Of } from '../../../domain/network-interface.ts'
import type { Task, TaskContainer } from '../../../domain/task.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances } from '../../../store/tables.ts'
import { FARGATE_PLATFORM_FAMILY, FARGATE_PLATFORM_VERSION } from './check-launch.ts'

/** What Fargate gives a task that asks for none; nothing bounds it here. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html */
const FARGATE_STORAGE_GIB = 20

/** With `tags` false they are left empty, as DescribeTasks answers without `include`. */
export const describeTask = (reader: Reader, task: Task, show: { readonly tags: boolean }): TaskAnswer => ({
  taskArn: task.arn,
  clusterArn: task.clusterArn,
  taskDefinitionArn: task.taskDefinitionArn,
  group: task.group,
  startedBy: task.startedBy,
  version: task.version,
  desiredStatus: task.desiredStatus,
  lastStatus: task.lastStatus,
  healthStatus: healthShown(task),
  ...(task.capacityProviderName === undefined ? {} : { capacityProviderName: task.capacityProviderName }),
  ...whereabouts(task),
  ...(task.availabilityZone === undefined ? {} : { availabilityZone: task.availabilityZone }),
  cpu: task.cpu,
  memory: task.memory,
  containers: task.containers.map(container => describeContainer(task, container, networkInterfacesOf(task))),
  overrides: task.overrides,
  attachments: [...task.attachments],
  attributes: architectureOf(reader, task),
  enableExecuteCommand: task.enableExecuteCommand,
  tags: show.tags ? [...task.tags] : [],
  createdAt: new Date(task.createdAt),
  ...(task.connectivityAt === undefined && task.connectivity === undefined
    ? {}
    : { connectivity: task.connectivity ?? 'CONNECTED' }),
  connectivityAt: date(task.connectivityAt),
  pullStartedAt: date(task.pullStartedAt),
  pullStoppedAt: date(task.pullStoppedAt),
  startedAt: date(task.startedAt),
  stoppingAt: date(task.stoppingAt),
  executionStoppedAt: date(task.executionStoppedAt),
  stoppedAt: date(task.stoppedAt),
  stopCode: task.stopCode,
  stoppedReason: task.stoppedReason,
})

// An essential container without a check is UNKNOWN, and with it the task, unless another one has failed its check:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html. The row goes by the checks that there are, as deployments do.
const healthShown = ({ healthStatus, containers }: Task): Task['healthStatus'] =>
  healthStatus === 'HEALTHY' && containers.some(one => one.essential && !one.hasHealthCheck) ? 'UNKNOWN' : healthStatus

const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at))

// Where a FARGATE task runs is not the caller's business.
const whereabouts = (task: Task): TaskAnswer =>
  task.launchType === 'FARGATE'
    ? {
        launchType: task.launchType,
        platformVersion: FARGATE_PLATFORM_VERSION,
        platformFamily: FARGATE_PLATFORM_FAMILY,
        ephemeralStorage: { sizeInGiB: task.ephemeralStorageGiB ?? FARGATE_STORAGE_GIB },
        fargateEphemeralStorage: { sizeInGiB: task.ephemeralStorageGiB ?? FARGATE_STORAGE_GIB },
      }
    : {
        launchType: task.launchType,
        ...(task.containerInstanceArn === undefined ? {} : { containerInstanceArn: task.containerInstanceArn }),
      }

// One interface a task, shared by its containers. Nothing to tell before its host has given it an address.
const networkInterfacesOf = ({ attachments }: Task): NetworkInterface[] => {
  const known = networkInterfaceOf(attachments)
  const privateIpv4Address = known && privateIpv4Of(known)
  return privateIpv4Address === undefined ? [] : [{ attachmentId: known?.id, privateIpv4Address }]
}

const architectureOf = (reader: Reader, task: Task): { name: string; value: string }[] => {
  const instance = task.containerInstanceArn ? reader.get(containerInstances, task.containerInstanceArn) : undefined
  const value = instance?.attributes.find(attribute => attribute.name === 'ecs.cpu-architecture')?.value
  return value === undefined ? [] : [{ name: 'ecs.cpu-architecture', value }]
}

const describeContainer = (
  task: Task,
  container: TaskContainer,
  networkInterfaces: readonly NetworkInterface[],
): Container => ({
  containerArn: container.containerArn,
  taskArn: task.arn,
  name: container.name,
  image: container.image,
  imageDigest: container.imageDigest,
  runtimeId: container.runtimeId,
  lastStatus: container.lastStatus,
  exitCode: container.exitCode,
  reason: container.reason,
  networkBindings: [...container.networkBindings],
  networkInterfaces: [...networkInterfaces],
  healthStatus: container.healthStatus,
  cpu: container.cpu,
  memory: container.memory,
  memoryReservation: container.memoryReservation,
  ...(container.gpuIds === undefined ? {} : { gpuIds: [...container.gpuIds] }),
})
