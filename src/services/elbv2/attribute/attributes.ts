// Attributes of load balancers, target groups and listeners: asked-for values checked against the rules of their kind, and
// the answer with the defaults of what was not set. Before: the six operations beside this file.
import type { AttributeRules } from '../../../domain/load-balancing/attributes.ts'
import { invalid, notBuilt } from '../context.ts'

export type Attribute = { readonly Key?: string | undefined; readonly Value?: string | undefined }

/** `set` with what is asked put in. `what`, as AWS begins its text: `Load balancer attribute`. */
export const withAttributes = (
  what: string,
  rules: AttributeRules,
  set: Readonly<Record<string, string>>,
  asked: readonly Attribute[] | undefined,
): Readonly<Record<string, string>> => {
  const attributes = { ...set }
  if (!asked?.length) throw invalid(`${what}s must be specified`)
  for (const { Key = '', Value = '' } of asked) {
    const rule = Object.hasOwn(rules, Key) ? rules[Key] : undefined
    if (!rule) throw invalid(`${what} key '${Key}' is not recognized`)
    if (!rule.accepts(Value)) {
      if (rule.fixed) throw notBuilt(`the value '${Value}' of the attribute '${Key}', only '${rule.default}',`)
      throw invalid(`${what} value '${Value}' is not valid for '${Key}': it must be ${rule.allowed}`)
    }
    attributes[Key] = Value
  }
  return attributes
}

export const describeAttributes = (rules: AttributeRules, set: Readonly<Record<string, string>>): Attribute[] =>
  Object.entries(rules).map(([Key, rule]) => ({ Key, Value: set[Key] ?? rule.default }))
