// The tags that a new task carries: its own, those it takes over from its service or task definition, and the two that
// ECS manages. Before: RunTask and the deployment loop. After: `newTask`.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
import type { PropagateTags, Tag } from '@aws-sdk/client-ecs'
import { clusterNameOf } from './arn.ts'
import type { Service } from './service.ts'
import type { TaskDefinition } from './task-definition.ts'

export type TagSources = {
  readonly clusterArn: string
  /** Given by the caller for this task; they win over those taken over. */
  readonly own: readonly Tag[]
  readonly propagateTags: PropagateTags
  readonly enableECSManagedTags: boolean
  readonly definition: Pick<TaskDefinition, 'tags'>
  readonly service?: Pick<Service, 'name' | 'tags' | 'daemon'> | undefined
}

export const taskTags = (sources: TagSources): Tag[] => {
  const { propagateTags, service, definition, own } = sources
  const taken =
    propagateTags === 'SERVICE' ? (service?.tags ?? []) : propagateTags === 'TASK_DEFINITION' ? definition.tags : []
  const tags = new Map([...taken, ...own].map(tag => [tag.key, tag]))
  return [...tags.values(), ...(sources.enableECSManagedTags ? managedTags(sources) : [])]
}

const managedTags = ({ clusterArn, service }: TagSources): Tag[] => [
  { key: 'aws:ecs:clusterName', value: clusterNameOf(clusterArn) },
  // Which tag ECS gives a daemon's tasks is not documented.
  ...(service && !service.daemon ? [{ key: 'aws:ecs:serviceName', value: service.name }] : []),
]
