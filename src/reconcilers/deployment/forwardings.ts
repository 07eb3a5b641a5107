// The rules that a service's traffic is shifted by, as they are asked for and as the data plane has them: part of the snapshot.
// Before: reconciler.ts. After: forwarding.ts.
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { Service } from '../../domain/service.ts'
import type { ServiceDeployment } from '../../domain/service-deployment.ts'
import { shiftsTraffic } from '../../domain/traffic-shift.ts'
import { ruleStates, rules } from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'
import type { Forwarding, Forwardings } from './forwarding.ts'

/** Undefined while no deployment shifts traffic. */
export const forwardingsOf = (
  reader: Reader,
  { loadBalancers = [] }: Service,
  open: readonly ServiceDeployment[],
): Forwardings | undefined => {
  if (!open.some(({ deploymentConfiguration }) => shiftsTraffic(deploymentConfiguration))) return undefined
  const found = new Map<string, Forwarding>()
  for (const { advancedConfiguration } of loadBalancers) {
    const { productionListenerRule, testListenerRule } = advancedConfiguration ?? {}
    for (const name of [productionListenerRule, testListenerRule]) {
      const rule = name === undefined ? undefined : findRule(reader, name)
      if (name !== undefined && rule) found.set(name, { rule, state: reader.get(ruleStates, rule.arn) })
    }
  }
  return found
}

/** By its own ARN, or its listener's: then the default rule. */
const findRule = (reader: Reader, arn: string): Rule | undefined => {
  for (const rule of reader.byIndex(rules, 'byArn', arn)) return rule
  for (const rule of reader.byIndex(rules, 'byListener', arn)) if (rule.isDefault) return rule
  return undefined
}
