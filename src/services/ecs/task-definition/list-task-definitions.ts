// ListTaskDefinitions: ARNs of a region's or one family's revisions of one status, by family and revision, either way up.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
import type { ListTaskDefinitionsRequest, ListTaskDefinitionsResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionFamilies, taskDefinitionKey, taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'
import { newestBelow } from './newest-below.ts'

type Listing = {
  readonly region: string
  readonly status: TaskDefinition['status']
  /** The whole name of one family, as AWS takes its `familyPrefix` here. */
  readonly family: string | undefined
}

export const listTaskDefinitions: EcsOperation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse> =
  ({ store }) =>
  (request, input) => {
    const { status = 'ACTIVE', sort = 'ASC', familyPrefix: family } = input
    const listing: Listing = { region: request.region, status, family }
    const query = `ListTaskDefinitions|${request.region}|${status}|${sort}|${family ?? ''}`
    const after = startOfPage(query, input.nextToken)
    const rows = sort === 'ASC' ? oldestFirst(store, listing, after) : newestFirst(store, listing, after)
    const page = pageOf(rows, {
      query,
      limit: checkPageSize(input.maxResults, { most: 100, usual: 100 }),
      keyOf: definition => taskDefinitionKey(request.region, definition.family, definition.revision),
    })
    return {
      taskDefinitionArns: page.rows.map(definition => definition.arn),
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
    }
  }

const oldestFirst = (reader: Reader, { region, status, family }: Listing, after: string | undefined) =>
  family
    ? reader.byIndex(taskDefinitions, 'byFamilyStatus', `${region}/${family}|${status}`, after)
    : reader.byIndex(taskDefinitions, 'byRegionStatus', `${region}|${status}`, after)

/** The store reads upwards, so the families are turned round here: a page costs the number of families, not of revisions. */
function* newestFirst(
  reader: Reader,
  listing: Listing,
  after: string | undefined,
): Generator<TaskDefinition, undefined> {
  const { region, status } = listing
  const last = after === undefined ? undefined : parseKey(region, after)
  const families = listing.family ? [listing.family] : familiesOf(reader, region).reverse()
  for (const family of families) {
    if (last && family > last.family) continue
    let below = family === last?.family ? last.revision : Number.POSITIVE_INFINITY
    for (;;) {
      const found = newestBelow(reader, { region, family, status }, below)
      if (!found) break
      yield found
      below = found.revision
    }
  }
}

// The row that a page ended with may be gone or changed by now; its key still says where to go on.
const parseKey = (region: string, key: string): { readonly family: string; readonly revision: number } => {
  const space = key.lastIndexOf(' ')
  return { family: key.slice(region.length + 1, space), revision: Number(key.slice(space + 1)) }
}

const familiesOf = (reader: Reader, region: string): string[] =>
  Array.from(reader.byIndex(taskDefinitionFamilies, 'byRegion', region), row => row.family)
