// A load balancer as callers see it, made from its row and from what the load-balancer loop has observed of it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
import type { AvailabilityZone, LoadBalancer as LoadBalancerAnswer } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import { loadBalancerStates } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'

export const describeLoadBalancer = (reader: Reader, row: LoadBalancer): LoadBalancerAnswer => {
  const state = reader.get(loadBalancerStates, row.arn)
  return {
    LoadBalancerArn: row.arn,
    DNSName: row.dnsName,
    CreatedTime: new Date(row.createdAt),
    LoadBalancerName: row.name,
    Scheme: row.scheme,
    VpcId: row.vpcId,
    State: { Code: state?.code ?? 'provisioning', ...(state?.reason === undefined ? {} : { Reason: state.reason }) },
    Type: row.type,
    AvailabilityZones: describeZones(row),
    SecurityGroups: [...row.securityGroups],
    IpAddressType: row.ipAddressType,
  }
}

export const describeZones = ({ zones }: Pick<LoadBalancer, 'zones'>): AvailabilityZone[] =>
  zones.map(({ zoneName, subnetId }) => ({ ZoneName: zoneName, SubnetId: subnetId, LoadBalancerAddresses: [] }))
