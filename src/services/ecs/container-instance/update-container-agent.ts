// UpdateContainerAgent: has an instance's agent bring itself up to date. On AWS that works where Amazon's own machine images
// and agent releases do; this server has no agent releases to give to a host, whose agent comes with its operator's software,
// so that there is never an update available, and it says so after its checks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateContainerAgent.html
import type { UpdateContainerAgentRequest, UpdateContainerAgentResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'

export const updateContainerAgent: EcsOperation<UpdateContainerAgentRequest, UpdateContainerAgentResponse> =
  ({ store }) =>
  (request, input) => {
    const cluster = findCluster(store, request, input.cluster)
    const instance = findContainerInstance(store, request, cluster, input.containerInstance ?? '')
    if (!instance) throw invalid('The referenced container instance was not found.')
    if (instance.status === 'INACTIVE') throw invalid('The referenced container instance was deregistered.')
    const { agentVersion } = instance.versionInfo
    if (!agentVersion)
      throw new AwsError(
        'MissingVersionException',
        'The current version of the container agent on the container instance is not known.',
      )
    throw new AwsError(
      'NoUpdateAvailableException',
      `There is no update available for the container agent ${agentVersion}: update it on its host.`,
    )
  }
