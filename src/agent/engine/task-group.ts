// The cgroup around a task that has a size of its own (cpu, memory). Made before its first container is created, and removed
// when the last one is. Before: perform.ts. After: the driver; a host without such a thing bounds each container only.
import type { PayloadTask } from '../../agent-link/acs.ts'
import { lastSegment } from '../../domain/arn.ts'
import type { Driver } from '../../runtime/driver.ts'

const MIB = 1024 * 1024

export const hasSize = ({ cpu, memory }: PayloadTask): boolean => Boolean(cpu || memory)

/** What to create its containers under. */
export const makeTaskGroup = async (driver: Driver, task: PayloadTask): Promise<{ readonly cgroupParent?: string }> => {
  if (!hasSize(task)) return {}
  const cgroupParent = await driver.makeTaskGroup(lastSegment(task.arn), {
    ...(task.cpu ? { cpus: task.cpu } : {}),
    ...(task.memory ? { memoryBytes: task.memory * MIB } : {}),
  })
  return cgroupParent === undefined ? {} : { cgroupParent }
}

export const removeTaskGroup = (driver: Driver, taskArn: string): Promise<void> =>
  driver.removeTaskGroup(lastSegment(taskArn))
