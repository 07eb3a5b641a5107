// A real HAProxy behind the real loop, over a store in memory: rows go in, requests come out. For load-balancer.test.ts.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TargetGroup, TargetHealth } from '../../../src/domain/load-balancing/target-group.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemIds } from '../../../src/lib/ids.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { loadBalancerReconciler } from '../../../src/reconcilers/load-balancer/reconciler.ts'
import type { LoadBalancerSettings } from '../../../src/reconcilers/load-balancer/settings.ts'
import type { Reconciler } from '../../../src/reconcilers/loop.ts'
import { loadBalancingTables, targetHealth } from '../../../src/store/load-balancing-tables.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Table } from '../../../src/store/table.ts'
import { testStore } from '../../../src/store/test-store.ts'
import { waitFor } from '../wait-for.ts'

export type Plane = {
  readonly folder: string
  readonly store: Store
  /** Puts rows of any of load balancing's tables. */
  readonly put: <Row>(table: Table<Row>, ...rows: readonly Row[]) => Promise<void>
  readonly healthOf: (group: TargetGroup) => readonly TargetHealth[]
  readonly healthy: (group: TargetGroup, count: number) => Promise<unknown>
  /** Ends the loop as a crash would, HAProxy left running; starts another one. */
  readonly restart: () => Promise<void>
  readonly masterPid: () => Promise<number>
  readonly loop: () => Reconciler
  readonly dispose: () => Promise<void>
}

export const startPlane = async (settings: Partial<LoadBalancerSettings> = {}): Promise<Plane> => {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-lb-'))
  const store = await testStore({ tables: loadBalancingTables })
  const start = () =>
    loadBalancerReconciler({
      ...{ store, clock: systemClock(), ids: systemIds(), log: silentLog },
      settings: { folder, ...settings },
    })
  let loop = start()
  const masterPid = async () => Number((await readFile(join(folder, 'haproxy.pid'), 'utf8')).trim())
  const healthOf = (group: TargetGroup) => [...store.byIndex(targetHealth, 'byTargetGroup', group.arn)]
  return {
    ...{ folder, store, masterPid, healthOf },
    put: (table, ...rows) =>
      store.write(tx => {
        for (const row of rows) tx.put(table, row)
      }),
    healthy: (group, count) =>
      waitFor(
        `${count} healthy targets`,
        async () => healthOf(group).filter(({ state }) => state === 'healthy').length === count || undefined,
      ),
    restart: async () => {
      await loop.stop()
      loop = start()
    },
    loop: () => loop,
    dispose: async () => {
      await loop.stop()
      const pid = await masterPid().catch(() => undefined)
      if (pid !== undefined) end(pid)
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const end = (pid: number, signal: NodeJS.Signals = 'SIGTERM'): void => {
  try {
    process.kill(pid, signal)
  } catch {}
}

export type Backend = { readonly port: number; readonly server: Server; readonly close: () => Promise<void> }

/** Says its name. */
export const startBackend = async (name: string, answer?: RequestListener): Promise<Backend> => {
  const server = createServer(answer ?? ((_request, response) => response.end(name)))
  // Its own end of an idle connection must not come just as a request does.
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ port, server },
    close: async () => {
      server.closeAllConnections()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    },
  }
}

export const unique = (): string => randomBytes(4).toString('hex')
