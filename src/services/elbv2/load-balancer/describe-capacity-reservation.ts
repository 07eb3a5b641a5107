// DescribeCapacityReservation: none is ever reserved, as ModifyCapacityReservation is not built. Clients that read a load
// balancer whole, Terraform among them, ask. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeCapacityReservation.html
import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Operation } from '../context.ts'
import { findLoadBalancer } from '../find.ts'

export const describeCapacityReservation: Elbv2Operation<
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput
> =
  ({ store }) =>
  (request, { LoadBalancerArn }) => {
    findLoadBalancer(store, request, LoadBalancerArn)
    return { CapacityReservationState: [] }
  }
