// CreateListener: a port of a load balancer, with its default rule. The same call again gives the same listener.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
import type { CreateListenerInput, CreateListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { DEFAULT_PRIORITY, type Listener, type Rule } from '../../../domain/load-balancing/load-balancer.ts'
import { listeners, rules } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { newListenerArn, newRuleArn } from '../arns.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { defaultRuleOf, findLoadBalancer } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { checkActions } from '../rule/actions.ts'
import { checkForwards } from '../rule/forwards.ts'
import { checkTags } from '../tag/tags.ts'
import { listenerSettings } from './check-listener.ts'
import { describeListener } from './describe.ts'

export const createListener: Elbv2Operation<CreateListenerInput, CreateListenerOutput> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const tags = checkTags(input.Tags)
    return store.write(tx => {
      const loadBalancer = findLoadBalancer(tx, request, input.LoadBalancerArn)
      const settings = listenerSettings(tx, request, loadBalancer, input)
      const actions = checkActions(settings.protocol, input.DefaultActions)
      const known = listenerOn(tx, loadBalancer.arn, settings.port)
      if (known && !isSame(tx, known, { ...settings, actions })) throw duplicate(loadBalancer.arn)
      if (known) return { Listeners: [describeListener(tx, known)] }
      checkForwards(tx, request, loadBalancer, settings.protocol, actions)
      const others = tx.count(listeners, 'byLoadBalancer', loadBalancer.arn)
      checkLimit('TooManyListeners', 'listeners per load balancer', others + 1, LIMITS.listeners)
      const own = { loadBalancerArn: loadBalancer.arn, createdAt: clock.now() }
      const row: Listener = { ...own, ...settings, arn: newListenerArn(loadBalancer, ids), attributes: {}, tags }
      const rule: Rule = {
        ...own,
        arn: newRuleArn(row, ids),
        listenerArn: row.arn,
        priority: DEFAULT_PRIORITY,
        isDefault: true,
        conditions: [],
        actions,
        tags: [],
      }
      tx.put(listeners, row)
      tx.put(rules, rule)
      return { Listeners: [describeListener(tx, row)] }
    })
  }

export const listenerOn = (reader: Reader, loadBalancerArn: string, port: number): Listener | undefined =>
  [...reader.byIndex(listeners, 'byLoadBalancer', loadBalancerArn)].find(listener => listener.port === port)

export const duplicate = (loadBalancerArn: string) =>
  refusal('DuplicateListener', `A listener already exists on this port for this load balancer '${loadBalancerArn}'`)

const isSame = (reader: Reader, known: Listener, asked: Partial<Listener> & Pick<Rule, 'actions'>): boolean => {
  const of = ({ protocol, certificateArns = [], sslPolicy, alpnPolicy }: Partial<Listener>, actions: unknown): string =>
    JSON.stringify([protocol, certificateArns[0], sslPolicy, alpnPolicy, actions])
  return of(known, defaultRuleOf(reader, known)?.actions) === of(asked, asked.actions)
}
