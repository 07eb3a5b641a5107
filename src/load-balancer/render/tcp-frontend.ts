// The side towards clients of a network load balancer's listener: a port of its own, no rule but the default one.
// Before: render.ts. After: backend.ts.
import { forwardsOf } from '../../domain/load-balancing/load-balancer.ts'
import { tcpIdleTimeoutOf } from '../attributes.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf, sectionOf } from '../names.ts'
import type { Files } from './files.ts'
import { lines } from './text.ts'
import { tlsOptions } from './tls.ts'
import { drawDirectives, isWeighted } from './weights.ts'

export const tcpFrontend = (placed: PlacedListener, files: Files): readonly string[] => {
  const { listener, address, rules } = placed
  const at = `${address}:${listener.port}`
  const rule = rules.find(({ isDefault }) => isDefault)
  const [forward] = rule === undefined ? [] : forwardsOf(rule)
  const alpn = { HTTP1Only: 'http/1.1', HTTP2Only: 'h2', HTTP2Optional: 'http/1.1,h2', HTTP2Preferred: 'h2,http/1.1' }
  const offered = Object.entries(alpn).find(([name]) => name === listener.alpnPolicy?.[0])?.[1]
  const weighted = rule !== undefined && isWeighted(rule)
  const draws = weighted ? [`set-var(txn.r) str(${idOf(rule.arn)})`, ...drawDirectives(rules, files, 'tcp')] : []
  return [
    `frontend ${at}`,
    ...lines(
      `bind ${at}${tlsOptions([placed], offered, files)}`,
      'mode tcp',
      `timeout client ${tcpIdleTimeoutOf(listener)}s`,
      draws.map(directive => `tcp-request content ${directive}`),
      weighted
        ? ['tcp-request content reject if !{ var(txn.b) -m found }', 'use_backend %[var(txn.b)]']
        : forward && `default_backend ${sectionOf(forward.targetGroupArn)}`,
    ).map(line => `  ${line}`),
  ]
}
