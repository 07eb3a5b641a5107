// DescribeCapacityProviders: capacity providers by name or ARN, deleted ones too; or all ACTIVE ones, or those of a cluster,
// FARGATE and FARGATE_SPOT first. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeCapacityProviders.html
import type {
  CapacityProvider as CapacityProviderAnswer,
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse,
} from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { capacityProviderArn } from '../../../domain/arn.ts'
import { FARGATE_PROVIDERS, isFargateProvider } from '../../../domain/capacity-provider.ts'
import type { Reader } from '../../../store/store.ts'
import { capacityProviders } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'
import { describeCapacityProvider, describeFargateProvider } from './describe.ts'
import { capacityProviderNameFor, findCapacityProvider } from './find-capacity-provider.ts'

const MAX_PROVIDERS = 100
const PAGE = { most: 10, usual: 10 }

export const describeCapacityProviders: EcsOperation<
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse
> =
  ({ store }) =>
  (request, input) => {
    const limit = checkPageSize(input.maxResults, PAGE)
    const asked = input.capacityProviders ?? []
    if (asked.length > MAX_PROVIDERS) throw invalid(`capacityProviders can have at most ${MAX_PROVIDERS} items.`)
    const show = { tags: input.include?.includes('TAGS') ?? false }
    const of = input.cluster ? findCluster(store, request, input.cluster) : undefined
    const describe = (name: string): CapacityProviderAnswer | undefined => {
      if (of && !of.capacityProviders.includes(name)) return undefined
      if (isFargateProvider(name)) return describeFargateProvider(request, name)
      const found = findCapacityProvider(store, request, name)
      return found && describeCapacityProvider(found, show)
    }
    const names = [...new Set(asked.map(identifier => capacityProviderNameFor(request, identifier)))]
    if (names.length > 0)
      return {
        capacityProviders: names.flatMap(name => describe(name) ?? []),
        failures: names
          .filter(name => !describe(name))
          .map(name => ({ arn: capacityProviderArn(request, name), reason: 'MISSING' })),
      }
    const query = `DescribeCapacityProviders|${request.region}|${of?.arn ?? ''}`
    const page = pageOf(allNames(store, request, startOfPage(query, input.nextToken)), {
      query,
      limit,
      keyOf: name => name,
      where: name => describe(name) !== undefined,
    })
    return {
      capacityProviders: page.rows.flatMap(name => describe(name) ?? []),
      failures: [],
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }

// Names behind `after`, the two without a row first; no name of an operator's may begin like theirs.
function* allNames(reader: Reader, request: RequestContext, after: string | undefined): IterableIterator<string> {
  const inOwn = after !== undefined && !isFargateProvider(after)
  if (!inOwn) yield* FARGATE_PROVIDERS.slice(after === undefined ? 0 : FARGATE_PROVIDERS.indexOf(after) + 1)
  const start = inOwn ? capacityProviderArn(request, after) : undefined
  for (const { name } of reader.byIndex(capacityProviders, 'activeByRegion', request.region, start)) yield name
}
