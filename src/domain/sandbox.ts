// The container that holds the network of a task with network mode awsvpc, and how its address is told. The others join
// its network namespace; it is no container of the task definition and callers never see it. Its name is the ECS agent's own.
// Before: agent/engine/report.ts writes what services/ecs/agent/ reads here.
//
// On AWS the server hands out a network interface with its address, and the agent only confirms that it is there. Here the
// address is the host's to give, so the agent must tell it, with what SubmitTaskStateChange has: an entry among its containers
// under this name, with the address as the entry's binding and the MAC in its one free text. Amazon's agent never names this
// container, and a server that does not know it takes no notice.
import type { ContainerStateChange } from '@aws-sdk/client-ecs'
import type { TaskAddress } from './network-interface.ts'

export const SANDBOX_NAME = '~internal~ecs~pause'

const MAC = 'macAddress='

export const tellAddress = ({ ipv4, mac }: TaskAddress): Pick<ContainerStateChange, 'networkBindings' | 'reason'> => ({
  networkBindings: [{ bindIP: ipv4 }],
  reason: `${MAC}${mac}`,
})

/** The address that a report brings; undefined when it brings none, or none that makes sense. */
export const sandboxAddress = (containers: readonly ContainerStateChange[]): TaskAddress | undefined => {
  const told = containers.find(({ containerName }) => containerName === SANDBOX_NAME)
  const ipv4 = told?.networkBindings?.[0]?.bindIP ?? ''
  const mac = told?.reason?.startsWith(MAC) ? told.reason.slice(MAC.length) : ''
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(ipv4) || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return undefined
  return { ipv4, mac }
}
