// A daemon task definition as the API answers it, made from its row. Members that it does not have fall away when it is encoded.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonTaskDefinition.html
import type { DaemonTaskDefinition, DaemonTaskDefinitionSummary } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from '../../../domain/task-definition.ts'

/** They are never INACTIVE: one that is deleted goes as soon as nothing runs by it. */
const statusOf = ({ status }: TaskDefinition): 'ACTIVE' | 'DELETE_IN_PROGRESS' =>
  status === 'ACTIVE' ? 'ACTIVE' : 'DELETE_IN_PROGRESS'

const deletedAt = ({ deleteRequestedAt }: TaskDefinition): Date | undefined =>
  deleteRequestedAt === undefined ? undefined : new Date(deleteRequestedAt)

export const describeDaemonTaskDefinition = (row: TaskDefinition): DaemonTaskDefinition => ({
  daemonTaskDefinitionArn: row.arn,
  family: row.family,
  revision: row.revision,
  executionRoleArn: row.executionRoleArn,
  containerDefinitions: row.containerDefinitions.map(container => ({ ...container, image: container.image })),
  volumes: row.volumes.map(({ name, host }) => ({ name, host })),
  cpu: row.cpu,
  memory: row.memory,
  status: statusOf(row),
  registeredAt: new Date(row.registeredAt),
  deleteRequestedAt: deletedAt(row),
  registeredBy: row.registeredBy,
  pidMode: row.pidMode === 'host' ? 'shared' : undefined,
  ipcMode: row.ipcMode === 'host' ? 'shared' : undefined,
})

export const summarizeDaemonTaskDefinition = (row: TaskDefinition): DaemonTaskDefinitionSummary => ({
  arn: row.arn,
  registeredAt: new Date(row.registeredAt),
  registeredBy: row.registeredBy,
  deleteRequestedAt: deletedAt(row),
  status: statusOf(row),
})
