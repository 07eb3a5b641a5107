// RegisterTargets: all of them or none. One that is registered stays as it is; one that drains is registered anew.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
import type { RegisterTargetsInput, RegisterTargetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetKey } from '../../../domain/load-balancing/target-group.ts'
import { targetHealth, targets } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid } from '../context.ts'
import { findTargetGroup } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { resolveTarget } from './check-targets.ts'

export const registerTargets: Elbv2Operation<RegisterTargetsInput, RegisterTargetsOutput> =
  ({ store, clock }) =>
  (request, { TargetGroupArn, Targets = [] }) =>
    store.write(tx => {
      const group = findTargetGroup(tx, request, TargetGroupArn)
      if (Targets.length === 0) throw invalid('At least one target must be specified')
      for (const description of Targets) {
        const row = { ...resolveTarget(tx, request, group, description), registeredAt: clock.now() }
        const known = tx.get(targets, targetKey(row))
        if (known && known.deregisteredAt === undefined) continue
        tx.put(targets, row)
        // What was seen of it before it left says nothing of it now.
        tx.delete(targetHealth, targetKey(row))
      }
      checkLimit('TooManyTargets', 'targets', tx.count(targets, 'byTargetGroup', group.arn), LIMITS.targetsPerGroup)
      return {}
    })
