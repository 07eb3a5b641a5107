// A rule as callers see it. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html
import type { Rule as RuleAnswer } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Rule } from '../../../domain/load-balancing/load-balancer.ts'
import { describeCondition } from './conditions.ts'

export const describeRule = (row: Rule): RuleAnswer => ({
  RuleArn: row.arn,
  Priority: row.isDefault ? 'default' : String(row.priority),
  Conditions: row.conditions.map(describeCondition),
  Actions: [...row.actions],
  IsDefault: row.isDefault,
})
