// ModifyTargetGroupAttributes: all that are asked for, or none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
import type {
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroupAttributes } from '../../../domain/load-balancing/attributes.ts'
import { targetGroups } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalidConfiguration } from '../context.ts'
import { findTargetGroup } from '../find.ts'
import { describeAttributes, withAttributes } from './attributes.ts'

export const modifyTargetGroupAttributes: Elbv2Operation<
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput
> =
  ({ store }) =>
  (request, { TargetGroupArn, Attributes }) =>
    store.write(tx => {
      const row = findTargetGroup(tx, request, TargetGroupArn)
      const rules = targetGroupAttributes(row)
      const attributes = withAttributes('Target group attribute', rules, row.attributes, Attributes)
      checkTogether(attributes)
      tx.put(targetGroups, { ...row, attributes })
      return { Attributes: describeAttributes(rules, attributes) }
    })

const checkTogether = (attributes: Readonly<Record<string, string>>): void => {
  const slowStart = attributes['slow_start.duration_seconds'] ?? '0'
  const algorithm = attributes['load_balancing.algorithm.type'] ?? 'round_robin'
  if (slowStart !== '0' && algorithm !== 'round_robin')
    throw invalidConfiguration(`Slow start is not supported with the load balancing algorithm '${algorithm}'`)
  const appCookie = attributes['stickiness.enabled'] === 'true' && attributes['stickiness.type'] === 'app_cookie'
  if (appCookie && !attributes['stickiness.app_cookie.cookie_name'])
    throw invalidConfiguration("A cookie name must be specified for stickiness of type 'app_cookie'")
}
