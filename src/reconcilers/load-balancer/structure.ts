// The rows of load balancing put together: what the data plane is to be, and the state of each load balancer.
// Before: the store. After: reconciler.ts.
import { isDeepStrictEqual } from 'node:util'
import type { LoadBalancerState } from '../../domain/load-balancing/load-balancer.ts'
import { forwardsOf, type RuleState, weightsOf } from '../../domain/load-balancing/load-balancer.ts'
import {
  type Desired,
  type PlacedListener,
  type Server,
  serverOf,
  type UsedGroup,
} from '../../load-balancer/desired.ts'
import { whyTaken } from '../../load-balancer/ports.ts'
import {
  certificates,
  listeners,
  loadBalancerStates,
  loadBalancers,
  ruleStates,
  rules,
  targetGroups,
  targetHealth,
  targets,
} from '../../store/load-balancing-tables.ts'
import type { Reader, Transaction } from '../../store/store.ts'
import { type ListenersPlan, type Placed, planListeners } from './plan-listeners.ts'

export const listenersPlanOf = (reader: Reader, pool: readonly string[]): ListenersPlan =>
  planListeners({
    loadBalancers: [...reader.all(loadBalancers)],
    states: [...reader.all(loadBalancerStates)],
    listeners: [...reader.all(listeners)],
    pool,
  })

export const placeOf = ({ address, listener }: Placed): string => `${address}:${listener.port}`

/** Of the ports that HAProxy does not have already, those that it cannot have, with why. */
export const takenPorts = async (
  placed: readonly Placed[],
  owned: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> => {
  const taken = new Map<string, string>()
  const asked = new Map(placed.map(one => [placeOf(one), one]))
  for (const [place, { address, listener }] of asked) {
    const why = owned.has(place) ? undefined : await whyTaken(address, listener.port)
    if (why !== undefined) taken.set(place, why)
  }
  return taken
}

export const desiredOf = (reader: Reader, placed: readonly Placed[]): Desired => {
  const withRules = placed.map(one => placedListener(reader, one))
  const groups = new Map<string, UsedGroup>()
  for (const { rules: own, loadBalancer } of withRules)
    for (const { targetGroupArn } of own.flatMap(forwardsOf)) {
      const group = reader.get(targetGroups, targetGroupArn)
      if (group !== undefined) groups.set(targetGroupArn, { group, loadBalancer })
    }
  return { listeners: withRules, groups: [...groups.values()] }
}

const placedListener = (reader: Reader, one: Placed): PlacedListener => ({
  ...one,
  rules: [...reader.byIndex(rules, 'byListener', one.listener.arn)],
  certificates: one.listener.certificateArns.flatMap(arn => reader.get(certificates, arn) ?? []),
})

/** The targets that were seen before HAProxy ended: the healthy ones get requests at once when it is back. */
export const knownServers =
  (reader: Reader) =>
  (targetGroupArn: string): readonly Server[] => {
    const known: Server[] = []
    for (const health of reader.byIndex(targetHealth, 'byTargetGroup', targetGroupArn)) {
      const target = reader.get(targets, targetHealth.key(health))
      if (health.state === 'healthy' && target !== undefined && target.deregisteredAt === undefined)
        known.push(serverOf(target, 'known'))
    }
    return known
  }

/** Writes by which weights rules that forward to several groups share out their requests now; those of rules that are gone go. */
export const commitRuleStates = (tx: Transaction, { listeners: placed }: Desired, now: number): void => {
  for (const { ruleArn } of tx.all(ruleStates))
    if (tx.count(rules, 'byArn', ruleArn) === 0) tx.delete(ruleStates, ruleArn)
  for (const rule of placed.flatMap(one => one.rules)) {
    if (forwardsOf(rule).length < 2 || tx.count(rules, 'byArn', rule.arn) === 0) continue
    const state: RuleState = { ruleArn: rule.arn, weights: weightsOf(rule), since: now }
    if (!isDeepStrictEqual(tx.get(ruleStates, rule.arn)?.weights, state.weights)) tx.put(ruleStates, state)
  }
}

/** Writes the states that are new; returns how many. Those of load balancers that are gone go too. */
export const commitStates = (
  tx: Transaction,
  plan: ListenersPlan,
  failures: ReadonlyMap<string, string>,
  now: number,
): void => {
  for (const { loadBalancerArn } of tx.all(loadBalancerStates))
    if (tx.get(loadBalancers, loadBalancerArn) === undefined) tx.delete(loadBalancerStates, loadBalancerArn)
  for (const [loadBalancerArn, address] of plan.addresses) {
    if (tx.get(loadBalancers, loadBalancerArn) === undefined) continue
    const reason = failures.get(loadBalancerArn)
    const code = reason === undefined ? 'active' : 'failed'
    const before = tx.get(loadBalancerStates, loadBalancerArn)
    if (before?.code === code && before.reason === reason && before.address === address) continue
    const since = before?.code === code ? before.since : now
    const state: LoadBalancerState = {
      loadBalancerArn,
      code,
      address,
      since,
      ...(reason === undefined ? {} : { reason }),
    }
    tx.put(loadBalancerStates, state)
  }
}
