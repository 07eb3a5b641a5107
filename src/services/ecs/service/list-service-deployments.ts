// ListServiceDeployments: a service's deployments, newest first, twenty a page unless more are asked for.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
import type { ListServiceDeploymentsRequest, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { type Page, pageOf, startOfPage } from '../../../aws/paging.ts'
import type { Service } from '../../../domain/service.ts'
import type { ServiceDeployment } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { serviceDeployments, serviceDeploymentsFrom } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findService, serviceNotFound } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'
import { describeBrief } from './describe-service-deployment.ts'

const PAGE = { most: 100, usual: 20 }

export const listServiceDeployments: EcsOperation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse> =
  ({ store }) =>
  (request, input) => {
    checkListing(input)
    const cluster = findCluster(store, request, input.cluster)
    const service = findService(store, request, cluster, input.service ?? '')
    if (!service || service.status === 'INACTIVE') throw serviceNotFound()
    const page = deploymentsPage(store, service, input)
    return {
      serviceDeployments: page.rows.map(describeBrief),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }

type Listing = Pick<ListServiceDeploymentsRequest, 'status' | 'createdAt' | 'maxResults' | 'nextToken'>

export const checkListing = ({ maxResults, createdAt }: Listing): void => {
  checkPageSize(maxResults, PAGE)
  if (Number.isNaN(createdAt?.after?.getTime()) || Number.isNaN(createdAt?.before?.getTime()))
    throw invalid('createdAt must have valid times.')
}

/** Of a service or a daemon. */
export const deploymentsPage = (reader: Reader, service: Service, input: Listing): Page<ServiceDeployment> => {
  const [after, before] = [input.createdAt?.after?.getTime(), input.createdAt?.before?.getTime()]
  const statuses = new Set(input.status)
  const query = ['ListServiceDeployments', service.arn, after ?? '', before ?? '', ...statuses].join('|')
  // What an earlier service of this name left is not this one's.
  const oldest = Math.max(service.createdAt, (after ?? -1) + 1)
  const first = before === undefined ? undefined : serviceDeploymentsFrom(service.arn, Math.max(0, before - 1))
  const from = startOfPage(query, input.nextToken) ?? first
  const rows = reader.byIndex(serviceDeployments, 'byService', service.arn, from)
  return pageOf(since(rows, oldest), {
    query,
    limit: checkPageSize(input.maxResults, PAGE),
    keyOf: serviceDeployments.key,
    where: row => statuses.size === 0 || statuses.has(row.status),
  })
}

function* since(rows: Iterable<ServiceDeployment>, oldest: number): Generator<ServiceDeployment, undefined> {
  for (const row of rows) {
    if (row.createdAt < oldest) return
    yield row
  }
}
