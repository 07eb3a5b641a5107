// ListContainerInstances: ARNs of a cluster's instances that are ACTIVE or DRAINING, or of one of the two.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListContainerInstances.html
import type { ListContainerInstancesRequest, ListContainerInstancesResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { containerInstances } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'

const PAGE = { most: 100, usual: 100 }

export const listContainerInstances: EcsOperation<ListContainerInstancesRequest, ListContainerInstancesResponse> =
  ({ store }) =>
  (request, { cluster: named, filter, status, maxResults, nextToken }) => {
    const limit = checkPageSize(maxResults, PAGE)
    if (filter) throw invalid('Filter expressions are not supported by Stowage yet.')
    const cluster = findCluster(store, request, named)
    const query = `ListContainerInstances|${cluster.arn}|${status ?? ''}`
    const rows = store.byIndex(containerInstances, 'byCluster', cluster.arn, startOfPage(query, nextToken))
    const page = pageOf(rows, { query, limit, keyOf: row => row.arn, where: row => !status || row.status === status })
    return {
      containerInstanceArns: page.rows.map(row => row.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }
