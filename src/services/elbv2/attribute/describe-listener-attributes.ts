// DescribeListenerAttributes: what was set, and the defaults of the rest.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerAttributes.html
import type {
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerAttributes } from '../../../domain/load-balancing/attributes.ts'
import type { Elbv2Operation } from '../context.ts'
import { findListener } from '../find.ts'
import { describeAttributes } from './attributes.ts'

export const describeListenerAttributes: Elbv2Operation<
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput
> =
  ({ store }) =>
  (request, { ListenerArn }) => {
    const row = findListener(store, request, ListenerArn)
    return { Attributes: describeAttributes(listenerAttributes(row), row.attributes) }
  }
