// The HTTP side towards clients of one address and port: which load balancer a request is for, which rule it meets, and what
// follows. Directives run in order; `txn.l` is the listener, `txn.r` the rule, `txn.b` the section that gets the request.
// Before: render.ts. After: backend.ts, the sections.
import { forwardsOf, type Rule } from '../../domain/load-balancing/load-balancer.ts'
import { idleTimeoutOf, isOn } from '../attributes.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf, sectionOf } from '../names.ts'
import { CAPTURES, isLogged, logLines, silenced } from './access-log.ts'
import { endingDirectives, SERVER } from './actions.ts'
import { aclsOf, hostPathRegex, hostPatternsOf } from './conditions.ts'
import type { Files } from './files.ts'
import { responseHeaders } from './response-headers.ts'
import { lines } from './text.ts'
import { tlsOptions } from './tls.ts'
import { drawDirectives, isWeighted } from './weights.ts'

const html = (title: string): string =>
  `content-type text/html string '<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>'`

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
const REFUSALS = [
  `return status 400 ${html('400 Bad Request')} ${SERVER} if !{ req.fhdr(host) -m found } { req.ver 1.1 }`,
  `return status 405 ${html('405 Not Allowed')} ${SERVER} if METH_TRACE`,
  `return status 463 ${html('463')} ${SERVER} if { req.hdr_cnt(x-forwarded-for) gt 30 }`,
]

const HOST = 'req.hdr(host),host_only,lower'

/** Several load balancers on one port are told apart by Host: their own names, then the host conditions of their rules. */
const chooseListener = (port: string, listeners: readonly PlacedListener[], files: Files): readonly string[] => {
  const names = files.map(
    `hosts-${port}.map`,
    listeners.map(({ listener, loadBalancer }) => [loadBalancer.dnsName, idOf(listener.arn)]),
  )
  const patterns = listeners.flatMap(({ listener, rules }) =>
    rules.flatMap(hostPatternsOf).map(pattern => [pattern.toLowerCase(), idOf(listener.arn)] as const),
  )
  const byPattern = files.map(`host-patterns-${port}.map`, patterns)
  return lines(
    `set-var(txn.l) ${HOST},map_str(${names})`,
    patterns.length > 0 && `set-var(txn.l) ${HOST},map_reg(${byPattern}) if !{ var(txn.l) -m found }`,
    `return status 404 ${html('404 Not Found')} ${SERVER} if !{ var(txn.l) -m found }`,
  )
}

/** Runs of rules that ask for host and path alone are one map each; between them, in the order of priority, the others. */
const chooseRule = (placed: PlacedListener, guard: string, files: Files): readonly string[] => {
  const id = idOf(placed.listener.arn)
  const open = `if ${guard}!{ var(txn.r) -m found }`
  const directives: string[] = []
  let run: (readonly [string, string])[] = []
  const endRun = () => {
    if (run.length === 0) return
    const map = files.map(`rules-${id}-${directives.length}.map`, run)
    directives.push(`set-var(txn.r) var(txn.hp),map_reg(${map}) ${open}`)
    run = []
  }
  for (const rule of placed.rules) {
    const regex = rule.isDefault ? undefined : hostPathRegex(rule)
    if (regex !== undefined) {
      run.push([regex, idOf(rule.arn)])
      continue
    }
    endRun()
    directives.push(
      `set-var(txn.r) str(${idOf(rule.arn)}) ${[open, ...(rule.isDefault ? [] : aclsOf(rule))].join(' ')}`,
    )
  }
  endRun()
  return directives
}

const needsHostPath = (rules: readonly Rule[]): boolean =>
  rules.some(rule => !rule.isDefault && hostPathRegex(rule) !== undefined)

const forwardDirectives = (port: string, rules: readonly Rule[], files: Files): readonly string[] => {
  const single = rules.filter(rule => forwardsOf(rule).length === 1)
  const map = files.map(
    `sections-${port}.map`,
    single.map(rule => [idOf(rule.arn), sectionOf(forwardsOf(rule)[0]?.targetGroupArn ?? '')]),
  )
  return lines(`set-var(txn.b) var(txn.r),map_str(${map})`, drawDirectives(rules, files, 'http'))
}

type Only = { readonly section: string; readonly rule: string }

/** All there is to decide is known beforehand: one load balancer, one rule, one target group. */
const onlyOne = (listeners: readonly PlacedListener[]): Only | undefined => {
  const [rule, ...others] = listeners.flatMap(({ rules }) => rules)
  if (rule === undefined || others.length > 0 || isWeighted(rule)) return undefined
  const [forward] = forwardsOf(rule)
  return forward && { section: sectionOf(forward.targetGroupArn), rule: idOf(rule.arn) }
}

const decide = (port: string, listeners: readonly PlacedListener[], files: Files): readonly string[] => {
  const rules = listeners.flatMap(placed => placed.rules)
  const several = listeners.length > 1
  return lines(
    several && chooseListener(port, listeners, files),
    listeners.some(isLogged) && silenced(listeners),
    needsHostPath(rules) && `set-var-fmt(txn.hp) "%[${HOST}]|%[path]"`,
    listeners.flatMap(placed =>
      chooseRule(placed, several ? `{ var(txn.l) -m str ${idOf(placed.listener.arn)} } ` : '', files),
    ),
    rules.flatMap(rule => endingDirectives(rule, files)),
    forwardDirectives(port, rules, files),
    // All weights are 0.
    `return status 503 ${html('503 Service Temporarily Unavailable')} ${SERVER} if !{ var(txn.b) -m found }`,
  )
}

export const httpFrontend = (listeners: readonly PlacedListener[], files: Files): readonly string[] => {
  const [first] = listeners
  if (first === undefined) return []
  const at = `${first.address}:${first.listener.port}`
  const port = `${first.address}-${first.listener.port}`
  const idle = Math.max(...listeners.map(({ loadBalancer }) => idleTimeoutOf(loadBalancer)))
  const http2 = listeners.every(({ loadBalancer }) => isOn(loadBalancer, 'routing.http2.enabled'))
  const tls = tlsOptions(listeners, http2 ? 'h2,http/1.1' : 'http/1.1', files)
  // Clear text is HTTP/1 alone: HTTP/2 comes by ALPN.
  const bind = `bind ${at}${tls === '' ? ' proto h1' : tls}`
  const only = onlyOne(listeners)
  const logged = listeners.some(isLogged)
  const directives = lines(
    logged && CAPTURES,
    REFUSALS,
    only === undefined && decide(port, listeners, files),
    // After the rules, whose conditions are about what the client sent. Here they are constants, and cost little.
    `set-header X-Forwarded-Proto ${tls === '' ? 'http' : 'https'}`,
    `set-header X-Forwarded-Port ${first.listener.port}`,
  )
  return [
    `frontend ${at}`,
    ...lines(
      bind,
      'mode http',
      logged && logLines(listeners, only?.rule),
      `timeout client ${idle}s`,
      `timeout http-request ${idle}s`,
      `timeout http-keep-alive ${idle}s`,
      directives.map(directive => `http-request ${directive}`),
      responseHeaders(listeners),
      only === undefined ? 'use_backend %[var(txn.b)]' : `default_backend ${only.section}`,
    ).map(line => `  ${line}`),
  ]
}
