// Gives a task with network mode awsvpc its address: a free one of the subnet that its network interface was made for. Of a subnet
// that is not here - its id may be one of AWS, in a deploy script that is used unchanged - the task's host gives the address, from
// the container engine's own bridge. Before: RunTask, StartTask and the deployment loop, within the transaction that makes the
// task. After: the dispatcher tells the agent, whose report attaches it. Costs a look or two, as long as the subnet is not full.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html

import { scopeOf } from '../domain/arn.ts'
import { addressAt, parseCidr, RESERVED_ADDRESSES } from '../domain/network.ts'
import { networkInterfaceOf, subnetOf } from '../domain/network-interface.ts'
import type { Task } from '../domain/task.ts'
import { subnets } from './network-tables.ts'
import type { Reader } from './store.ts'
import { subnetAddressKey, tasks } from './tables.ts'

/** AWS keeps the first four addresses, of which the second is the router's, and the last. */
const FIRST = 4
const ROUTER = 1

/** The task with its address; undefined when its subnet has none left. */
export const withSubnetAddress = (reader: Reader, task: Task): Task | undefined => {
  const attachment = networkInterfaceOf(task.attachments)
  const subnetId = attachment && subnetOf(attachment)
  const subnet = subnetId === undefined ? undefined : reader.get(subnets, subnetId)
  const cidr = subnet && parseCidr(subnet.cidrBlock)
  const { region, accountId } = scopeOf(task.arn)
  if (!subnet || !cidr || subnet.region !== region || subnet.accountId !== accountId) return task
  const usable = cidr.size - RESERVED_ADDRESSES
  // By chance, so that an address that has just come free rests for a while.
  const start = Number.parseInt(task.id.slice(-8), 16) % usable
  for (let tried = 0; tried < usable; tried++) {
    const ipv4 = addressAt(cidr.first + FIRST + ((start + tried) % usable))
    if (reader.count(tasks, 'liveByAddress', subnetAddressKey(subnet.id, ipv4)) > 0) continue
    const gateway = `${addressAt(cidr.first + ROUTER)}/${cidr.prefix}`
    return { ...task, subnetAddress: { subnetId: subnet.id, ipv4, gateway } }
  }
  return undefined
}
