// The conditions of a rule: checked, and filled out as callers are shown them, the legacy `Values` of host-header and
// path-pattern moved into their config. Before: CreateRule, ModifyRule. After: the row; the load-balancer loop.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { parseCidr } from '../../../domain/network.ts'
import { invalid } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { LIMITS } from '../limits.ts'

const FIELDS = [
  'http-header',
  'http-request-method',
  'host-header',
  'path-pattern',
  'query-string',
  'source-ip',
] as const
type Field = (typeof FIELDS)[number]

/** Of these a rule has any number. */
const REPEATABLE: readonly Field[] = ['http-header', 'query-string']

export const checkConditions = (asked: readonly RuleCondition[] | undefined): RuleCondition[] => {
  if (!asked?.length) throw invalid('A condition must be specified')
  const conditions = asked.map(conditionOf)
  for (const field of FIELDS) {
    const same = conditions.filter(({ Field }) => Field === field)
    if (same.length > 1 && !REPEATABLE.includes(field)) throw invalid(`A rule can only have one '${field}' condition`)
  }
  const values = conditions.flatMap(valuesOf)
  if (values.length > LIMITS.conditionValues)
    throw invalid(`A rule can only have '${LIMITS.conditionValues}' condition values`)
  // Neither methods nor addresses have wildcards; an escaped one is none.
  const wildcards =
    values
      .join('')
      .replaceAll(/\\[*?]/g, '')
      .match(/[*?]/g)?.length ?? 0
  if (wildcards > LIMITS.wildcards) throw invalid(`A rule can only have '${LIMITS.wildcards}' condition wildcards`)
  return conditions
}

/** With `Values` beside the config where AWS answers both. */
export const describeCondition = (condition: RuleCondition): RuleCondition => {
  const values = condition.HostHeaderConfig?.Values ?? condition.PathPatternConfig?.Values
  return values ? { ...condition, Values: values } : condition
}

const valuesOf = (condition: RuleCondition): readonly string[] => [
  ...(condition.HostHeaderConfig?.Values ?? []),
  ...(condition.PathPatternConfig?.Values ?? []),
  ...(condition.HttpHeaderConfig?.Values ?? []),
  ...(condition.HttpRequestMethodConfig?.Values ?? []),
  ...(condition.SourceIpConfig?.Values ?? []),
  ...(condition.QueryStringConfig?.Values ?? []).map(({ Key = '', Value = '' }) => `${Key}${Value}`),
]

const conditionOf = (asked: RuleCondition): RuleCondition => {
  const field = FIELDS.find(one => one === asked.Field)
  if (!field) throw invalid(`Condition field '${asked.Field ?? ''}' must be one of '[${FIELDS.join(', ')}]'`)
  refuseRegex(asked)
  return MAKERS[field](asked)
}

const refuseRegex = (asked: RuleCondition): void => {
  const { HostHeaderConfig, PathPatternConfig, HttpHeaderConfig } = asked
  for (const each of [asked, HostHeaderConfig, PathPatternConfig, HttpHeaderConfig]) checkBuilt('RuleCondition', each)
}

const given = (values: readonly string[] | undefined): string[] => {
  if (!values?.length) throw invalid('A condition value must be specified')
  if (values.includes('')) throw invalid('A condition value cannot be empty')
  return [...values]
}

const eitherOf = (
  legacy: readonly string[] | undefined,
  own: readonly string[] | undefined,
  field: string,
): string[] => {
  if (legacy?.length && own?.length && legacy.join('\n') !== own.join('\n'))
    throw invalid(
      `You can specify the values of a '${field}' condition either as values or in its configuration, not both`,
    )
  return given(own?.length ? own : legacy)
}

const check = (values: readonly string[], form: RegExp, what: string): void => {
  for (const value of values) if (!form.test(value)) throw invalid(`The ${what} '${value}' is not valid`)
}

const HOST = /^(?=.{1,128}$)(?=.*\.)[A-Za-z0-9\-.*?]*\.[A-Za-z*?]+$/
const PATH = /^[A-Za-z0-9 _\-.$/~"'@:+&()!,;=%*?]{1,128}$/
const METHOD = /^[A-Z\-_]{1,40}$/
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]{1,40}$/
const PRINTABLE = /^[\x20-\x7e]{1,128}$/

const MAKERS: Readonly<Record<Field, (asked: RuleCondition) => RuleCondition>> = {
  'host-header': ({ Values, HostHeaderConfig }) => {
    const values = eitherOf(Values, HostHeaderConfig?.Values, 'host-header')
    check(values, HOST, 'host header condition value')
    return { Field: 'host-header', HostHeaderConfig: { Values: values } }
  },
  'path-pattern': ({ Values, PathPatternConfig }) => {
    const values = eitherOf(Values, PathPatternConfig?.Values, 'path-pattern')
    check(values, PATH, 'path pattern condition value')
    return { Field: 'path-pattern', PathPatternConfig: { Values: values } }
  },
  'http-header': ({ HttpHeaderConfig }) => {
    const name = HttpHeaderConfig?.HttpHeaderName ?? ''
    check([name], HEADER_NAME, 'HTTP header name')
    if (name.toLowerCase() === 'host')
      throw invalid("The HTTP header name 'Host' is not valid: use a 'host-header' condition")
    const values = given(HttpHeaderConfig?.Values)
    check(values, PRINTABLE, 'HTTP header condition value')
    return { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: name, Values: values } }
  },
  'http-request-method': ({ HttpRequestMethodConfig }) => {
    const values = given(HttpRequestMethodConfig?.Values)
    check(values, METHOD, 'HTTP request method condition value')
    return { Field: 'http-request-method', HttpRequestMethodConfig: { Values: values } }
  },
  'query-string': ({ QueryStringConfig }) => {
    const pairs = QueryStringConfig?.Values ?? []
    given(pairs.map(({ Value = '' }) => Value))
    const texts = pairs.flatMap(({ Key, Value = '' }) => (Key === undefined ? [Value] : [Key, Value]))
    check(texts, PRINTABLE, 'query string condition value')
    const values = pairs.map(({ Key, Value = '' }) => (Key === undefined ? { Value } : { Key, Value }))
    return { Field: 'query-string', QueryStringConfig: { Values: values } }
  },
  'source-ip': ({ SourceIpConfig }) => {
    checkBuilt('SourceIpConditionConfig', SourceIpConfig)
    const values = given(SourceIpConfig?.Values)
    for (const value of values)
      if ((!parseCidr(value) && !IPV6_CIDR.test(value)) || value === '255.255.255.255/32')
        throw invalid(`The source IP condition value '${value}' is not a valid CIDR block`)
    return { Field: 'source-ip', SourceIpConfig: { Values: values } }
  },
}

const IPV6_CIDR = /^(?=.*:)[0-9A-Fa-f:]{2,39}\/(?:12[0-8]|1[01]\d|[1-9]?\d)$/
