// ListClusters: the ARNs of the region's ACTIVE clusters, by name.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html
import type { ListClustersRequest, ListClustersResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { clusters } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'

export const listClusters: EcsOperation<ListClustersRequest, ListClustersResponse> =
  ({ store }) =>
  (request, input) => {
    const query = `ListClusters|${request.region}`
    const rows = store.byIndex(clusters, 'activeByRegion', request.region, startOfPage(query, input.nextToken))
    const page = pageOf(rows, {
      query,
      limit: checkPageSize(input.maxResults, { most: 100, usual: 100 }),
      keyOf: cluster => cluster.arn,
    })
    return {
      clusterArns: page.rows.map(cluster => cluster.arn),
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
    }
  }
