// ListContainerInstances: ARNs of a cluster's instances that are ACTIVE or DRAINING, or of one of the two, and of those that
// satisfy an expression of the cluster query language.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListContainerInstances.html
import type { ListContainerInstancesRequest, ListContainerInstancesResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { factsOf } from '../../../scheduler/facts.ts'
import { compileQuery, type Query } from '../../../scheduler/query/compile-query.ts'
import { QueryError } from '../../../scheduler/query/query-error.ts'
import { occupancyOf } from '../../../store/occupancy.ts'
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
    const expression = filter ? queryOf(filter) : undefined
    const cluster = findCluster(store, request, named)
    const query = `ListContainerInstances|${cluster.arn}|${status ?? ''}|${filter ?? ''}`
    const occupancy = occupancyOf(store)
    const rows = store.byIndex(containerInstances, 'byCluster', cluster.arn, startOfPage(query, nextToken))
    const page = pageOf(rows, {
      query,
      limit,
      keyOf: row => row.arn,
      where: row => (!status || row.status === status) && (!expression || expression.matches(factsOf(row, occupancy))),
    })
    return {
      containerInstanceArns: page.rows.map(row => row.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }

const queryOf = (filter: string): Query => {
  try {
    return compileQuery(filter)
  } catch (error) {
    throw error instanceof QueryError ? invalid(error.message) : error
  }
}
