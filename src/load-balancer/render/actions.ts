// What a rule does with a request that it meets, other than forwarding: redirects and fixed responses.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import { idOf } from '../names.ts'
import type { Files } from './files.ts'
import { literal } from './text.ts'

export const SERVER = 'hdr Server awselb/2.0'

/** `http-request` directives that end a request which met this rule; none for one that forwards. */
export const endingDirectives = (rule: Rule, files: Files): readonly string[] => {
  const met = `if { var(txn.r) -m str ${idOf(rule.arn)} }`
  const action = rule.actions.find(({ Type }) => Type === 'redirect' || Type === 'fixed-response')
  if (action?.Type === 'redirect') return redirects(action, met)
  if (action?.Type !== 'fixed-response') return []
  const { StatusCode = '200', ContentType = 'text/plain', MessageBody = '' } = action.FixedResponseConfig ?? {}
  if (MessageBody === '') return [`return status ${StatusCode} ${SERVER} ${met}`]
  // A file: a body may have line ends, and be longer than a line of the configuration may.
  const file = files.add(`body-${idOf(rule.arn)}.txt`, MessageBody)
  return [`return status ${StatusCode} content-type ${ContentType} file ${file} ${SERVER} ${met}`]
}

const PLACES: Readonly<Record<string, string>> = {
  protocol: '%[ssl_fc,iif(https,http)]',
  host: '%[req.hdr(host),host_only]',
  port: '%[dst_port]',
  path: '%[path,regsub(^/,)]',
  query: '%[query]',
}

const filled = (text: string): string =>
  text
    .split(/(#\{[a-z]+\})/)
    .map(part => PLACES[/^#\{([a-z]+)\}$/.exec(part)?.[1] ?? ''] ?? literal(part))
    .join('')

const redirects = ({ RedirectConfig: config }: Action, met: string): readonly string[] => {
  const {
    Protocol = '#{protocol}',
    Host = '#{host}',
    Port = '#{port}',
    Path = '/#{path}',
    Query = '#{query}',
  } = config ?? {}
  const code = config?.StatusCode === 'HTTP_301' ? 301 : 302
  const scheme = Protocol === '#{protocol}' ? Protocol : Protocol.toLowerCase()
  const location = filled(`${scheme}://${Host}:${Port}${Path}`)
  const to = (query: string, condition: string): string =>
    `return status ${code} ${SERVER} hdr Location "${location.replaceAll('"', '\\"')}${query}" ${met}${condition}`
  if (Query === '') return [to('', '')]
  const query = `?${filled(Query).replaceAll('"', '\\"')}`
  if (Query !== '#{query}') return [to(query, '')]
  return [to(query, ' { query -m found } !{ query -m len 0 }'), to('', '')]
}
