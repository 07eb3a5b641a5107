// TagResource: adds tags to a resource; a key that it has already gets the new value.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html
import type { TagResourceRequest, TagResourceResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { taggedResource } from './tagged-resource.ts'
import { mergeTags, validateTags } from './validate-tags.ts'

export const tagResource: EcsOperation<TagResourceRequest, TagResourceResponse> =
  ({ store }) =>
  (request, input) => {
    const tags = validateTags(input.tags)
    return store.write(tx => {
      const resource = taggedResource(
        tx,
        request,
        input.resourceArn ?? '',
        message => new AwsError('ResourceNotFoundException', message),
      )
      resource.put(tx, mergeTags(resource.tags, tags))
      return {}
    })
  }
