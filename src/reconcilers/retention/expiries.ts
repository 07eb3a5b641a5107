// What goes when it is old, and where to find it: by the hour in which it was over, so that what is young costs nothing.
// Before: reconciler.ts, which takes a batch. After: nothing; the rows are gone.
import { inactiveSince } from '../../domain/container-instance.ts'
import { revisionArnOf, type ServiceDeployment } from '../../domain/service-deployment.ts'
import type { Task } from '../../domain/task.ts'
import type { Reader, Transaction } from '../../store/store.ts'
import type { Table } from '../../store/table.ts'
import {
  capacityProviders,
  clusters,
  containerInstances,
  deployments,
  hourOf,
  idempotency,
  serviceDeployments,
  serviceEvents,
  serviceRevisions,
  services,
  tasks,
} from '../../store/tables.ts'
import { deletedTaskDefinitions } from './deleted-task-definitions.ts'
import { hoursUntil } from './plan.ts'
import type { RetentionSettings } from './settings.ts'

/** A kind of row: where to find what was over before the cutoff, oldest first. */
export type Expiry = {
  readonly afterMs: number
  readonly find: (reader: Reader, limit: Limit) => IteratorObject<Deletion>
}
export type Deletion = (tx: Transaction) => void
export type Limit = { readonly cutoff: number; readonly lookBackMs: number }

const HOUR_MS = 3_600_000
/** A stopped task can be described this long in any case, as on AWS. */
const SHOWN_MS = HOUR_MS

export const expiriesOf = (settings: RetentionSettings): Readonly<Record<string, Expiry>> => ({
  tasks: {
    afterMs: settings.stoppedTaskMs,
    find: (reader, limit) => stoppedTasks(reader, limit),
  },
  // Of more than are kept in memory the oldest go before their time.
  surplusTasks: {
    afterMs: SHOWN_MS,
    find: (reader, limit) => {
      const surplus = reader.size(tasks) - liveTasks(reader) - settings.stoppedTasksKept
      return stoppedTasks(reader, limit).take(Math.max(0, surplus))
    },
  },
  serviceDeployments: {
    afterMs: settings.serviceDeploymentMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, serviceDeployments, 'overByHour', ({ updatedAt }) => updatedAt).map(
        row => tx => deleteServiceDeployment(tx, row),
      ),
  },
  clientTokens: {
    afterMs: settings.clientTokenMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, idempotency, 'createdByHour', record => record.createdAt).map(
        ({ key }) =>
          tx =>
            tx.delete(idempotency, key),
      ),
  },
  deployments: {
    afterMs: settings.inactiveDeploymentMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, deployments, 'inactiveByHour', ({ updatedAt }) => updatedAt).map(
        ({ id }) =>
          tx =>
            tx.delete(deployments, id),
      ),
  },
  services: {
    afterMs: settings.inactiveMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, services, 'inactiveByHour', ({ inactiveAt }) => inactiveAt).map(({ arn }) => tx => {
        tx.delete(services, arn)
        // There are no more than the loop keeps of one service, and its deployments of some months: they go with it.
        deleteAll(tx, serviceEvents, arn)
        deleteAll(tx, serviceDeployments, arn)
        deleteAll(tx, serviceRevisions, arn)
      }),
  },
  taskDefinitions: { afterMs: 0, find: deletedTaskDefinitions },
  capacityProviders: {
    afterMs: settings.inactiveMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, capacityProviders, 'inactiveByHour', ({ inactiveAt }) => inactiveAt).map(
        ({ arn }) =>
          tx =>
            tx.delete(capacityProviders, arn),
      ),
  },
  clusters: {
    afterMs: settings.inactiveMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, clusters, 'inactiveByHour', ({ inactiveAt }) => inactiveAt).map(
        ({ arn }) =>
          tx =>
            tx.delete(clusters, arn),
      ),
  },
  containerInstances: {
    afterMs: settings.inactiveMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, containerInstances, 'inactiveByHour', inactiveSince).map(
        ({ arn }) =>
          tx =>
            tx.delete(containerInstances, arn),
      ),
  },
})

const deleteAll = <Row>(tx: Transaction, table: Table<Row>, serviceArn: string): void => {
  for (const row of [...tx.byIndex(table, 'byService', serviceArn)]) tx.delete(table, table.key(row))
}

// With what only it still tells of: its revisions, but for those that run or may be rolled back to.
const deleteServiceDeployment = (tx: Transaction, row: ServiceDeployment): void => {
  tx.delete(serviceDeployments, serviceDeployments.key(row))
  const used = new Set([...tx.byIndex(deployments, 'liveByService', row.serviceArn)].map(revisionArnOf))
  const lastCompleted = tx.get(services, row.serviceArn)?.lastCompletedRevisionArn
  for (const arn of [row.targetRevisionArn, ...row.sourceRevisionArns])
    if (!used.has(arn) && arn !== lastCompleted) tx.delete(serviceRevisions, arn)
}

// Clusters are few, and each counts its tasks that are not STOPPED.
const liveTasks = (reader: Reader): number =>
  Iterator.from(reader.all(clusters))
    .map(({ arn }) => {
      const { running = 0, pending = 0, stopping = 0 } = reader.sum(tasks, 'byCluster', arn)
      return running + pending + stopping
    })
    .reduce((total, count) => total + count, 0)

// Those whose end the deployment loop has not counted yet stay.
const stoppedTasks = (reader: Reader, limit: Limit): IteratorObject<Deletion, undefined> =>
  rowsPast(reader, limit, tasks, 'stoppedByHour', task => task.stoppedAt)
    .filter(task => isCounted(reader, task))
    .map(
      ({ arn }) =>
        tx =>
          tx.delete(tasks, arn),
    )

/** Rows that were over before the cutoff, oldest hours first. `overAt`: since when a row is over. */
function* rowsPast<Row>(
  reader: Reader,
  { cutoff, lookBackMs }: Limit,
  table: Table<Row>,
  index: string,
  overAt: (row: Row) => number | undefined,
): IteratorObject<Row, undefined> {
  for (const hour of hoursOf(reader, table, index, { cutoff, lookBackMs })) {
    if (reader.count(table, index, hour) === 0) continue
    for (const row of reader.byIndex(table, index, hour)) if ((overAt(row) ?? cutoff) < cutoff) yield row
  }
}

// Where there are fewer rows than hours to look into, the rows say which hours there are.
const hoursOf = <Row>(
  reader: Reader,
  table: Table<Row>,
  index: string,
  { cutoff, lookBackMs }: Limit,
): Iterable<string> => {
  const of = table.indexes[index]
  if (!of || reader.size(table) > lookBackMs / HOUR_MS) return hoursUntil(cutoff, lookBackMs).map(hourOf)
  const found = new Set(Iterator.from(reader.all(table)).flatMap(row => [of(row)].filter(hour => hour !== undefined)))
  return [...found].sort((a, b) => Number(a) - Number(b)).filter(hour => Number(hour) <= Number(hourOf(cutoff)))
}

// A deleted service's loop counts no more ends.
const isCounted = (reader: Reader, task: Task): boolean => {
  if (task.serviceArn === undefined || task.settled === true) return true
  const service = reader.get(services, task.serviceArn)
  return service === undefined || service.status === 'INACTIVE'
}
