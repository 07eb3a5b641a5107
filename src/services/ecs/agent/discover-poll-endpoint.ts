// DiscoverPollEndpoint: where an agent opens its links, ACS and TCS. The agent keeps the answer for 12 hours, appends
// `/ws?...`, and makes ws of http by itself: other schemes it refuses. After: dispatcher/, which answers there.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DiscoverPollEndpoint.html
import type { DiscoverPollEndpointRequest, DiscoverPollEndpointResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { clusterArnFor, parseOwnArn } from '../find.ts'

export const discoverPollEndpoint: EcsOperation<DiscoverPollEndpointRequest, DiscoverPollEndpointResponse> =
  ({ agentEndpoint }) =>
  (request, { cluster, containerInstance = '' }) => {
    // Whether they are there the link will tell: an agent may ask before it has joined.
    clusterArnFor(request, cluster)
    if (containerInstance.startsWith('arn:')) parseOwnArn(request, containerInstance)
    const base = agentEndpoint ?? request.endpoint
    return { endpoint: `${base}/acs`, telemetryEndpoint: `${base}/tcs` }
  }
