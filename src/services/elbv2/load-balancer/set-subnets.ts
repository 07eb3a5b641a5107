// SetSubnets: a load balancer's zones anew, within its VPC. What it had and is not named goes; a network load balancer only
// gains zones. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html
import type { SetSubnetsInput, SetSubnetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalidConfiguration, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findLoadBalancer } from '../find.ts'
import { describeZones } from './describe.ts'
import { askedSubnets, placeIn } from './network.ts'

export const setSubnets: Elbv2Operation<SetSubnetsInput, SetSubnetsOutput> =
  ({ store }) =>
  (request, input) => {
    checkBuilt('SetSubnetsInput', input)
    return store.write(tx => {
      const row = findLoadBalancer(tx, request, input.LoadBalancerArn)
      const { vpcId, zones } = placeIn(tx, request, row.type, askedSubnets(input))
      if (vpcId !== row.vpcId)
        throw refusal('InvalidSubnet', `The subnets are not in the VPC of the load balancer: ${row.vpcId}`)
      const kept = row.zones.every(zone => zones.some(({ subnetId }) => subnetId === zone.subnetId))
      if (row.type === 'network' && !kept)
        throw invalidConfiguration('Subnets of a network load balancer cannot be removed')
      const changed = { ...row, zones }
      tx.put(loadBalancers, changed)
      return { AvailabilityZones: describeZones(changed), IpAddressType: row.ipAddressType }
    })
  }
