// RunTask: checks, places up to ten tasks in one transaction, and answers those that found an instance and why the others
// did not. After: the dispatcher sees tasks with an instance and tells its agent.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
import type { RunTaskRequest, RunTaskResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { IdempotencyRecord } from '../../../domain/idempotency.ts'
import type { Reader } from '../../../store/store.ts'
import { idempotency, tasks } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkToken, findToken, requestHash, tokenKey } from '../idempotency.ts'
import { invalid } from '../refuse.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { describeTask } from './describe.ts'
import { placeByStrategy } from './place-by-strategy.ts'
import { planOf } from './plan.ts'

const MAX_COUNT = 10
const MAX_TOKEN = 64

export const runTask: EcsOperation<RunTaskRequest, RunTaskResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const { clientToken } = input
    const count = input.count ?? 1
    if (count < 1 || count > MAX_COUNT) throw invalid(`Count must be from 1 to ${MAX_COUNT}.`)
    if (clientToken) checkToken(clientToken, MAX_TOKEN)
    const tags = validateTags(input.tags)
    const hash = clientToken ? requestHash(input) : ''
    return store.write(tx => {
      const now = clock.now()
      const cluster = findCluster(tx, request, input.cluster)
      const key = clientToken ? tokenKey('RunTask', cluster.arn, clientToken) : undefined
      const earlier = key ? findToken(tx, key, now) : undefined
      if (earlier && !isPast(tx, earlier, now)) return repeated(tx, earlier, hash)
      const plan = planOf(tx, request, cluster, input, tags, now)
      const { placed, failures } = placeByStrategy(tx, ids, plan, count)
      if (key)
        tx.put(idempotency, {
          key,
          requestHash: hash,
          resourceArns: placed.map(task => task.arn),
          failures,
          createdAt: now,
        })
      return { tasks: placed.map(task => describeTask(tx, task, { tags: true })), failures: [...failures] }
    })
  }

/** A token is free again when its tasks have been over for this long, even before its 24 hours are. */
const TOKEN_OUTLIVES_TASKS_MS = 60 * 60 * 1000

const isPast = (reader: Reader, { resourceArns }: IdempotencyRecord, now: number): boolean =>
  resourceArns.length > 0 &&
  resourceArns.every(arn => {
    const task = reader.get(tasks, arn)
    return task === undefined || now - (task.stoppedAt ?? now) >= TOKEN_OUTLIVES_TASKS_MS
  })

// The first request's answer, with its tasks as they are now; those that are forgotten by now are left out.
const repeated = (reader: Reader, earlier: IdempotencyRecord, hash: string): RunTaskResponse => {
  if (earlier.requestHash !== hash)
    throw new AwsError('ConflictException', 'The client token was used in an earlier request with other parameters.', {
      members: { resourceIds: earlier.resourceArns },
    })
  const rows = earlier.resourceArns.flatMap(arn => reader.get(tasks, arn) ?? [])
  return { tasks: rows.map(task => describeTask(reader, task, { tags: true })), failures: [...earlier.failures] }
}
