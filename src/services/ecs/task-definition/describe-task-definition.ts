// DescribeTaskDefinition: one revision of whatever status, or a family's newest ACTIVE one.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
import type { DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { findTaskDefinition } from '../find.ts'
import { describeDefinition } from './describe.ts'

export const describeTaskDefinition: EcsOperation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse> =
  ({ store }) =>
  (request, input) => {
    const definition = findTaskDefinition(
      store,
      request,
      input.taskDefinition ?? '',
      () => new AwsError('ClientException', 'Unable to describe task definition.'),
    )
    const tags = input.include?.includes('TAGS') ? { tags: [...definition.tags] } : {}
    return { taskDefinition: describeDefinition(definition), ...tags }
  }
