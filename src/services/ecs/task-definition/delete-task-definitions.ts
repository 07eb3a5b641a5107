// DeleteTaskDefinitions: marks INACTIVE revisions DELETE_IN_PROGRESS. The retention loop removes each when no task and no
// service refers to it any more; until then it can be described, and its services go on.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html
import type {
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  Failure,
  TaskDefinition as TaskDefinitionAnswer,
} from '@aws-sdk/client-ecs'
import { taskDefinitionKey, taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { parseTaskDefinitionName } from '../find.ts'
import { describeDefinition } from './describe.ts'
import { refused } from './refused.ts'

const MOST = 10
const STILL_ACTIVE =
  'The specified task definition is still in ACTIVE status. Please deregister the target and try again.'

export const deleteTaskDefinitions: EcsOperation<DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse> =
  ({ store, clock }) =>
  (request, { taskDefinitions: names = [] }) => {
    if (names.length === 0) throw refused('Task definitions can not be empty.')
    if (names.length > MOST) throw refused(`Task definitions can have at most ${MOST} items.`)
    for (const name of names) {
      // A bare family would leave it to us which revision goes.
      if (parseTaskDefinitionName(request, name).revision === undefined)
        throw refused(`Task definition '${name}' must name a revision.`)
    }
    return store.write(tx => {
      const deleted: TaskDefinitionAnswer[] = []
      const failures: Failure[] = []
      for (const name of names) {
        const { family, revision = 0 } = parseTaskDefinitionName(request, name)
        const found = tx.get(taskDefinitions, taskDefinitionKey(request.region, family, revision))
        if (!found) failures.push({ arn: name, reason: 'MISSING' })
        else if (found.status === 'ACTIVE') failures.push({ arn: found.arn, reason: STILL_ACTIVE })
        else {
          const deleteRequestedAt = found.deleteRequestedAt ?? clock.now()
          const row = { ...found, status: 'DELETE_IN_PROGRESS' as const, deleteRequestedAt }
          tx.put(taskDefinitions, row)
          deleted.push(describeDefinition(row))
        }
      }
      return { taskDefinitions: deleted, failures }
    })
  }
