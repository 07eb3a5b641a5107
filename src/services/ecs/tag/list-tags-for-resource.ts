// ListTagsForResource: a resource's tags.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html
import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { taggedResource } from './tagged-resource.ts'

export const listTagsForResource: EcsOperation<ListTagsForResourceRequest, ListTagsForResourceResponse> =
  ({ store }) =>
  (request, input) => {
    const { tags } = taggedResource(
      store,
      request,
      input.resourceArn ?? '',
      message => new AwsError('InvalidParameterException', message),
    )
    return { tags: [...tags] }
  }
