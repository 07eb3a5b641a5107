// SetIpAddressType: ipv4 is what there is; dualstack is refused.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetIpAddressType.html
import type { SetIpAddressTypeInput, SetIpAddressTypeOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Elbv2Operation, notBuilt } from '../context.ts'
import { findLoadBalancer } from '../find.ts'

export const setIpAddressType: Elbv2Operation<SetIpAddressTypeInput, SetIpAddressTypeOutput> =
  ({ store }) =>
  (request, { LoadBalancerArn, IpAddressType }) => {
    const { ipAddressType } = findLoadBalancer(store, request, LoadBalancerArn)
    if (IpAddressType !== ipAddressType) throw notBuilt(`IpAddressType '${IpAddressType}'`)
    return { IpAddressType: ipAddressType }
  }
