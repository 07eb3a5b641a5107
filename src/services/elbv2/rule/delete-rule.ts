// DeleteRule: any but a listener's default rule.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html
import type { DeleteRuleInput, DeleteRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Elbv2Operation, refusal } from '../context.ts'
import { findRule } from '../find.ts'
import { removeRule } from '../listener/remove-listener.ts'

export const deleteRule: Elbv2Operation<DeleteRuleInput, DeleteRuleOutput> =
  ({ store }) =>
  (request, { RuleArn }) =>
    store.write(tx => {
      const row = findRule(tx, request, RuleArn)
      if (row.isDefault) throw refusal('OperationNotPermitted', `Default rule '${row.arn}' cannot be deleted`)
      removeRule(tx, row)
      return {}
    })
