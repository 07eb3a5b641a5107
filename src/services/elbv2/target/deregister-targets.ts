// DeregisterTargets: they get no new requests from now on, and are gone when they are drained: the load-balancer loop's work.
// In a group that no rule forwards to there is nothing to drain. One that is not registered is no error.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
import type { DeregisterTargetsInput, DeregisterTargetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetKey } from '../../../domain/load-balancing/target-group.ts'
import { targetHealth, targets } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid } from '../context.ts'
import { findTargetGroup, loadBalancersOf } from '../find.ts'
import { targetName } from './check-targets.ts'

export const deregisterTargets: Elbv2Operation<DeregisterTargetsInput, DeregisterTargetsOutput> =
  ({ store, clock }) =>
  (request, { TargetGroupArn, Targets = [] }) =>
    store.write(tx => {
      const group = findTargetGroup(tx, request, TargetGroupArn)
      if (Targets.length === 0) throw invalid('At least one target must be specified')
      const inUse = loadBalancersOf(tx, group.arn).length > 0
      for (const description of Targets) {
        const key = targetKey(targetName(group, description))
        const known = tx.get(targets, key)
        if (known && !inUse) {
          tx.delete(targets, key)
          tx.delete(targetHealth, key)
        } else if (known && known.deregisteredAt === undefined)
          tx.put(targets, { ...known, deregisteredAt: clock.now() })
      }
      return {}
    })
