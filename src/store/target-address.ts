// Where a target of type instance is dialled: the address that its host's agent told at registration.
// Before: services/elbv2/ (RegisterTargets) and the targets loop (tasks with bridge or host network); RegisterContainerInstance,
// whose host may have another address than before. After: Target.address.
import { type ContainerInstance, ec2InstanceKey, HOST_ADDRESS_ATTRIBUTE } from '../domain/container-instance.ts'
import { targets } from './load-balancing-tables.ts'
import type { Reader, Transaction } from './store.ts'
import { containerInstances } from './tables.ts'

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

/** After a registration: targets that were registered at the host's old address are dialled at the new one. */
export const followAddress = (tx: Transaction, region: string, ec2InstanceId: string): void => {
  const found = addressOfInstance(tx, region, ec2InstanceId)
  if (!found) return
  for (const target of tx.byIndex(targets, 'byEc2InstanceId', ec2InstanceKey(region, ec2InstanceId)))
    if (target.address !== found.address) tx.put(targets, { ...target, address: found.address })
}
