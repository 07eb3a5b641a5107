// Which rows a logged request is about, by the ids that HAProxy wrote. Read anew for each delivery.
// Before: reconciler.ts. After: load-balancer/access-log/.
import { attributeOfLoadBalancer } from '../../domain/load-balancing/attributes.ts'
import type { Addressed } from '../../load-balancer/access-log/deliver.ts'
import type { RawLine } from '../../load-balancer/access-log/line.ts'
import { idOf, sectionOf } from '../../load-balancer/names.ts'
import { listeners, loadBalancerStates, loadBalancers, rules, targetGroups } from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'

/** Undefined for a request of a load balancer that is gone, or whose log is off by now. */
export const requestsOf = (reader: Reader): ((raw: RawLine) => Addressed | undefined) => {
  const listenersById = new Map(Array.from(reader.all(listeners), row => [idOf(row.arn), row]))
  const rulesById = new Map(Array.from(reader.all(rules), row => [idOf(row.arn), row]))
  const groupsBySection = new Map(Array.from(reader.all(targetGroups), ({ arn }) => [sectionOf(arn), arn]))
  return ({ listenerId, ruleId, section }) => {
    const listener = listenersById.get(listenerId)
    const loadBalancer = listener && reader.get(loadBalancers, listener.loadBalancerArn)
    if (!listener || !loadBalancer) return undefined
    if (attributeOfLoadBalancer(loadBalancer, 'access_logs.s3.enabled') !== 'true') return undefined
    return {
      loadBalancer,
      listener,
      rule: rulesById.get(ruleId),
      targetGroupArn: groupsBySection.get(section),
      address: reader.get(loadBalancerStates, loadBalancer.arn)?.address ?? '127.0.0.1',
    }
  }
}
