// ListTaskDefinitionFamilies: the region's families by name: those with an ACTIVE revision, those whose revisions are all
// INACTIVE, or both. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitionFamilies.html
import type { ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import type { TaskDefinitionFamily } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionFamilies, taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'

export const listTaskDefinitionFamilies: EcsOperation<
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse
> =
  ({ store }) =>
  (request, input) => {
    const { status = 'ALL', familyPrefix: prefix = '' } = input
    const query = `ListTaskDefinitionFamilies|${request.region}|${status}|${prefix}`
    const after = startOfPage(query, input.nextToken)
    const page = pageOf(familiesWith(store, request.region, prefix, after), {
      query,
      limit: checkPageSize(input.maxResults, { most: 100, usual: 100 }),
      keyOf: family => family.key,
      where: family => status === 'ALL' || statusOf(store, family) === status,
    })
    return {
      families: page.rows.map(family => family.family),
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
    }
  }

/** The families whose names start with `prefix`, behind `after`; keys are in order, so they stand together. */
function* familiesWith(
  reader: Reader,
  region: string,
  prefix: string,
  after: string | undefined,
): Generator<TaskDefinitionFamily, undefined> {
  const start = `${region}/${prefix}`
  if (after === undefined) {
    const named = reader.get(taskDefinitionFamilies, start)
    if (named) yield named
  }
  for (const family of reader.byIndex(taskDefinitionFamilies, 'byRegion', region, after ?? start)) {
    if (!family.family.startsWith(prefix)) return
    yield family
  }
}

const statusOf = (reader: Reader, { key }: TaskDefinitionFamily): 'ACTIVE' | 'INACTIVE' =>
  reader.count(taskDefinitions, 'byFamilyStatus', `${key}|ACTIVE`) > 0 ? 'ACTIVE' : 'INACTIVE'
