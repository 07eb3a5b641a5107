// The data plane with a real HAProxy: what rows ask for is what clients get.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  forward,
  groupRow,
  listenerRow,
  loadBalancerRow,
  ruleRow,
  targetRow,
} from '../../src/load-balancer/testing/rows.ts'
import {
  listeners,
  loadBalancerStates,
  loadBalancers,
  rules,
  targetGroups,
  targets,
} from '../../src/store/load-balancing-tables.ts'
import { startBackend, startPlane } from './load-balancer/plane.ts'
import { freePort } from './stowage.ts'
import { waitFor } from './wait-for.ts'

describe('a load balancer', () => {
  test('forwards to a target from its first passed check on', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const lb = loadBalancerRow('web')
    const group = groupRow('web')
    const port = await freePort()
    const listener = listenerRow(lb, port)
    await plane.put(loadBalancers, lb)
    await plane.put(targetGroups, group)
    await plane.put(listeners, listener)
    await plane.put(rules, ruleRow(listener, forward({ [group.arn]: 1 })))
    await plane.put(targets, targetRow(group, backend.port))
    await plane.healthy(group, 1)
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    assert.deepEqual([answer.status, await answer.text()], [200, 'one'])
    await waitFor('active', async () => plane.store.get(loadBalancerStates, lb.arn)?.code === 'active' || undefined)
  })
})
