// DeleteTargetGroup: with its targets; not while a rule forwards to it. One that is not there is none the less deleted.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
import type { DeleteTargetGroupInput, DeleteTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetKey } from '../../../domain/load-balancing/target-group.ts'
import { targetGroups, targetHealth, targets } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { findTargetGroup, loadBalancersOf, unlessAbsent } from '../find.ts'

export const deleteTargetGroup: Elbv2Operation<DeleteTargetGroupInput, DeleteTargetGroupOutput> =
  ({ store }) =>
  (request, { TargetGroupArn }) =>
    store.write(tx => {
      const row = unlessAbsent(() => findTargetGroup(tx, request, TargetGroupArn))
      if (!row) return {}
      if (loadBalancersOf(tx, row.arn).length > 0)
        throw refusal('ResourceInUse', `Target group '${row.arn}' is currently in use by a listener or a rule`)
      for (const target of tx.byIndex(targets, 'byTargetGroup', row.arn)) tx.delete(targets, targetKey(target))
      for (const seen of tx.byIndex(targetHealth, 'byTargetGroup', row.arn)) tx.delete(targetHealth, targetKey(seen))
      tx.delete(targetGroups, row.arn)
      return {}
    })
