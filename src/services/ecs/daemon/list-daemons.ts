// ListDaemons: a cluster's daemons, or those of some capacity providers.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemons.html
import type { ListDaemonsRequest, ListDaemonsResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { isDaemon } from '../../../domain/daemon.ts'
import { services } from '../../../store/tables.ts'
import { capacityProviderNameFor } from '../capacity-provider/find-capacity-provider.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { summarizeDaemon } from './describe.ts'

export const listDaemons: EcsOperation<ListDaemonsRequest, ListDaemonsResponse> =
  ({ store }) =>
  (request, input) => {
    const limit = checkPageSize(input.maxResults, { most: 100, usual: 100 })
    const cluster = findCluster(store, request, input.clusterArn)
    const asked = new Set(input.capacityProviderArns?.map(one => capacityProviderNameFor(request, one)))
    const query = ['ListDaemons', cluster.arn, ...asked].join('|')
    const rows = store.byIndex(services, 'managedDaemons', cluster.arn, startOfPage(query, input.nextToken))
    const page = pageOf(Iterator.from(rows).filter(isDaemon), {
      query,
      limit,
      keyOf: services.key,
      where: ({ daemon }) => asked.size === 0 || daemon.capacityProviders.some(name => asked.has(name)),
    })
    return {
      daemonSummariesList: page.rows.map(summarizeDaemon),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }
