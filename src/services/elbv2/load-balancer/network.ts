// Where a load balancer stands: its subnets, one a zone, all of one VPC; and its security groups.
// Before: CreateLoadBalancer, SetSubnets, SetSecurityGroups. After: the row's zones, vpcId and securityGroups.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
import type { SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import type { LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import { DEFAULT_SECURITY_GROUP, type Subnet } from '../../../domain/network.ts'
import { securityGroups, subnets } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { invalid, invalidConfiguration, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'

type Asked = {
  readonly Subnets?: readonly string[] | undefined
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined
}

export type Place = Pick<LoadBalancer, 'vpcId' | 'zones'>

/** The subnets' ids, however they were given; ValidationError when they were given twice or not at all. */
export const askedSubnets = ({ Subnets = [], SubnetMappings = [] }: Asked): readonly string[] => {
  if (Subnets.length > 0 && SubnetMappings.length > 0)
    throw invalid('You can specify either subnets or subnet mappings, not both')
  for (const mapping of SubnetMappings) checkBuilt('SubnetMapping', mapping)
  return Subnets.length > 0 ? Subnets : SubnetMappings.map(({ SubnetId = '' }) => SubnetId)
}

export const placeIn = (
  reader: Reader,
  scope: Scope,
  type: LoadBalancer['type'],
  subnetIds: readonly string[],
): Place => {
  const found = subnetIds.map(id => {
    const subnet = reader.get(subnets, id)
    if (subnet?.region !== scope.region || subnet.accountId !== scope.accountId)
      throw refusal('SubnetNotFound', `The subnet ID '${id}' does not exist`)
    return subnet
  })
  const zones = new Set(found.map(({ availabilityZone }) => availabilityZone))
  if (type === 'application' && zones.size < 2)
    throw invalid('At least two subnets in two different Availability Zones must be specified')
  const [first] = found
  if (!first) throw invalid('At least one subnet must be specified')
  const strange = found.find(({ vpcId }) => vpcId !== first.vpcId)
  if (strange)
    throw refusal(
      'InvalidSubnet',
      `The subnet ID '${strange.id}' is not in the same VPC as '${first.id}': ${first.vpcId}`,
    )
  if (zones.size < found.length)
    throw invalidConfiguration('A load balancer cannot be attached to multiple subnets in the same Availability Zone')
  return { vpcId: first.vpcId, zones: found.map(zoneOf).sort((a, b) => (a.zoneName < b.zoneName ? -1 : 1)) }
}

const zoneOf = ({ availabilityZone, id }: Subnet) => ({ zoneName: availabilityZone, subnetId: id })

/** Those named, all of the VPC. */
export const checkSecurityGroups = (reader: Reader, vpcId: string, ids: readonly string[]): readonly string[] => {
  for (const id of ids)
    if (reader.get(securityGroups, id)?.vpcId !== vpcId)
      throw refusal('InvalidSecurityGroup', `The security group '${id}' does not exist in VPC '${vpcId}'`)
  return [...new Set(ids)]
}

/** What an application load balancer has when none is named: the VPC's own. A network load balancer has none then. */
export const defaultSecurityGroups = (reader: Reader, vpcId: string, type: LoadBalancer['type']): readonly string[] =>
  type === 'network'
    ? []
    : [...reader.byIndex(securityGroups, 'byVpc', vpcId)]
        .filter(({ name }) => name === DEFAULT_SECURITY_GROUP)
        .map(({ id }) => id)
