// Which target a description means: its key in a group, and where connections to it go.
// Before: RegisterTargets, DeregisterTargets, DescribeTargetHealth.
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import { ec2InstanceKey, HOST_ADDRESS_ATTRIBUTE } from '../../../domain/container-instance.ts'
import type { Target, TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import { type Cidr, contains, parseCidr } from '../../../domain/network.ts'
import { subnets, vpcs } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances } from '../../../store/tables.ts'
import { addressOfInstance } from '../../../store/target-address.ts'
import { checkRange, invalid, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'

export type TargetName = Pick<Target, 'targetGroupArn' | 'id' | 'port'>

/** Without a port the group's own is meant. ValidationError for what is no id of the group's target type. */
export const targetName = (group: TargetGroup, { Id = '', Port }: TargetDescription): TargetName => {
  checkRange('targets.port', Port, 1, 65_535)
  if (group.targetType === 'ip' && !parseCidr(`${Id}/32`)) throw invalid(`The IP address '${Id}' is not valid`)
  if (group.targetType === 'instance' && !/^i-[0-9a-z]{1,32}$/.test(Id))
    throw invalid(`Instance ID '${Id}' is not valid`)
  return { targetGroupArn: group.arn, id: Id, port: Port ?? group.port }
}

/** Everything of the row but when it was registered. InvalidTarget for what cannot be reached. */
export const resolveTarget = (
  reader: Reader,
  scope: Scope,
  group: TargetGroup,
  description: TargetDescription,
): Omit<Target, 'registeredAt'> => {
  const { AvailabilityZone } = description
  checkBuilt('TargetDescription', description)
  const name = targetName(group, description)
  if (group.targetType === 'ip')
    return { ...name, address: name.id, ...zoneOfAddress(reader, group, name.id, AvailabilityZone) }
  if (AvailabilityZone) throw invalid("An Availability Zone cannot be specified for targets of type 'instance'")
  const found = addressOfInstance(reader, scope.region, name.id)
  if (!found) throw refusal('InvalidTarget', whyNot(reader, scope, name.id))
  return { ...name, ...found }
}

const whyNot = (reader: Reader, { region }: Scope, id: string): string => {
  const known = reader.count(containerInstances, 'byEc2InstanceId', ec2InstanceKey(region, id)) > 0
  return known
    ? `The agent of the instance '${id}' has told no address: it needs the attribute ${HOST_ADDRESS_ATTRIBUTE}`
    : `The following targets are not in a running state and cannot be registered: '${id}'`
}

// RFC 1918 and 6598, as on AWS; and the loopback, where load balancers here listen too.
const REACHABLE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'].flatMap(
  text => parseCidr(text) ?? [],
)

const holds = (block: string | undefined, address: Cidr): boolean => {
  const cidr = parseCidr(block ?? '')
  return cidr !== undefined && contains(cidr, address)
}

/** Within the VPC its subnet's; outside of it the one that was given. */
const zoneOfAddress = (
  reader: Reader,
  group: TargetGroup,
  id: string,
  asked: string | undefined,
): Pick<Target, 'availabilityZone'> => {
  const address = parseCidr(`${id}/32`)
  if (!address) return {}
  if (holds(reader.get(vpcs, group.vpcId)?.cidrBlock, address)) {
    const own = [...reader.byIndex(subnets, 'byVpc', group.vpcId)].find(({ cidrBlock }) => holds(cidrBlock, address))
    if (own) return { availabilityZone: own.availabilityZone }
  } else if (!REACHABLE.some(block => contains(block, address)))
    throw refusal(
      'InvalidTarget',
      `The IP address '${id}' is not within the VPC's CIDR blocks, nor within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or 127.0.0.0/8`,
    )
  return asked === undefined ? {} : { availabilityZone: asked }
}
