// DescribeTargetGroupAttributes: what was set, and the defaults of the rest.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroupAttributes.html
import type {
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroupAttributes } from '../../../domain/load-balancing/attributes.ts'
import type { Elbv2Operation } from '../context.ts'
import { findTargetGroup } from '../find.ts'
import { describeAttributes } from './attributes.ts'

export const describeTargetGroupAttributes: Elbv2Operation<
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput
> =
  ({ store }) =>
  (request, { TargetGroupArn }) => {
    const row = findTargetGroup(store, request, TargetGroupArn)
    return { Attributes: describeAttributes(targetGroupAttributes(row), row.attributes) }
  }
