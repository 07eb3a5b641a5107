// ListServices: ARNs of a cluster's ACTIVE services, ten a page unless more are asked for.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html
import type { ListServicesRequest, ListServicesResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { services } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkPageSize } from '../page-size.ts'

const PAGE = { most: 100, usual: 10 }

export const listServices: EcsOperation<ListServicesRequest, ListServicesResponse> =
  ({ store }) =>
  (request, { cluster: named, launchType, schedulingStrategy, resourceManagementType, maxResults, nextToken }) => {
    const limit = checkPageSize(maxResults, PAGE)
    const cluster = findCluster(store, request, named)
    const filters = [cluster.arn, launchType ?? '', schedulingStrategy ?? '', resourceManagementType ?? '']
    const query = ['ListServices', ...filters].join('|')
    const page = pageOf(store.byIndex(services, 'activeByCluster', cluster.arn, startOfPage(query, nextToken)), {
      query,
      limit,
      keyOf: service => service.arn,
      where: service =>
        // One with a capacity provider strategy shows no launch type.
        (!launchType || (service.launchType === launchType && !service.capacityProviderStrategy)) &&
        (!schedulingStrategy || service.schedulingStrategy === schedulingStrategy) &&
        // Nothing here is managed by ECS on a customer's behalf.
        resourceManagementType !== 'ECS',
    })
    return {
      serviceArns: page.rows.map(service => service.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }
