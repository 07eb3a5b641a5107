// Tags of networks: whether they may be set, and those that a create call brings.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
import type { Tag, TagSpecification } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { invalidValue } from '../context.ts'

const MOST = 50
const LONGEST_KEY = 128
const LONGEST_VALUE = 256

export const checkTags = (tags: readonly Tag[]): Required<Tag>[] => {
  const kept = tags.map(({ Key = '', Value = '' }) => ({ Key, Value }))
  for (const { Key, Value } of kept) {
    if (Key === '' || Key.length > LONGEST_KEY)
      throw invalidValue(`Tag keys must have 1 to ${LONGEST_KEY} characters: '${Key.slice(0, LONGEST_KEY)}'`)
    if (/^aws:/i.test(Key)) throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use`)
    if (Value.length > LONGEST_VALUE)
      throw invalidValue(`The value of tag '${Key}' must have at most ${LONGEST_VALUE} characters`)
  }
  return kept
}

/** Those of a resource's `TagSpecifications`; all must be for `resourceType`, which is what is being made. */
export const tagsFrom = (specifications: readonly TagSpecification[] | undefined, resourceType: string): Tag[] => {
  const other = specifications?.find(each => each.ResourceType !== resourceType)
  if (other) throw invalidValue(`'${other.ResourceType}' is not a valid taggable resource type for this operation.`)
  return withTags([], checkTags(specifications?.flatMap(({ Tags = [] }) => Tags) ?? []))
}

export const withTags = (existing: readonly Tag[], added: readonly Required<Tag>[]): Tag[] => {
  const tags = [...new Map([...existing, ...added].map(tag => [tag.Key, tag])).values()]
  if (tags.length > MOST)
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.')
  return tags
}
