// Writes service events, in the transaction of what they tell of. Used by the deployment and the placement loop.
import { isDaemonArn } from '../domain/arn.ts'
import type { ServiceEvent } from '../domain/service.ts'
import type { Ids } from '../lib/ids.ts'
import type { Transaction } from '../store/store.ts'
import { serviceEvents } from '../store/tables.ts'

/** In this order, all at `now`. Several loops may tell in the same millisecond: the next free place is taken. */
export const tellEvents = (
  tx: Transaction,
  ids: Pick<Ids, 'uuid'>,
  serviceArn: string,
  messages: readonly string[],
  now: number,
): void => {
  // No operation shows a daemon's.
  if (isDaemonArn(serviceArn)) return
  let sequence = 0
  for (const message of messages) {
    const event = (): ServiceEvent => ({ id: ids.uuid(), serviceArn, sequence, createdAt: now, message })
    while (tx.get(serviceEvents, serviceEvents.key(event())) !== undefined) sequence++
    tx.put(serviceEvents, event())
  }
}
