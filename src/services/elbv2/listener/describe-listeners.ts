// DescribeListeners: those of a load balancer, or those named.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html
import type { DescribeListenersInput, DescribeListenersOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listeners } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid } from '../context.ts'
import { findEach, findListener, findLoadBalancer } from '../find.ts'
import { page } from '../page.ts'
import { describeListener } from './describe.ts'

export const describeListeners: Elbv2Operation<DescribeListenersInput, DescribeListenersOutput> =
  ({ store }) =>
  (request, input) => {
    const { LoadBalancerArn, ListenerArns: arns = [] } = input
    if ((LoadBalancerArn === undefined) === (arns.length === 0))
      throw invalid('You must specify either listener ARNs or a load balancer ARN')
    if (arns.length > 0) {
      const rows = findEach('ListenerNotFound', 'listeners', arns, arn => findListener(store, request, arn))
      return { Listeners: rows.map(row => describeListener(store, row)) }
    }
    const { arn } = findLoadBalancer(store, request, LoadBalancerArn)
    const { rows, marker } = page(input, {
      query: `DescribeListeners ${arn}`,
      rowsFrom: after => store.byIndex(listeners, 'byLoadBalancer', arn, after),
      keyOf: row => row.arn,
    })
    return { Listeners: rows.map(row => describeListener(store, row)), ...marker }
  }
