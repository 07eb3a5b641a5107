// CreateRule: conditions, all of which must hold, and what then happens; at a priority that no other rule has.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
import type { CreateRuleInput, CreateRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { isHttp } from '../../../domain/load-balancing/attributes.ts'
import type { Rule } from '../../../domain/load-balancing/load-balancer.ts'
import { ruleKey, rules } from '../../../store/load-balancing-tables.ts'
import { newRuleArn } from '../arns.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findListener, findLoadBalancer } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { checkTags } from '../tag/tags.ts'
import { checkActions } from './actions.ts'
import { checkConditions } from './conditions.ts'
import { describeRule } from './describe.ts'
import { checkForwards } from './forwards.ts'
import { checkPriority, priorityInUse } from './priority.ts'

export const createRule: Elbv2Operation<CreateRuleInput, CreateRuleOutput> =
  ({ store, clock, ids }) =>
  (request, input) => {
    checkBuilt('CreateRuleInput', input)
    const tags = checkTags(input.Tags)
    const priority = checkPriority(input.Priority)
    return store.write(tx => {
      const listener = findListener(tx, request, input.ListenerArn)
      if (!isHttp(listener.protocol))
        throw refusal(
          'UnsupportedProtocol',
          `Rules are not supported for listeners with the ${listener.protocol} protocol`,
        )
      const loadBalancer = findLoadBalancer(tx, request, listener.loadBalancerArn)
      const conditions = checkConditions(input.Conditions)
      const actions = checkActions(listener.protocol, input.Actions)
      if (tx.get(rules, ruleKey({ listenerArn: listener.arn, priority }))) throw priorityInUse(priority)
      checkForwards(tx, request, loadBalancer, listener.protocol, actions)
      // A listener's default rule does not count.
      const others = tx.count(rules, 'byListener', listener.arn)
      checkLimit('TooManyRules', 'rules', others, LIMITS.rules)
      const row: Rule = {
        arn: newRuleArn(listener, ids),
        listenerArn: listener.arn,
        loadBalancerArn: loadBalancer.arn,
        priority,
        isDefault: false,
        conditions,
        actions,
        tags,
        createdAt: clock.now(),
      }
      tx.put(rules, row)
      return { Rules: [describeRule(row)] }
    })
  }
