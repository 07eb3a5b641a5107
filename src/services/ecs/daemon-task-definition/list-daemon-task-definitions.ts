// ListDaemonTaskDefinitions: by family and revision, either way up; of one family, of those that begin alike, or each family's last.
// They are few, a handful of families, so that a page looks at all of them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemonTaskDefinitions.html
import type { ListDaemonTaskDefinitionsRequest, ListDaemonTaskDefinitionsResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { daemonFamilySpace } from '../../../domain/arn.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionFamilies, taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'
import { summarizeDaemonTaskDefinition } from './describe.ts'

const STATUSES = {
  ACTIVE: ['ACTIVE'],
  DELETE_IN_PROGRESS: ['DELETE_IN_PROGRESS'],
  ALL: ['ACTIVE', 'DELETE_IN_PROGRESS'],
} as const

export const listDaemonTaskDefinitions: EcsOperation<
  ListDaemonTaskDefinitionsRequest,
  ListDaemonTaskDefinitionsResponse
> =
  ({ store }) =>
  (request, input) => {
    const { status = 'ACTIVE', sort = 'ASC', family = '', familyPrefix = '', revision = '' } = input
    if (family && familyPrefix) throw invalid('family and familyPrefix cannot be specified together.')
    const space = daemonFamilySpace(request.region)
    const query = ['ListDaemonTaskDefinitions', space, status, sort, family, familyPrefix, revision].join('|')
    const after = startOfPage(query, input.nextToken)
    const upwards = sort === 'ASC'
    const rows = STATUSES[status]
      .flatMap(one => [...store.byIndex(taskDefinitions, 'byRegionStatus', `${space}|${one}`)])
      .filter(row => (family ? row.family === family : row.family.startsWith(familyPrefix)))
      .filter(row => revision !== 'LAST_REGISTERED' || isLast(store, space, row))
      .sort((a, b) => (taskDefinitions.key(a) < taskDefinitions.key(b) === upwards ? -1 : 1))
    const isPast = (row: TaskDefinition): boolean =>
      after === undefined || (upwards ? taskDefinitions.key(row) > after : taskDefinitions.key(row) < after)
    const page = pageOf(rows.filter(isPast), {
      query,
      limit: checkPageSize(input.maxResults, { most: 100, usual: 100 }),
      keyOf: taskDefinitions.key,
    })
    return {
      daemonTaskDefinitions: page.rows.map(summarizeDaemonTaskDefinition),
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
    }
  }

const isLast = (reader: Reader, space: string, { family, revision }: TaskDefinition): boolean =>
  reader.get(taskDefinitionFamilies, `${space}/${family}`)?.lastRevision === revision
