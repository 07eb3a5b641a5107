import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, test } from 'node:test'
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'
import { type Desired, type PlacedListener, serverOf } from '../desired.ts'
import { forward, groupRow, listenerRow, loadBalancerRow, restartIds, ruleRow, targetRow } from '../testing/rows.ts'
import { digestOf, pathsIn, render } from './render.ts'

const PATHS = pathsIn('/data/load-balancer')

/** Set STOWAGE_WRITE_GOLDEN=1 to write the golden files anew; read the difference before you commit it. */
const golden = (name: string, text: string): void => {
  const file = join(import.meta.dirname, 'golden', `${name}.txt`)
  if (process.env['STOWAGE_WRITE_GOLDEN']) writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'))
}

const textOf = (desired: Desired, targets: readonly TargetGroup[] = []): string => {
  const groups = new Map(
    targets.map((group, place) => [group.arn, [serverOf(targetRow(group, 8_080 + place), 'known')]]),
  )
  const { files } = render(desired, PATHS, arn => groups.get(arn) ?? [])
  return files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, content }) => `=== ${path}\n${content}`)
    .join('\n')
}

const placed = (
  over: Pick<PlacedListener, 'listener' | 'loadBalancer' | 'rules'> & Partial<PlacedListener>,
): PlacedListener => ({ address: '127.0.0.1', certificates: [], ...over })

const application = () => {
  const loadBalancer = loadBalancerRow('web')
  return { loadBalancer, listener: listenerRow(loadBalancer, 80) }
}

const desiredOf = (listeners: readonly PlacedListener[], groups: readonly TargetGroup[]): Desired => ({
  listeners,
  groups: groups.map(group => ({ group, loadBalancer: listeners[0]?.loadBalancer ?? loadBalancerRow('none') })),
})

describe('the configuration of', () => {
  beforeEach(restartIds)

  test('one listener that forwards everything to one group', () => {
    const { loadBalancer, listener } = application()
    const group = groupRow('web')
    const rules = [ruleRow(listener, forward({ [group.arn]: 1 }))]
    golden('forward', textOf(desiredOf([placed({ listener, loadBalancer, rules })], [group]), [group]))
  })

  test('rules of every kind, in their order', () => {
    const { loadBalancer, listener } = application()
    const [blue, green] = [groupRow('blue'), groupRow('green', { attributes: { 'stickiness.enabled': 'true' } })]
    const when = (priority: number, field: string, config: object): Parameters<typeof ruleRow>[2] => ({
      priority,
      conditions: [{ Field: field, ...config }],
    })
    const move = {
      Type: 'redirect',
      RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
    } as const
    const say = {
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '200', MessageBody: "it's\nfine" },
    } as const
    const both = forward({ [blue.arn]: 90, [green.arn]: 10 }, { seconds: 60 })
    const rules: readonly Rule[] = [
      ruleRow(
        listener,
        forward({ [blue.arn]: 1 }),
        when(1, 'path-pattern', { PathPatternConfig: { Values: ['/a/*', '/b?c.x'] } }),
      ),
      ruleRow(listener, both, when(2, 'host-header', { HostHeaderConfig: { Values: ['*.Example.com'] } })),
      ruleRow(listener, say, when(3, 'http-header', { HttpHeaderConfig: { HttpHeaderName: 'X-Y', Values: ["a'b*"] } })),
      ruleRow(
        listener,
        move,
        when(4, 'query-string', { QueryStringConfig: { Values: [{ Key: 'a', Value: 'b*' }, { Value: '\\*' }] } }),
      ),
      ruleRow(
        listener,
        forward({ [green.arn]: 1 }),
        when(5, 'path-pattern', { PathPatternConfig: { Values: ['/z'] } }),
      ),
      ruleRow(listener, forward({ [green.arn]: 1 })),
    ]
    golden('rules', textOf(desiredOf([placed({ listener, loadBalancer, rules })], [blue, green]), [blue, green]))
  })

  test('two load balancers on one port, with TLS and certificates by name', () => {
    const one = loadBalancerRow('one')
    const two = loadBalancerRow('two')
    const group = groupRow('web', { protocolVersion: 'GRPC' })
    const certificate = (name: string): Certificate => ({
      arn: `arn:aws:acm:us-east-1:000000000000:certificate/${name}`,
      ...{ certificatePem: `pem of ${name}`, privateKeyPem: `key of ${name}`, domainNames: [name] },
      ...{ notBefore: 0, notAfter: 1, tags: [], importedAt: 1, createdAt: 1 },
    })
    const listeners = [one, two].map(loadBalancer => {
      const listener = listenerRow(loadBalancer, 443, {
        protocol: 'HTTPS',
        sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      })
      const rules = [ruleRow(listener, forward({ [group.arn]: 1 }))]
      return placed({
        listener,
        loadBalancer,
        rules,
        certificates: [certificate(loadBalancer.name), certificate('shared')],
      })
    })
    golden('tls', textOf(desiredOf(listeners, [group])))
  })

  test('a network load balancer', () => {
    const loadBalancer = loadBalancerRow('net', { type: 'network' })
    const listener = listenerRow(loadBalancer, 5_432)
    const group = groupRow('db', {
      protocol: 'TCP',
      healthCheck: { protocol: 'TCP' },
      attributes: { 'stickiness.enabled': 'true' },
    })
    const rules = [ruleRow(listener, forward({ [group.arn]: 1 }))]
    golden('network', textOf(desiredOf([placed({ listener, loadBalancer, rules })], [group]), [group]))
  })
})

describe('the digest', () => {
  test('is the same for other weights, another for another rule or check', () => {
    const { loadBalancer, listener } = application()
    const [blue, green] = [groupRow('blue'), groupRow('green')]
    const rule = ruleRow(listener, forward({ [blue.arn]: 1, [green.arn]: 1 }))
    const of = (rules: readonly Rule[], group = blue) =>
      digestOf(desiredOf([placed({ listener, loadBalancer, rules })], [group, green]), PATHS)
    const weighed = { ...rule, actions: [forward({ [blue.arn]: 5, [green.arn]: 0 })] }
    const other = ruleRow(listener, forward({ [blue.arn]: 1 }), { priority: 1 })
    const slower = { ...blue, healthCheck: { ...blue.healthCheck, intervalSeconds: 5 } }
    assert.equal(of([weighed]), of([rule]))
    assert.notEqual(of([other, rule]), of([rule]))
    assert.notEqual(of([rule], slower), of([rule]))
  })
})
