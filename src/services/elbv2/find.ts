// How an operation finds what its ARN names: ValidationError for what is no such ARN, `...NotFound` for what is not here.
// Another region's or account's is as good as not there.
import { AwsError } from '../../aws/error.ts'
import { type Scope, scopeOf } from '../../domain/arn.ts'
import type { Listener, LoadBalancer, Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'
import { listeners, loadBalancers, rules, targetGroups } from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'
import { type Kind, kindOf } from './arns.ts'
import { invalid, refusal } from './context.ts'

const checked = (arn: string | undefined, kind: Kind): string => {
  if (arn === undefined || kindOf(arn) !== kind) throw invalid(`'${arn ?? ''}' is not a valid ${kind} ARN`)
  return arn
}

const within = <Row extends { readonly arn: string }>(row: Row | undefined, scope: Scope): Row | undefined => {
  if (!row) return undefined
  const own = scopeOf(row.arn)
  return own.region === scope.region && own.accountId === scope.accountId ? row : undefined
}

export const findLoadBalancer = (reader: Reader, scope: Scope, arn: string | undefined): LoadBalancer => {
  const found = within(reader.get(loadBalancers, checked(arn, 'load balancer')), scope)
  if (!found) throw refusal('LoadBalancerNotFound', `Load balancer '${arn}' not found`)
  return found
}

export const findTargetGroup = (reader: Reader, scope: Scope, arn: string | undefined): TargetGroup => {
  const found = within(reader.get(targetGroups, checked(arn, 'target group')), scope)
  if (!found) throw refusal('TargetGroupNotFound', `Target groups '${arn}' not found`)
  return found
}

export const findListener = (reader: Reader, scope: Scope, arn: string | undefined): Listener => {
  const found = within(reader.get(listeners, checked(arn, 'listener')), scope)
  if (!found) throw refusal('ListenerNotFound', `Listener '${arn}' not found`)
  return found
}

export const findRule = (reader: Reader, scope: Scope, arn: string | undefined): Rule => {
  const [row] = reader.byIndex(rules, 'byArn', checked(arn, 'listener rule'))
  const found = within(row, scope)
  if (!found) throw refusal('RuleNotFound', `Rule '${arn}' not found`)
  return found
}

/** A name is unique within a region and account. */
export const loadBalancerNamed = (reader: Reader, scope: Scope, name: string): LoadBalancer | undefined =>
  [...reader.byIndex(loadBalancers, 'byName', `${scope.region}|${name}`)].find(row => within(row, scope))

export const targetGroupNamed = (reader: Reader, scope: Scope, name: string): TargetGroup | undefined =>
  [...reader.byIndex(targetGroups, 'byName', `${scope.region}|${name}`)].find(row => within(row, scope))

export const defaultRuleOf = (reader: Reader, listener: Pick<Listener, 'arn'>): Rule | undefined =>
  [...reader.byIndex(rules, 'byListener', listener.arn)].find(({ isDefault }) => isDefault)

/** The load balancers whose rules forward to a target group: one, or none. */
export const loadBalancersOf = (reader: Reader, targetGroupArn: string): readonly string[] =>
  Object.keys(reader.sum(rules, 'byTargetGroup', targetGroupArn))

export const isInScope = (row: { readonly arn: string }, scope: Scope): boolean => within(row, scope) !== undefined

/** For operations that take what is not there for done. */
export const unlessAbsent = <Row>(find: () => Row): Row | undefined => {
  try {
    return find()
  } catch (error) {
    if (error instanceof AwsError && error.code.endsWith('NotFoundException')) return undefined
    throw error
  }
}

/** For Describe operations, which name several: AWS does not say which one is not there. */
export const findEach = <Row>(
  code: string,
  what: string,
  arns: readonly string[],
  find: (arn: string) => Row,
): readonly Row[] =>
  arns.map(arn => {
    const row = unlessAbsent(() => find(arn))
    if (!row) throw refusal(code, `One or more ${what} not found`)
    return row
  })
