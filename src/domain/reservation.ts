// What a task takes from the instance it stands on: the scheduler's arithmetic, pure. RunTask and the deployment loop
// compute it once and keep it in the task's row; placement subtracts it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
import type { ContainerDefinition, TaskOverride } from '@aws-sdk/client-ecs'
import { gpusOf } from './gpu.ts'
import { networkModeOf, type Reservation, type TaskDefinition } from './task-definition.ts'

type Sized = Pick<TaskDefinition, 'containerDefinitions' | 'networkMode' | 'cpu' | 'memory'>

/**
 * The task's own cpu and memory where it has them; otherwise the sums over its containers, counting a container's
 * memoryReservation before its memory. Overrides replace the figures that they name, the task's or a container's.
 */
export const reservationOf = (definition: Sized, overrides: TaskOverride = {}): Reservation => {
  const containers = definition.containerDefinitions.map(container => sizeOf(container, overrides))
  const gpus = sum(definition.containerDefinitions.map(gpusOf))
  const taskCpu = overrides.cpu ?? definition.cpu
  const taskMemory = overrides.memory ?? definition.memory
  return {
    cpu: taskCpu ? Number(taskCpu) : sum(containers.map(container => container.cpu)),
    memory: taskMemory ? Number(taskMemory) : sum(containers.map(container => container.memory)),
    ports: fixedPorts(definition, 'tcp'),
    portsUdp: fixedPorts(definition, 'udp'),
    ...(gpus > 0 ? { gpus } : {}),
  }
}

const sizeOf = (container: ContainerDefinition, overrides: TaskOverride): { cpu: number; memory: number } => {
  const override = overrides.containerOverrides?.find(one => one.name === container.name)
  return {
    cpu: override?.cpu ?? container.cpu ?? 0,
    memory: override?.memoryReservation ?? container.memoryReservation ?? override?.memory ?? container.memory ?? 0,
  }
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

/** Host ports known before the task starts. With network mode host a container's port is the host's own. */
const fixedPorts = (definition: Sized, protocol: 'tcp' | 'udp'): number[] => {
  const mode = networkModeOf(definition)
  if (mode !== 'bridge' && mode !== 'host') return []
  const ports = new Set<number>()
  for (const container of definition.containerDefinitions)
    for (const mapping of container.portMappings ?? []) {
      if ((mapping.protocol ?? 'tcp') !== protocol) continue
      const port = mode === 'host' ? mapping.containerPort : mapping.hostPort
      if (port) ports.add(port)
    }
  return [...ports].sort((a, b) => a - b)
}
