// GPUs: how many each container of a task has for itself, and which of its container instance's they are. An instance has those
// that its agent registered; one is taken while a task that has it is not STOPPED. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html
// Before: new-task.ts (how many), placement (which). After: the dispatcher tells the agent; DescribeTasks answers `gpuIds`.
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerInstance } from './container-instance.ts'
import type { Task } from './task.ts'

/** The name of one among the `usage` sums of an instance. */
export const gpuKey = (id: string): string => `gpu:${id}`

export const gpusOf = ({ resourceRequirements = [] }: ContainerDefinition): number =>
  resourceRequirements.reduce((sum, { type, value }) => (type === 'GPU' ? sum + Number(value) : sum), 0)

/** Of an instance, in the order in which its agent told them. `usage`: its sums. */
export const freeGpus = (
  { registered }: Pick<ContainerInstance, 'registered'>,
  usage: Readonly<Record<string, number>>,
): readonly string[] => (registered.gpus ?? []).filter(id => !usage[gpuKey(id)])

/** The task with the first of `free` dealt to its containers; there are enough, or it would not have been placed. */
export const withGpus = <T extends Pick<Task, 'containers'>>(task: T, free: readonly string[]): T => {
  if (task.containers.every(({ gpus = 0 }) => gpus === 0)) return task
  let next = 0
  const containers = task.containers.map(container => {
    const { gpus = 0 } = container
    if (gpus === 0) return container
    next += gpus
    return { ...container, gpuIds: free.slice(next - gpus, next) }
  })
  return { ...task, containers }
}
