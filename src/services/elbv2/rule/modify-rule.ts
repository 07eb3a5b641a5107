// ModifyRule: conditions and actions, each replaced as a whole when named. A default rule is ModifyListener's.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
import type { ModifyRuleInput, ModifyRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { rules } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findListener, findLoadBalancer, findRule } from '../find.ts'
import { checkActions } from './actions.ts'
import { checkConditions } from './conditions.ts'
import { describeRule } from './describe.ts'
import { checkForwards } from './forwards.ts'

export const modifyRule: Elbv2Operation<ModifyRuleInput, ModifyRuleOutput> =
  ({ store }) =>
  (request, input) => {
    // ResetTransforms asks for no transforms: there are none.
    checkBuilt('CreateRuleInput', input)
    return store.write(tx => {
      const row = findRule(tx, request, input.RuleArn)
      if (row.isDefault) throw refusal('OperationNotPermitted', `Default rule '${row.arn}' cannot be modified`)
      const listener = findListener(tx, request, row.listenerArn)
      const conditions = input.Conditions?.length ? checkConditions(input.Conditions) : row.conditions
      const actions = input.Actions?.length ? checkActions(listener.protocol, input.Actions) : row.actions
      if (actions !== row.actions) {
        const loadBalancer = findLoadBalancer(tx, request, row.loadBalancerArn)
        checkForwards(tx, request, loadBalancer, listener.protocol, actions)
      }
      const changed = { ...row, conditions, actions }
      tx.put(rules, changed)
      return { Rules: [describeRule(changed)] }
    })
  }
