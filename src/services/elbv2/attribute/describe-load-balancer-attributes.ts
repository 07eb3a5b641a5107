// DescribeLoadBalancerAttributes: what was set, and the defaults of the rest.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancerAttributes.html
import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerAttributes } from '../../../domain/load-balancing/attributes.ts'
import type { Elbv2Operation } from '../context.ts'
import { findLoadBalancer } from '../find.ts'
import { describeAttributes } from './attributes.ts'

export const describeLoadBalancerAttributes: Elbv2Operation<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput
> =
  ({ store }) =>
  (request, { LoadBalancerArn }) => {
    const row = findLoadBalancer(store, request, LoadBalancerArn)
    return { Attributes: describeAttributes(loadBalancerAttributes(row), row.attributes) }
  }
