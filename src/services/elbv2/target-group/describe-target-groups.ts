// DescribeTargetGroups: all of a region, those of a load balancer, or those named.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
import type { DescribeTargetGroupsInput, DescribeTargetGroupsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroups } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { findEach, findLoadBalancer, findTargetGroup, isInScope, loadBalancersOf, targetGroupNamed } from '../find.ts'
import { page } from '../page.ts'
import { describeTargetGroup } from './describe.ts'

export const describeTargetGroups: Elbv2Operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput> =
  ({ store }) =>
  (request, input) => {
    const { LoadBalancerArn, TargetGroupArns: arns = [], Names: names = [] } = input
    if ([LoadBalancerArn !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1)
      throw invalid('You can specify only one of a load balancer ARN, target group ARNs and target group names')
    if (arns.length > 0) {
      const find = (arn: string) => findTargetGroup(store, request, arn)
      const rows = findEach('TargetGroupNotFound', 'target groups', arns, find)
      return { TargetGroups: rows.map(row => describeTargetGroup(store, row)) }
    }
    if (names.length > 0) {
      const rows = names.map(name => targetGroupNamed(store, request, name))
      const found = rows.filter(row => row !== undefined)
      if (found.length < rows.length) throw refusal('TargetGroupNotFound', 'One or more target groups not found')
      return { TargetGroups: found.map(row => describeTargetGroup(store, row)) }
    }
    if (LoadBalancerArn !== undefined) findLoadBalancer(store, request, LoadBalancerArn)
    const { rows, marker } = page(input, {
      query: `DescribeTargetGroups ${request.region} ${LoadBalancerArn ?? ''}`,
      rowsFrom: after => store.byIndex(targetGroups, 'byRegion', request.region, after),
      keyOf: row => row.arn,
      where: row =>
        isInScope(row, request) &&
        (LoadBalancerArn === undefined || loadBalancersOf(store, row.arn).includes(LoadBalancerArn)),
    })
    return { TargetGroups: rows.map(row => describeTargetGroup(store, row)), ...marker }
  }
