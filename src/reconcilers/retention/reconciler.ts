// The retention loop: deletes what is over and has been shown long enough (expiries.ts says what), and old service events. One
// kind of row a run, a batch a commit.
// Before: whoever ended the row. After: nothing; the row is gone.
import { changeOf } from '../../store/store.ts'
import { serviceEvents, services } from '../../store/tables.ts'
import type { Reconciler, ReconcilerInput, RunResult } from '../loop.ts'
import { startReconciler } from '../start-reconciler.ts'
import { type Expiry, expiriesOf } from './expiries.ts'
import { LOOK_BACK_MS } from './plan.ts'
import { RETENTION_SETTINGS, type RetentionSettings } from './settings.ts'

export const retentionReconciler = (input: ReconcilerInput<RetentionSettings>): Reconciler => {
  const { store, clock } = input
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

  return startReconciler(input, {
    name: 'retention',
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
    touched: change => {
      const event = changeOf(change, serviceEvents)?.after
      return event !== undefined && tooMany(event.serviceArn) ? [event.serviceArn] : []
    },
  })
}
