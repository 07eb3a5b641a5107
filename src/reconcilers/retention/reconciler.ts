// The retention loop: deletes what is over and has been shown long enough: stopped tasks, client tokens, old service events,
// INACTIVE services, deployments, clusters and capacity providers. One kind of row a run, a batch a commit. Tasks whose end the deployment loop
// has not counted yet stay.
// Before: whoever ended the row. After: nothing; the row is gone.
import type { Task } from '../../domain/task.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import { changeOf, type Reader, type Store, type Transaction } from '../../store/store.ts'
import type { Table } from '../../store/table.ts'
import {
  capacityProviders,
  clusters,
  deployments,
  hourOf,
  idempotency,
  serviceEvents,
  services,
  tasks,
} from '../../store/tables.ts'
import { LOOP_LIMITS, type LoopLimits, type Reconciler, type RunResult, startLoop } from '../loop.ts'
import { hoursUntil, LOOK_BACK_MS } from './plan.ts'
import { RETENTION_SETTINGS, type RetentionSettings } from './settings.ts'

export type RetentionReconcilerInput = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly settings?: Partial<RetentionSettings>
  readonly limits?: Partial<LoopLimits>
  readonly onBug?: (error: unknown) => void
}

/** A kind of row that goes when it is old: where to find it by hour, and since when it is over. */
type Expiry = { readonly afterMs: number; readonly find: (reader: Reader, limit: Limit) => IteratorObject<Deletion> }
type Deletion = (tx: Transaction) => void
type Limit = { readonly cutoff: number; readonly lookBackMs: number }

export const retentionReconciler = (input: RetentionReconcilerInput): Reconciler => {
  const { store, clock, ids, log, onBug } = input
  const settings = { ...RETENTION_SETTINGS, ...input.settings }
  const expiries = expiriesOf(settings)
  const lookedAt = new Set<string>()

  const expire = async (kind: string, { afterMs, find }: Expiry): Promise<RunResult> => {
    const lookBackMs = lookedAt.has(kind) ? LOOK_BACK_MS.later : LOOK_BACK_MS.first
    const limit = { cutoff: clock.now() - afterMs, lookBackMs }
    const found = find(store, limit).take(settings.rowsPerPass).toArray()
    if (found.length < settings.rowsPerPass) lookedAt.add(kind)
    if (found.length === 0) return {}
    await store.write(tx => {
      for (const deletion of found) deletion(tx)
    })
    return { did: `${kind}: deleted ${found.length}`, again: found.length >= settings.rowsPerPass }
  }

  // The key order of a service's events is their order in time: the first ones are the oldest.
  const trim = async (serviceArn: string): Promise<RunResult> => {
    const surplus = store.count(serviceEvents, 'byService', serviceArn) - settings.eventsKept
    if (surplus <= 0) return {}
    const count = Math.min(surplus, settings.rowsPerPass)
    const oldest = Iterator.from(store.byIndex(serviceEvents, 'byService', serviceArn)).take(count)
    const keys = oldest.map(serviceEvents.key).toArray()
    await store.write(tx => {
      for (const key of keys) tx.delete(serviceEvents, key)
    })
    return { did: `events: deleted ${count}`, again: surplus > count }
  }
  const tooMany = (serviceArn: string): boolean =>
    store.count(serviceEvents, 'byService', serviceArn) > settings.eventsKept + settings.eventsSlack

  const loop = startLoop({
    name: 'retention',
    clock,
    ids,
    log,
    limits: { ...LOOP_LIMITS, ...input.limits },
    keys: () => [
      ...Object.keys(expiries),
      ...Iterator.from(store.all(services))
        .map(({ arn }) => arn)
        .filter(tooMany),
    ],
    run: key => {
      const expiry = expiries[key]
      return expiry === undefined ? trim(key) : expire(key, expiry)
    },
    ...(onBug === undefined ? {} : { onBug }),
  })
  const unwatch = store.watch(changes => {
    for (const change of changes) {
      const event = changeOf(change, serviceEvents)?.after
      if (event !== undefined && tooMany(event.serviceArn)) loop.trigger(event.serviceArn)
    }
  })
  return {
    name: loop.name,
    status: loop.status,
    stop: () => {
      unwatch()
      return loop.stop()
    },
  }
}

const expiriesOf = (settings: RetentionSettings): Readonly<Record<string, Expiry>> => ({
  tasks: {
    afterMs: settings.stoppedTaskMs,
    find: (reader, limit) =>
      rowsPast(reader, limit, tasks, 'stoppedByHour', task => task.stoppedAt)
        .filter(task => isCounted(reader, task))
        .map(
          ({ arn }) =>
            tx =>
              tx.delete(tasks, arn),
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
        // There are no more than the loop keeps of one service: they go with it.
        for (const event of [...tx.byIndex(serviceEvents, 'byService', arn)])
          tx.delete(serviceEvents, serviceEvents.key(event))
      }),
  },
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
})

/** Rows that were over before the cutoff, oldest hours first. `overAt`: since when a row is over. */
function* rowsPast<Row>(
  reader: Reader,
  { cutoff, lookBackMs }: Limit,
  table: Table<Row>,
  index: string,
  overAt: (row: Row) => number | undefined,
): IteratorObject<Row, undefined> {
  for (const time of hoursUntil(cutoff, lookBackMs)) {
    const hour = hourOf(time)
    if (reader.count(table, index, hour) === 0) continue
    for (const row of reader.byIndex(table, index, hour)) if ((overAt(row) ?? cutoff) < cutoff) yield row
  }
}

// A deleted service's loop counts no more ends.
const isCounted = (reader: Reader, task: Task): boolean => {
  if (task.serviceArn === undefined || task.settled === true) return true
  const service = reader.get(services, task.serviceArn)
  return service === undefined || service.status === 'INACTIVE'
}
