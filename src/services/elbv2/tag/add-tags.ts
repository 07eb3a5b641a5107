// AddTags: puts tags on load balancers, target groups, listeners and rules; on all of them or on none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html
import type { AddTagsInput, AddTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Operation } from '../context.ts'
import { checkTags, findTagged, mergeTags } from './tags.ts'

export const addTags: Elbv2Operation<AddTagsInput, AddTagsOutput> =
  ({ store }) =>
  (request, input) => {
    const added = checkTags(input.Tags)
    return store.write(tx => {
      for (const arn of input.ResourceArns ?? []) {
        const { tags, put } = findTagged(tx, request, arn)
        put(tx, mergeTags(tags, added))
      }
      return {}
    })
  }
