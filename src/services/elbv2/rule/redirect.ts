// A redirect: what of the URL changes, with `#{...}` for what stays.
// Before: actions.ts. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Listener } from '../../../domain/load-balancing/load-balancer.ts'
import { invalid, refusal } from '../context.ts'

const KEEP = { Protocol: '#{protocol}', Port: '#{port}', Host: '#{host}', Path: '/#{path}', Query: '#{query}' }

/** Which placeholders a component may hold. */
const PLACEHOLDERS: Readonly<Record<keyof typeof KEEP, readonly string[]>> = {
  Protocol: ['protocol'],
  Port: ['port'],
  Host: ['host'],
  Path: ['host', 'path', 'port'],
  Query: ['protocol', 'host', 'port', 'path', 'query'],
}

export const redirectOf = (protocol: Listener['protocol'], asked: RedirectActionConfig): RedirectActionConfig => {
  const { StatusCode } = asked
  if (StatusCode !== 'HTTP_301' && StatusCode !== 'HTTP_302') throw invalid('A redirect status code must be specified')
  const parts = {
    Protocol: asked.Protocol ?? KEEP.Protocol,
    Port: asked.Port ?? KEEP.Port,
    Host: asked.Host ?? KEEP.Host,
    Path: asked.Path ?? KEEP.Path,
    Query: asked.Query ?? KEEP.Query,
  }
  checkParts(parts)
  if (protocol === 'HTTPS' && parts.Protocol === 'HTTP')
    throw refusal('InvalidLoadBalancerAction', 'A redirect from HTTPS to HTTP is not supported')
  const { Protocol, Port, Host, Path } = parts
  const sameProtocol = Protocol === KEEP.Protocol || Protocol === protocol
  if (sameProtocol && Port === KEEP.Port && Host === KEEP.Host && Path === KEEP.Path)
    throw refusal('InvalidLoadBalancerAction', 'The redirect configuration is not valid because it creates a loop.')
  return { ...parts, StatusCode }
}

const checkParts = (parts: typeof KEEP): void => {
  if (!['HTTP', 'HTTPS', KEEP.Protocol].includes(parts.Protocol))
    throw invalid(`The redirect protocol '${parts.Protocol}' must be HTTP, HTTPS or #{protocol}`)
  const port = /^\d{1,5}$/.test(parts.Port) ? Number(parts.Port) : 0
  if (parts.Port !== KEEP.Port && (port < 1 || port > 65_535))
    throw invalid(`The redirect port '${parts.Port}' must be a port between 1 and 65535 or #{port}`)
  if (!/^\/[\x21-\x7e]{0,127}$/.test(parts.Path))
    throw invalid(`The redirect path '${parts.Path}' must begin with a '/' character`)
  if (!/^[\x21-\x7e]{1,128}$/.test(parts.Host)) throw invalid(`The redirect host '${parts.Host}' is not valid`)
  if (!/^(?!\?)[\x21-\x7e]{0,128}$/.test(parts.Query))
    throw invalid(`The redirect query '${parts.Query}' is not valid; it does not begin with a '?' character`)
  for (const [part, allowed] of Object.entries(PLACEHOLDERS) as [keyof typeof KEEP, readonly string[]][])
    for (const [, name = ''] of parts[part].matchAll(/#\{([^}]*)\}/g))
      if (!allowed.includes(name))
        throw invalid(`The redirect ${part.toLowerCase()} '${parts[part]}' cannot contain '#{${name}}'`)
}
