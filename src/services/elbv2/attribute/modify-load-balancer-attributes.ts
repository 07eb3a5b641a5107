// ModifyLoadBalancerAttributes: all that are asked for, or none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html
import type {
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerAttributes } from '../../../domain/load-balancing/attributes.ts'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalidConfiguration } from '../context.ts'
import { findLoadBalancer } from '../find.ts'
import { describeAttributes, withAttributes } from './attributes.ts'

export const modifyLoadBalancerAttributes: Elbv2Operation<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput
> =
  ({ store }) =>
  (request, { LoadBalancerArn, Attributes }) =>
    store.write(tx => {
      const row = findLoadBalancer(tx, request, LoadBalancerArn)
      const rules = loadBalancerAttributes(row)
      const attributes = withAttributes('Load balancer attribute', rules, row.attributes, Attributes)
      if (attributes['access_logs.s3.enabled'] === 'true' && !attributes['access_logs.s3.bucket'])
        throw invalidConfiguration("'access_logs.s3.bucket' must be given where 'access_logs.s3.enabled' is true")
      tx.put(loadBalancers, { ...row, attributes })
      return { Attributes: describeAttributes(rules, attributes) }
    })
