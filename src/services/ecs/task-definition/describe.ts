// A task definition as the API answers it. Its tags are never a part of it but stand beside it in the answer.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
import type { TaskDefinition as TaskDefinitionAnswer } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from '../../../domain/task-definition.ts'

export const describeDefinition = (definition: TaskDefinition): TaskDefinitionAnswer => ({
  taskDefinitionArn: definition.arn,
  containerDefinitions: [...definition.containerDefinitions],
  family: definition.family,
  taskRoleArn: definition.taskRoleArn,
  executionRoleArn: definition.executionRoleArn,
  networkMode: definition.networkMode,
  pidMode: definition.pidMode,
  ipcMode: definition.ipcMode,
  revision: definition.revision,
  volumes: [...definition.volumes],
  status: definition.status,
  requiresAttributes:
    definition.requiresAttributes.length > 0 ? definition.requiresAttributes.map(name => ({ name })) : undefined,
  placementConstraints: [...definition.placementConstraints],
  compatibilities: [...definition.compatibilities],
  runtimePlatform: definition.runtimePlatform,
  requiresCompatibilities: definition.requiresCompatibilities && [...definition.requiresCompatibilities],
  cpu: definition.cpu,
  memory: definition.memory,
  ephemeralStorage: definition.ephemeralStorage,
  registeredAt: new Date(definition.registeredAt),
  deregisteredAt: definition.deregisteredAt === undefined ? undefined : new Date(definition.deregisteredAt),
  deleteRequestedAt: definition.deleteRequestedAt === undefined ? undefined : new Date(definition.deleteRequestedAt),
  registeredBy: definition.registeredBy,
})
