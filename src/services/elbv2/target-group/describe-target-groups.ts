// DescribeTargetGroups: all of a region, those of a load balancer, or those named.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
import type { DescribeTargetGroupsInput, DescribeTargetGroupsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import { rules, targetGroups } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { findEach, findLoadBalancer, findTargetGroup, isInScope, targetGroupNamed } from '../find.ts'
import { behind, page } from '../page.ts'
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
    const rowsFrom =
      LoadBalancerArn === undefined
        ? (after?: string) => store.byIndex(targetGroups, 'byRegion', request.region, after)
        : (after?: string) => behind(groupsOf(store, findLoadBalancer(store, request, LoadBalancerArn)), keyOf, after)
    const { rows, marker } = page(input, {
      query: `DescribeTargetGroups ${request.region} ${LoadBalancerArn ?? ''}`,
      rowsFrom,
      keyOf,
      where: row => isInScope(row, request),
    })
    return { TargetGroups: rows.map(row => describeTargetGroup(store, row)), ...marker }
  }

const keyOf = ({ arn }: TargetGroup): string => arn

const groupsOf = (reader: Reader, { arn }: LoadBalancer): readonly TargetGroup[] =>
  Object.keys(reader.sum(rules, 'targetGroupsOf', arn))
    .sort()
    .flatMap(each => reader.get(targetGroups, each) ?? [])
