// The load-balancer loop where HAProxy runs and cannot be asked; all else of it is test/e2e/load-balancer.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../lib/clock.ts'
import { seededIds } from '../../lib/ids.ts'
import { silentLog } from '../../lib/log.ts'
import {
  forward,
  groupRow,
  listenerRow,
  loadBalancerRow,
  ruleRow,
  targetRow,
} from '../../load-balancer/testing/rows.ts'
import {
  listeners,
  loadBalancers,
  loadBalancingTables,
  rules,
  targetGroups,
  targets,
} from '../../store/load-balancing-tables.ts'
import { testStore } from '../../store/test-store.ts'
import { loadBalancerReconciler } from './reconciler.ts'

test('a target that drains is not given up by a loop that starts and has not seen yet what HAProxy does', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-loop-'))
  t.after(() => rm(folder, { recursive: true }))
  // It says that it runs; its worker has no socket.
  const master = createServer(socket =>
    socket.end('1 master 0 [failed: 0] 0d00h00m01s 2.6.12\n# workers\n2 worker 1\n'),
  )
  master.listen(join(folder, 'master.sock'))
  await once(master, 'listening')
  t.after(() => master.close())
  const store = await testStore({ tables: loadBalancingTables })
  t.after(() => store.close())
  const [loadBalancer, group] = [loadBalancerRow('web'), groupRow('web')]
  const listener = listenerRow(loadBalancer, 80)
  const leaving = targetRow(group, 8080, { deregisteredAt: 1 })
  await store.write(tx => {
    tx.put(loadBalancers, loadBalancer)
    tx.put(targetGroups, group)
    tx.put(listeners, listener)
    tx.put(rules, ruleRow(listener, forward({ [group.arn]: 1 })))
    tx.put(targets, leaving)
  })
  const loop = loadBalancerReconciler({
    ...{ store, clock: systemClock(), ids: seededIds(1), log: silentLog },
    settings: { folder },
  })
  t.after(() => loop.stop())
  const haveRun = () => loop.status().lastResult?.startsWith('failed') === true && loop.status().backlog === 0
  while (!haveRun()) await new Promise(setImmediate)
  assert.ok(store.get(targets, targets.key(leaving)))
})
