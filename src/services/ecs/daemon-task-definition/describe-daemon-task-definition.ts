// DescribeDaemonTaskDefinition: one revision, or a family's newest ACTIVE one.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemonTaskDefinition.html
import type { DescribeDaemonTaskDefinitionRequest, DescribeDaemonTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { describeDaemonTaskDefinition as describe } from './describe.ts'
import { findDaemonTaskDefinition } from './find-daemon-task-definition.ts'

export const describeDaemonTaskDefinition: EcsOperation<
  DescribeDaemonTaskDefinitionRequest,
  DescribeDaemonTaskDefinitionResponse
> =
  ({ store }) =>
  (request, input) => {
    const found = findDaemonTaskDefinition(store, request, input.daemonTaskDefinition ?? '')
    if (!found) throw new AwsError('ClientException', 'Unable to describe daemon task definition.')
    return { daemonTaskDefinition: describe(found) }
  }
