// Tags of certificates: whether they may be set. https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html
import type { Tag } from '@aws-sdk/client-acm'
import { AwsError } from '../../aws/error.ts'

const MOST = 50
const LONGEST_KEY = 128
const LONGEST_VALUE = 256

export const withTags = (existing: readonly Tag[], added: readonly Tag[] = []): Tag[] => {
  for (const { Key = '', Value = '' } of added)
    if (Key === '' || Key.length > LONGEST_KEY || Value.length > LONGEST_VALUE || /^aws:/i.test(Key))
      throw new AwsError('InvalidTagException', `The tag '${Key.slice(0, LONGEST_KEY)}' is not valid.`)
  const tags = [...new Map([...existing, ...added].map(tag => [tag.Key, tag])).values()]
  if (tags.length > MOST) throw new AwsError('TooManyTagsException', `A certificate can have at most ${MOST} tags.`)
  return tags
}
