// RemoveTags: takes tags off; a key that is not there is no error.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveTags.html
import type { RemoveTagsInput, RemoveTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Operation } from '../context.ts'
import { findTagged } from './tags.ts'

export const removeTags: Elbv2Operation<RemoveTagsInput, RemoveTagsOutput> =
  ({ store }) =>
  (request, { ResourceArns, TagKeys }) =>
    store.write(tx => {
      for (const arn of ResourceArns ?? []) {
        const { tags, put } = findTagged(tx, request, arn)
        const left = tags.filter(({ Key = '' }) => !TagKeys?.includes(Key))
        put(tx, left)
      }
      return {}
    })
