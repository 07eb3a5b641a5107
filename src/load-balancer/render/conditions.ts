// The conditions of a rule as HAProxy's: what decides which rule a request meets. Rules that ask for host and path alone become
// one regular expression over `host|path`, so that hundreds of them are one ordered map; the others a chain of ACLs.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
import type { QueryStringKeyValuePair, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import { anchored, quote, wildcards } from './text.ts'

const globs = (values: readonly string[] | undefined, regexes: readonly string[] | undefined): readonly string[] => [
  ...(values ?? []).map(value => anchored(wildcards(value))),
  ...(regexes ?? []),
]

const hostsOf = ({ HostHeaderConfig: config }: RuleCondition): readonly string[] =>
  globs(config?.Values, config?.RegexValues)

const pathsOf = ({ PathPatternConfig: config }: RuleCondition): readonly string[] =>
  globs(config?.Values, config?.RegexValues)

export const hostPatternsOf = (rule: Rule): readonly string[] => rule.conditions.flatMap(hostsOf)

const onlyHostAndPath = ({ conditions }: Rule): boolean =>
  conditions.every(
    ({ Field, HostHeaderConfig, PathPatternConfig }) =>
      (Field === 'host-header' && !HostHeaderConfig?.RegexValues?.length) ||
      (Field === 'path-pattern' && !PathPatternConfig?.RegexValues?.length),
  )

const either = (values: readonly string[]): string => (values.length === 1 ? `${values[0]}` : `(${values.join('|')})`)

/** Of a rule that asks for host and path by wildcards alone: an expression for `host|path`, the host in lower case. */
export const hostPathRegex = (rule: Rule): string | undefined => {
  if (!onlyHostAndPath(rule)) return undefined
  const of = (field: string, values: (condition: RuleCondition) => readonly string[] | undefined): string => {
    const found = rule.conditions.find(condition => condition.Field === field)
    return found === undefined ? '.*' : either((values(found) ?? []).map(wildcards))
  }
  const host = of('host-header', ({ HostHeaderConfig }) => HostHeaderConfig?.Values?.map(value => value.toLowerCase()))
  // A host has no `|`, so the first one ends it.
  const path = of('path-pattern', ({ PathPatternConfig }) => PathPatternConfig?.Values)
  return anchored(`${host === '.*' ? '[^|]*' : host}\\|${path}`)
}

const acl = (fetch: string, match: string, patterns: readonly string[]): string =>
  `{ ${fetch} ${match} -- ${patterns.map(quote).join(' ')} }`

const queryPattern = ({ Key, Value }: QueryStringKeyValuePair): string =>
  `(^|&)${Key === undefined ? '[^=&]*' : wildcards(Key)}=${wildcards(Value ?? '').replaceAll('.*', '[^&]*')}(&|$)`

/** Conditions of one rule hold together; the values of one condition are alternatives. */
export const aclsOf = (rule: Rule): readonly string[] =>
  rule.conditions.map(condition => {
    switch (condition.Field) {
      case 'host-header':
        return acl('req.hdr(host),host_only', '-m reg -i', hostsOf(condition))
      case 'path-pattern':
        return acl('path', '-m reg', pathsOf(condition))
      case 'http-header': {
        const { HttpHeaderName = '', Values, RegexValues } = condition.HttpHeaderConfig ?? {}
        return acl(`req.fhdr(${HttpHeaderName})`, '-m reg -i', globs(Values, RegexValues))
      }
      case 'http-request-method':
        return acl('method', '-m str', condition.HttpRequestMethodConfig?.Values ?? [])
      case 'query-string':
        return acl('query', '-m reg -i', (condition.QueryStringConfig?.Values ?? []).map(queryPattern))
      default:
        return acl('src', '-m ip', condition.SourceIpConfig?.Values ?? [])
    }
  })
