// Where a target of type instance is dialled: the address that its host's agent told at registration.
// Before: services/elbv2/ (RegisterTargets) and the targets loop (tasks with bridge or host network). After: Target.address.
import { type ContainerInstance, HOST_ADDRESS_ATTRIBUTE } from '../domain/container-instance.ts'
import type { Reader } from './store.ts'
import { containerInstances, ec2InstanceKey } from './tables.ts'

export type TargetAddress = { readonly address: string; readonly availabilityZone: string }

/** undefined for an instance that nobody registered, and for one whose agent told no address. */
export const addressOfInstance = (reader: Reader, region: string, ec2InstanceId: string): TargetAddress | undefined => {
  let newest: { readonly row: ContainerInstance; readonly address: string } | undefined
  // More than one only when an agent lost its memory, or a host is in several clusters: the last one that came knows best.
  for (const row of reader.byIndex(containerInstances, 'byEc2InstanceId', ec2InstanceKey(region, ec2InstanceId))) {
    const address = row.attributes.find(({ name }) => name === HOST_ADDRESS_ATTRIBUTE)?.value
    if (address && (!newest || row.registeredAt >= newest.row.registeredAt)) newest = { row, address }
  }
  return newest && { address: newest.address, availabilityZone: newest.row.availabilityZone }
}
