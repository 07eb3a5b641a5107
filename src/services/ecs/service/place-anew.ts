// Tasks that wait for a host, made to wait under the placement rules that their service has now. It starts no deployment, and
// tasks that have a host stay; but a rule that no instance can meet would keep waiting tasks from one for ever. After: the
// placement loop, which tries them everywhere again. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
import { isDeepStrictEqual } from 'node:util'
import type { Service } from '../../../domain/service.ts'
import { hasNoHostYet, type Task } from '../../../domain/task.ts'
import type { Transaction } from '../../../store/store.ts'
import { tasks } from '../../../store/tables.ts'

export const placeAnew = (tx: Transaction, before: Service, after: Service): void => {
  const { placementConstraints, placementStrategy } = after
  if (
    isDeepStrictEqual(before.placementConstraints, placementConstraints) &&
    isDeepStrictEqual(before.placementStrategy, placementStrategy)
  )
    return
  const waiting = Iterator.from(tx.byIndex(tasks, 'liveByService', after.arn))
    .filter(hasNoHostYet)
    .toArray()
  for (const task of waiting) {
    const { placementExplanation: _, ...rest }: Task = task
    tx.put(tasks, { ...rest, placementConstraints, placementStrategy })
  }
}
