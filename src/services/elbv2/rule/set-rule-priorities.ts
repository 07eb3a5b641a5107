// SetRulePriorities: all at once, so that rules may change places; or none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
import type { SetRulePrioritiesInput, SetRulePrioritiesOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ruleKey, rules } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { findRule } from '../find.ts'
import { describeRule } from './describe.ts'
import { checkPriority, priorityInUse } from './priority.ts'

export const setRulePriorities: Elbv2Operation<SetRulePrioritiesInput, SetRulePrioritiesOutput> =
  ({ store }) =>
  (request, { RulePriorities = [] }) =>
    store.write(tx => {
      if (RulePriorities.length === 0) throw invalid('A rule and its priority must be specified')
      const moved = RulePriorities.map(({ RuleArn, Priority }) => {
        const row = findRule(tx, request, RuleArn)
        if (row.isDefault)
          throw refusal('OperationNotPermitted', `The priority of default rule '${row.arn}' cannot be modified`)
        return { row, to: { ...row, priority: checkPriority(Priority) } }
      })
      if (new Set(moved.map(({ row }) => row.arn)).size < moved.length)
        throw invalid('The priority of a rule was specified more than once')
      for (const { row } of moved) tx.delete(rules, ruleKey(row))
      for (const { to } of moved) {
        if (tx.get(rules, ruleKey(to))) throw priorityInUse(to.priority)
        tx.put(rules, to)
      }
      return { Rules: moved.map(({ to }) => describeRule(to)) }
    })
