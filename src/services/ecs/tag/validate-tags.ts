// Whether tags may be put on a resource. Every operation that takes tags calls it before its transaction.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
import type { Tag } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'

export const MAX_TAGS = 50
const MAX_KEY_LENGTH = 128
const MAX_VALUE_LENGTH = 256
/** Letters, digits and spaces of any script, and these signs: AWS's own pattern. */
const TEXT = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u

const TOO_MANY = `The maximum number of tags on a resource is ${MAX_TAGS}.`

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

/** The tags as they will be kept: each with a key and a value. InvalidParameterException for what AWS refuses. */
export const validateTags = (tags: readonly Tag[] | undefined): Required<Tag>[] => {
  if (!tags) return []
  if (tags.length > MAX_TAGS) throw invalid(TOO_MANY)
  const kept = tags.map(tag => ({ key: tag.key ?? '', value: tag.value ?? '' }))
  for (const { key, value } of kept) {
    validateTagKey(key)
    if (value.length > MAX_VALUE_LENGTH || !TEXT.test(value))
      throw invalid(
        `The value of tag '${key}' must have at most ${MAX_VALUE_LENGTH} characters, of those allowed in tags.`,
      )
  }
  if (new Set(kept.map(tag => tag.key)).size !== kept.length)
    throw invalid('Duplicate tag keys found. Each tag key of a resource must be unique.')
  return kept
}

/** A key that callers may set or remove: `aws:` in any case is AWS's own. */
export const validateTagKey = (key: string): void => {
  if (key.length === 0) throw invalid('Tag keys can not be empty.')
  if (key.length > MAX_KEY_LENGTH || !TEXT.test(key))
    throw invalid(
      `Tag key '${key.slice(0, MAX_KEY_LENGTH)}' must have at most ${MAX_KEY_LENGTH} characters, of those allowed in tags.`,
    )
  if (isReserved(key)) throw invalid(`Tag key '${key}' uses the prefix 'aws:', which is reserved.`)
}

/** `existing` with `added` put in: a key that is there already gets the new value. AWS's own tags don't count to the limit. LimitExceededException over it. */
export const mergeTags = (existing: readonly Tag[], added: readonly Required<Tag>[]): Tag[] => {
  const merged = new Map(existing.map(tag => [tag.key, tag]))
  for (const tag of added) merged.set(tag.key, tag)
  const tags = [...merged.values()]
  if (tags.filter(tag => !isReserved(tag.key ?? '')).length > MAX_TAGS)
    throw new AwsError('LimitExceededException', TOO_MANY)
  return tags
}

const isReserved = (key: string): boolean => /^aws:/i.test(key)
