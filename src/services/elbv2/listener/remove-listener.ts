// Takes a listener away with its rules, whose target groups are free by that.
// Before: DeleteListener, DeleteLoadBalancer, within their transactions.
import type { Listener } from '../../../domain/load-balancing/load-balancer.ts'
import { listeners, ruleKey, rules } from '../../../store/load-balancing-tables.ts'
import type { Transaction } from '../../../store/store.ts'

export const removeListener = (tx: Transaction, listener: Listener): void => {
  for (const rule of tx.byIndex(rules, 'byListener', listener.arn)) tx.delete(rules, ruleKey(rule))
  tx.delete(listeners, listener.arn)
}
