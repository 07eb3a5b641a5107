// The load balancer of a simulated world: a target group that a listener uses, and, in place of a data plane, somebody who
// observes targets' health and takes drained ones away, now and then wrongly or not at all. It lives and dies with the server.
import { type Target, targetKey } from '../../src/domain/load-balancing/target-group.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { groupArn, groupRow, healthRow, putLoadBalancer } from '../../src/reconcilers/testing/load-balancing-rows.ts'
import { targetGroups, targetHealth, targets } from '../../src/store/load-balancing-tables.ts'
import { changeOf, type Store } from '../../src/store/store.ts'
import type { Chance } from './chance.ts'
import type { Faults } from './faults.ts'

const NAME = 'web'

/** Of the container `app` of the workloads that have its port. */
export const BALANCED = [{ targetGroupArn: groupArn(NAME), containerName: 'app', containerPort: 80 }]

const CHECK_MS: readonly [number, number] = [50, 5_000]
const CHECK_AGAIN_MS: readonly [number, number] = [1_000, 30_000]
const DRAIN_MS: readonly [number, number] = [0, 15_000]
const UNHEALTHY = 0.1
/** Left to those who wait for the end of the deregistration delay. */
const FORGOTTEN = 0.1

export type LoadBalancerParts = {
  readonly store: Store
  readonly clock: Clock
  readonly chance: Chance
  readonly faults: Faults
}

export const simulatedLoadBalancer = ({ store, clock, chance, faults }: LoadBalancerParts): void => {
  // What fails to be written is tried again by the next process.
  const write = (fn: Parameters<Store['write']>[0]): void => void store.write(fn).catch(() => {})

  const observe = ({ registeredAt, ...target }: Target): void => {
    const key = targetKey(target)
    const row = store.get(targets, key)
    if (row?.registeredAt !== registeredAt || row.deregisteredAt !== undefined) return
    const state = faults.on() && chance.happens(UNHEALTHY) ? 'unhealthy' : 'healthy'
    if (store.get(targetHealth, key)?.state !== state)
      write(tx => {
        if (tx.get(targets, key)?.registeredAt === registeredAt) tx.put(targetHealth, healthRow(row, state))
      })
    if (faults.on() || state === 'unhealthy') clock.after(chance.between(...CHECK_AGAIN_MS), () => observe(row))
  }

  const drain = (row: Target): void => {
    if (chance.happens(FORGOTTEN)) return
    const key = targetKey(row)
    clock.after(chance.between(...DRAIN_MS), () =>
      write(tx => {
        if (tx.get(targets, key)?.deregisteredAt === undefined) return
        tx.delete(targets, key)
        tx.delete(targetHealth, key)
      }),
    )
  }

  const take = (row: Target): void => {
    if (row.deregisteredAt !== undefined) drain(row)
    else clock.after(chance.between(...CHECK_MS), () => observe(row))
  }

  if (store.get(targetGroups, groupArn(NAME)) === undefined)
    write(tx => putLoadBalancer(tx, groupRow(NAME, { attributes: { 'deregistration_delay.timeout_seconds': '10' } })))
  for (const row of store.all(targets)) take(row)
  store.watch(changes => {
    for (const change of changes) {
      const row = changeOf(change, targets)?.after
      if (row) take(row)
    }
  })
}
