// DescribeRules: a listener's, in the order in which they are looked at, or those named.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
import type { DescribeRulesInput, DescribeRulesOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ruleKey, rules } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid } from '../context.ts'
import { findEach, findListener, findRule } from '../find.ts'
import { page } from '../page.ts'
import { describeRule } from './describe.ts'

export const describeRules: Elbv2Operation<DescribeRulesInput, DescribeRulesOutput> =
  ({ store }) =>
  (request, input) => {
    const { ListenerArn, RuleArns: arns = [] } = input
    if ((ListenerArn === undefined) === (arns.length === 0))
      throw invalid('You must specify either listener rule ARNs or a listener ARN')
    if (arns.length > 0)
      return { Rules: findEach('RuleNotFound', 'rules', arns, arn => findRule(store, request, arn)).map(describeRule) }
    const { arn } = findListener(store, request, ListenerArn)
    const { rows, marker } = page(input, {
      query: `DescribeRules ${arn}`,
      rowsFrom: after => store.byIndex(rules, 'byListener', arn, after),
      keyOf: ruleKey,
    })
    return { Rules: rows.map(describeRule), ...marker }
  }
