// Takes a rule away, whose target groups are free by that; a listener with its rules.
// Before: DeleteRule, DeleteListener, DeleteLoadBalancer, within their transactions.
import type { Listener, Rule } from '../../../domain/load-balancing/load-balancer.ts'
import { listeners, ruleKey, ruleStates, rules } from '../../../store/load-balancing-tables.ts'
import type { Transaction } from '../../../store/store.ts'

export const removeListener = (tx: Transaction, listener: Listener): void => {
  for (const rule of tx.byIndex(rules, 'byListener', listener.arn)) removeRule(tx, rule)
  tx.delete(listeners, listener.arn)
}

export const removeRule = (tx: Transaction, rule: Rule): void => {
  tx.delete(rules, ruleKey(rule))
  tx.delete(ruleStates, rule.arn)
}
