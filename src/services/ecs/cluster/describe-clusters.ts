// DescribeClusters: clusters by name or ARN, `default` when none is named. Deleted ones answer INACTIVE, unknown ones
// are failures. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
import type { DescribeClustersRequest, DescribeClustersResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { clusterArnFor, DEFAULT_CLUSTER } from '../find.ts'
import { describeCluster } from './describe.ts'

/** AWS's limit on one request. */
const MAX_CLUSTERS = 100

export const describeClusters: EcsOperation<DescribeClustersRequest, DescribeClustersResponse> =
  ({ store }) =>
  (request, input) => {
    const named = input.clusters?.length ? input.clusters : [DEFAULT_CLUSTER]
    if (named.length > MAX_CLUSTERS)
      throw new AwsError('InvalidParameterException', `clusters can have at most ${MAX_CLUSTERS} items.`)
    const arns = [...new Set(named.map(name => clusterArnFor(request, name)))]
    const found = arns.flatMap(arn => store.get(clusters, arn) ?? [])
    return {
      clusters: found.map(cluster => describeCluster(store, cluster, input.include)),
      failures: arns.filter(arn => !store.get(clusters, arn)).map(arn => ({ arn, reason: 'MISSING' })),
    }
  }
