// SetIpAddressType: ipv4 is what there is; dualstack is refused.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetIpAddressType.html
import type { SetIpAddressTypeInput, SetIpAddressTypeOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Operation } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findLoadBalancer } from '../find.ts'

export const setIpAddressType: Elbv2Operation<SetIpAddressTypeInput, SetIpAddressTypeOutput> =
  ({ store }) =>
  (request, input) => {
    const { ipAddressType } = findLoadBalancer(store, request, input.LoadBalancerArn)
    checkBuilt('SetIpAddressTypeInput', input)
    return { IpAddressType: ipAddressType }
  }
