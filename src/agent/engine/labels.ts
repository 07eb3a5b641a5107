// The labels by which the agent finds its containers and volumes again: Amazon's five, and which agent made them, so that
// two agents on one engine leave each other's alone. Before: container-spec.ts writes them. After: adopt.ts reads them.
import type { PayloadTask } from '../../agent-link/acs.ts'
import { isSandbox } from './sandbox.ts'

export const AGENT_LABEL = 'stowage.agent'
export const TASK_ARN_LABEL = 'com.amazonaws.ecs.task-arn'
export const CLUSTER_LABEL = 'com.amazonaws.ecs.cluster'
/** Only a task's sandbox has it, with the word of the task metadata endpoint: whoever lists containers can tell it apart. */
const CONTAINER_TYPE = 'stowage.container-type'
const CONTAINER_NAME = 'com.amazonaws.ecs.container-name'

type Labels = Readonly<Record<string, string>>

export const taskLabels = (agentId: string, task: PayloadTask): Labels => ({
  [AGENT_LABEL]: agentId,
  [TASK_ARN_LABEL]: task.arn,
  'com.amazonaws.ecs.task-definition-family': task.family,
  'com.amazonaws.ecs.task-definition-version': task.version,
  [CLUSTER_LABEL]: task.taskClusterArn,
})

export const containerLabels = (agentId: string, task: PayloadTask, container: string): Labels => ({
  ...taskLabels(agentId, task),
  [CONTAINER_NAME]: container,
  ...(isSandbox({ name: container }) ? { [CONTAINER_TYPE]: 'CNI_PAUSE' } : {}),
})

export const taskArnIn = (labels: Labels): string => labels[TASK_ARN_LABEL] ?? ''
export const containerNameIn = (labels: Labels): string => labels[CONTAINER_NAME] ?? ''
export const clusterIn = (labels: Labels): string => labels[CLUSTER_LABEL] ?? ''
