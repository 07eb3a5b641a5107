// Whether tags may be set, and the row of a resource with its tags changed: the four kinds that have tags.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import { listeners, loadBalancers, rules, targetGroups } from '../../../store/load-balancing-tables.ts'
import type { Reader, Transaction } from '../../../store/store.ts'
import { kindOf } from '../arns.ts'
import { invalid, refusal } from '../context.ts'
import { findListener, findLoadBalancer, findRule, findTargetGroup } from '../find.ts'

const MOST = 50
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

export const checkTags = (tags: readonly Tag[] | undefined): Tag[] => {
  const kept = (tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }))
  for (const { Key, Value } of kept) {
    if (!KEY.test(Key)) throw invalid(`The tag key '${Key.slice(0, 128)}' is not valid`)
    if (!VALUE.test(Value)) throw invalid(`The value of the tag key '${Key}' is not valid`)
    if (/^aws:/i.test(Key)) throw invalid(`The tag key '${Key}' is not valid: the prefix 'aws:' is reserved`)
  }
  if (new Set(kept.map(({ Key }) => Key)).size < kept.length)
    throw refusal('DuplicateTagKeys', 'A tag key was specified more than once')
  if (kept.length > MOST) throw tooMany()
  return kept
}

/** `existing` with `added` put in: a key that is there already gets the new value. */
export const mergeTags = (existing: readonly Tag[], added: readonly Tag[]): Tag[] => {
  const merged = [...new Map([...existing, ...added].map(tag => [tag.Key, tag])).values()]
  if (merged.length > MOST) throw tooMany()
  return merged
}

const tooMany = () => refusal('TooManyTags', `You've reached the limit on the number of tags: ${MOST} per resource`)

export type Tagged = {
  readonly tags: readonly Tag[]
  readonly put: (tx: Transaction, tags: readonly Tag[]) => void
}

export const findTagged = (reader: Reader, scope: Scope, arn: string): Tagged => {
  switch (kindOf(arn)) {
    case 'load balancer': {
      const row = findLoadBalancer(reader, scope, arn)
      return { tags: row.tags, put: (tx, tags) => tx.put(loadBalancers, { ...row, tags }) }
    }
    case 'target group': {
      const row = findTargetGroup(reader, scope, arn)
      return { tags: row.tags, put: (tx, tags) => tx.put(targetGroups, { ...row, tags }) }
    }
    case 'listener': {
      const row = findListener(reader, scope, arn)
      return { tags: row.tags, put: (tx, tags) => tx.put(listeners, { ...row, tags }) }
    }
    case 'listener rule': {
      const row = findRule(reader, scope, arn)
      return { tags: row.tags, put: (tx, tags) => tx.put(rules, { ...row, tags }) }
    }
    default:
      throw invalid(`'${arn}' is not a valid ARN of a load balancer, target group, listener or rule`)
  }
}
