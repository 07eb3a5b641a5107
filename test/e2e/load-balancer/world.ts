// One load balancer with one listener and target groups as wanted, on a plane; and requests to it. For load-balancer.test.ts.
import { type IncomingHttpHeaders, request } from 'node:http'
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Listener, LoadBalancer, Rule } from '../../../src/domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../../src/domain/load-balancing/target-group.ts'
import {
  forward,
  groupRow,
  listenerRow,
  loadBalancerRow,
  ruleRow,
  targetRow,
} from '../../../src/load-balancer/testing/rows.ts'
import { listeners, loadBalancers, rules, targetGroups, targets } from '../../../src/store/load-balancing-tables.ts'
import { freePort } from '../stowage.ts'
import type { Backend, Plane } from './plane.ts'

export type World = {
  readonly loadBalancer: LoadBalancer
  readonly listener: Listener
  readonly group: TargetGroup
  readonly defaultRule: Rule
  readonly port: number
  readonly url: string
}

export type WorldOptions = {
  readonly name?: string
  readonly port?: number
  readonly loadBalancer?: Partial<LoadBalancer>
  readonly listener?: Partial<Listener>
  readonly group?: Parameters<typeof groupRow>[1]
}

/** A group whose targets answer soon. */
const CHECK = { intervalSeconds: 2, timeoutSeconds: 1, healthyThreshold: 2 }

export const makeWorld = async (
  plane: Plane,
  backends: readonly Backend[],
  options: WorldOptions = {},
): Promise<World> => {
  const name = options.name ?? 'web'
  const loadBalancer = loadBalancerRow(name, options.loadBalancer)
  const given = options.group ?? {}
  const group = groupRow(name, { ...given, healthCheck: { ...CHECK, ...given.healthCheck } })
  const port = options.port ?? (await freePort())
  const listener = listenerRow(loadBalancer, port, options.listener)
  const defaultRule = ruleRow(listener, forward({ [group.arn]: 1 }))
  await plane.store.write(tx => {
    tx.put(loadBalancers, loadBalancer)
    tx.put(targetGroups, group)
    tx.put(listeners, listener)
    tx.put(rules, defaultRule)
    for (const backend of backends) tx.put(targets, targetRow(group, backend.port))
  })
  if (backends.length > 0) await plane.healthy(group, backends.length)
  return { ...{ loadBalancer, listener, group, defaultRule, port }, url: `http://127.0.0.1:${port}/` }
}

/** A group of its own with one target, and its rule. */
export const addRule = async (
  plane: Plane,
  { listener }: World,
  backend: Backend,
  over: { readonly name: string; readonly priority: number; readonly conditions: readonly RuleCondition[] },
): Promise<Rule> => {
  const group = groupRow(over.name, { healthCheck: CHECK })
  const rule = ruleRow(listener, forward({ [group.arn]: 1 }), over)
  await plane.put(targetGroups, group)
  await plane.put(rules, rule)
  await plane.put(targets, targetRow(group, backend.port))
  await plane.healthy(group, 1)
  return rule
}

export const fixed = (text: string, StatusCode = '200'): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode, ContentType: 'text/plain', MessageBody: text },
})

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

export const send = (
  url: string,
  {
    method = 'GET',
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    asking.on('error', reject).end()
  })
