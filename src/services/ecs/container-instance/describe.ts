// A container instance as callers see it, made from its row and from what its tasks use.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
import type { ContainerInstance as ContainerInstanceAnswer, Resource } from '@aws-sdk/client-ecs'
import { capacityProviderOf } from '../../../domain/capacity-provider.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { freeGpus } from '../../../domain/gpu.ts'
import type { Reader } from '../../../store/store.ts'
import { tasks } from '../../../store/tables.ts'

export const describeContainerInstance = (
  reader: Reader,
  instance: ContainerInstance,
  show: { readonly tags: boolean; readonly health?: boolean },
): ContainerInstanceAnswer => {
  const usage = reader.sum(tasks, 'usage', instance.arn)
  const provider = capacityProviderOf(instance)
  const { cpu, memory, ports, portsUdp, gpus } = instance.registered
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    ...(provider === undefined ? {} : { capacityProviderName: provider }),
    status: instance.status,
    agentConnected: instance.agentConnected,
    version: instance.version,
    versionInfo: instance.versionInfo,
    registeredResources: [...resources(cpu, memory, ports, portsUdp), ...gpuResource(gpus)],
    remainingResources: [
      ...resources(
        cpu - (usage['cpu'] ?? 0),
        memory - (usage['memory'] ?? 0),
        [...ports, ...portsInUse(usage, 'tcp')],
        [...portsUdp, ...portsInUse(usage, 'udp')],
      ),
      ...gpuResource(gpus && freeGpus(instance, usage)),
    ],
    // A host that gives FARGATE capacity counts those tasks too: they take its room.
    runningTasksCount: usage['running'] ?? 0,
    pendingTasksCount: usage['pending'] ?? 0,
    attributes: [...instance.attributes],
    registeredAt: new Date(instance.registeredAt),
    attachments: [],
    tags: show.tags ? [...instance.tags] : [],
    // Agents' health reports are not kept yet, and this is what ECS calls that.
    ...(show.health ? { healthStatus: { overallStatus: 'INSUFFICIENT_DATA', details: [] } } : {}),
  }
}

// Each with all three numbers, as ECS answers them.
const resources = (cpu: number, memory: number, ports: readonly number[], portsUdp: readonly number[]): Resource[] => [
  { name: 'CPU', type: 'INTEGER', doubleValue: 0, longValue: 0, integerValue: cpu },
  { name: 'MEMORY', type: 'INTEGER', doubleValue: 0, longValue: 0, integerValue: memory },
  stringSet('PORTS', ports.map(String)),
  stringSet('PORTS_UDP', portsUdp.map(String)),
]

const stringSet = (name: string, values: readonly string[]): Resource => ({
  name,
  type: 'STRINGSET',
  doubleValue: 0,
  longValue: 0,
  integerValue: 0,
  stringSetValue: [...values],
})

/** Only of an instance that has any. */
const gpuResource = (ids: readonly string[] | undefined): Resource[] => (ids ? [stringSet('GPU', ids)] : [])

const portsInUse = (usage: Readonly<Record<string, number>>, protocol: 'tcp' | 'udp'): number[] =>
  Object.entries(usage)
    .filter(([name, count]) => name.startsWith(`${protocol}:`) && count > 0)
    .map(([name]) => Number(name.slice(protocol.length + 1)))
    .sort((a, b) => a - b)
