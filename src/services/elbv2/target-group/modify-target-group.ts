// ModifyTargetGroup: the health check's settings; what is not named stays.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
import type { ModifyTargetGroupInput, ModifyTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroups } from '../../../store/load-balancing-tables.ts'
import type { Elbv2Operation } from '../context.ts'
import { findTargetGroup } from '../find.ts'
import { describeTargetGroup } from './describe.ts'
import { healthCheckOf } from './health-check.ts'

export const modifyTargetGroup: Elbv2Operation<ModifyTargetGroupInput, ModifyTargetGroupOutput> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const row = findTargetGroup(tx, request, input.TargetGroupArn)
      const changed = { ...row, healthCheck: healthCheckOf(row, input, row.healthCheck) }
      tx.put(targetGroups, changed)
      return { TargetGroups: [describeTargetGroup(tx, changed)] }
    })
