// DescribeLoadBalancers: all of a region, or those named; one that is named and not there is an error.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
import type { DescribeLoadBalancersInput, DescribeLoadBalancersOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { findEach, findLoadBalancer, isInScope, loadBalancerNamed } from '../find.ts'
import { page } from '../page.ts'
import { describeLoadBalancer } from './describe.ts'

const MOST_NAMED = 20

export const describeLoadBalancers: Elbv2Operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput> =
  ({ store }) =>
  (request, input) => {
    const { LoadBalancerArns: arns = [], Names: names = [] } = input
    if (arns.length > 0 && names.length > 0)
      throw invalid('Load balancer ARNs and load balancer names cannot be specified at the same time')
    if (Math.max(arns.length, names.length) > MOST_NAMED)
      throw invalid(`Up to ${MOST_NAMED} load balancers can be described at once`)
    if (arns.length > 0) {
      const find = (arn: string) => findLoadBalancer(store, request, arn)
      const rows = findEach('LoadBalancerNotFound', 'load balancers', arns, find)
      return { LoadBalancers: rows.map(row => describeLoadBalancer(store, row)) }
    }
    if (names.length > 0) {
      const absent = names.filter(name => !loadBalancerNamed(store, request, name))
      if (absent.length > 0) throw refusal('LoadBalancerNotFound', `Load balancers '[${absent.join(', ')}]' not found`)
      const rows = names.flatMap(name => loadBalancerNamed(store, request, name) ?? [])
      return { LoadBalancers: rows.map(row => describeLoadBalancer(store, row)) }
    }
    const { rows, marker } = page(input, {
      query: `DescribeLoadBalancers ${request.region}`,
      rowsFrom: after => store.byIndex(loadBalancers, 'byRegion', request.region, after),
      keyOf: row => row.arn,
      where: row => isInScope(row, request),
    })
    return { LoadBalancers: rows.map(row => describeLoadBalancer(store, row)), ...marker }
  }
