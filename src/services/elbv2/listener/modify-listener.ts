// ModifyListener: what is named changes, the rest stays; actions are replaced as a whole.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
import type { ModifyListenerInput, ModifyListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerAttributes } from '../../../domain/load-balancing/attributes.ts'
import type { Listener } from '../../../domain/load-balancing/load-balancer.ts'
import { listeners, rules } from '../../../store/load-balancing-tables.ts'
import type { Elbv2Operation } from '../context.ts'
import { findListener, findLoadBalancer } from '../find.ts'
import { checkActions } from '../rule/actions.ts'
import { checkForwards } from '../rule/forwards.ts'
import { listenerSettings } from './check-listener.ts'
import { duplicate, listenerOn } from './create-listener.ts'
import { describeListener } from './describe.ts'

export const modifyListener: Elbv2Operation<ModifyListenerInput, ModifyListenerOutput> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const before = findListener(tx, request, input.ListenerArn)
      const loadBalancer = findLoadBalancer(tx, request, before.loadBalancerArn)
      const settings = listenerSettings(tx, request, loadBalancer, input, before)
      const there = listenerOn(tx, loadBalancer.arn, settings.port)
      if (there && there.arn !== before.arn) throw duplicate(loadBalancer.arn)
      for (const rule of tx.byIndex(rules, 'byListener', before.arn)) {
        const asked = rule.isDefault && input.DefaultActions?.length ? input.DefaultActions : rule.actions
        // The other rules must go with another protocol too.
        if (asked === rule.actions && settings.protocol === before.protocol) continue
        const actions = checkActions(settings.protocol, asked)
        checkForwards(tx, request, loadBalancer, settings.protocol, actions)
        tx.put(rules, { ...rule, actions })
      }
      const { sslPolicy: _, alpnPolicy: __, ...kept } = before
      const row: Listener = { ...kept, ...settings, attributes: attributesOf(before, settings.protocol) }
      tx.put(listeners, row)
      return { Listeners: [describeListener(tx, row)] }
    })

/** Those that the protocol has too. */
const attributesOf = ({ attributes }: Listener, protocol: Listener['protocol']): Listener['attributes'] => {
  const known = listenerAttributes({ protocol })
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => Object.hasOwn(known, key)))
}
