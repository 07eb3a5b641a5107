// UntagResource: removes tags by key; a key that the resource does not have is no error.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UntagResource.html
import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { taggedResource } from './tagged-resource.ts'
import { validateTagKey } from './validate-tags.ts'

export const untagResource: EcsOperation<UntagResourceRequest, UntagResourceResponse> =
  ({ store }) =>
  (request, input) => {
    const keys = new Set<string | undefined>(input.tagKeys)
    for (const key of input.tagKeys ?? []) validateTagKey(key)
    return store.write(tx => {
      const resource = taggedResource(
        tx,
        request,
        input.resourceArn ?? '',
        message => new AwsError('ResourceNotFoundException', message),
      )
      resource.put(
        tx,
        resource.tags.filter(tag => !keys.has(tag.key)),
      )
      return {}
    })
  }
