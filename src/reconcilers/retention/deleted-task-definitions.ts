// Task definitions that DeleteTaskDefinitions marked: which of them nothing refers to any more. What does: a task that has not
// stopped, a deployment of a service, and the revision that a service would be rolled back to.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/delete-task-definition-v2.html
// Before: DeleteTaskDefinitions. After: nothing; the rows are gone. The family keeps its counter.
import type { TaskDefinition } from '../../domain/task-definition.ts'
import type { Reader } from '../../store/store.ts'
import { deployments, serviceRevisions, services, taskDefinitions, tasks } from '../../store/tables.ts'
import type { Deletion } from './expiries.ts'

export const deletedTaskDefinitions = (reader: Reader): IteratorObject<Deletion> =>
  Iterator.from(reader.byIndex(taskDefinitions, 'deleting', 'deleting'))
    .filter(row => !isInUse(reader, row))
    .map(row => tx => {
      // A rollback may have come in between.
      if (!isInUse(tx, row)) tx.delete(taskDefinitions, taskDefinitions.key(row))
    })

const isInUse = (reader: Reader, { arn }: TaskDefinition): boolean =>
  reader.count(tasks, 'liveByTaskDefinition', arn) > 0 ||
  reader.count(deployments, 'liveByTaskDefinition', arn) > 0 ||
  Iterator.from(reader.byIndex(serviceRevisions, 'byTaskDefinition', arn)).some(revision => {
    const service = reader.get(services, revision.serviceArn)
    return service !== undefined && service.status !== 'INACTIVE' && service.lastCompletedRevisionArn === revision.arn
  })
