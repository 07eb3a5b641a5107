// The network interfaces there are: those of ECS tasks with network mode awsvpc, from the tasks' own attachments.
import type { Attachment } from '@aws-sdk/client-ecs'
import type { Scope } from '../../domain/arn.ts'
import { networkInterfaceOf } from '../../domain/network-interface.ts'
import type { Task } from '../../domain/task.ts'
import type { Reader } from '../../store/store.ts'
import { clusters, tasks } from '../../store/tables.ts'

export type TaskInterface = { readonly task: Task; readonly attachment: Attachment }

/** Costs what runs in the region. */
export function* taskInterfaces(reader: Reader, { region }: Scope): Generator<TaskInterface> {
  for (const cluster of reader.byIndex(clusters, 'activeByRegion', region))
    for (const task of reader.byIndex(tasks, 'liveByCluster', cluster.arn)) {
      const attachment = networkInterfaceOf(task.attachments)
      if (attachment) yield { task, attachment }
    }
}

export const detailOf = ({ details = [] }: Attachment, name: string): string | undefined =>
  details.find(detail => detail.name === name)?.value

/** How many interfaces each subnet has. */
export const countBySubnet = (reader: Reader, scope: Scope): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { attachment } of taskInterfaces(reader, scope)) {
    const subnet = detailOf(attachment, 'subnetId') ?? ''
    counts.set(subnet, (counts.get(subnet) ?? 0) + 1)
  }
  return counts
}
