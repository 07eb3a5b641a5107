// Requests of one client to one target: AWSALB, which the load balancer sets, or AWSALBAPP-0 where the application's cookie says
// for how long. The cookie has a token of the target, which a map leads to it: a target that drains loses its line, so that
// its clients go elsewhere with their next request.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
import { createHash } from 'node:crypto'
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'
import { isOn, numberOf, textOf } from '../attributes.ts'
import { sectionOf } from '../names.ts'
import type { Files } from './files.ts'

/** Token -> server. One map a section. */
export const tokensFile = (group: TargetGroup): string => `tokens-${sectionOf(group.arn)}.map`

const TOKEN_LENGTH = 16

/** Says nothing of the target's address. */
export const tokenOf = (group: TargetGroup, serverName: string): string =>
  createHash('sha256').update(`${group.arn}|${serverName}`).digest('hex').slice(0, TOKEN_LENGTH).toUpperCase()

export const isSticky = (group: TargetGroup): boolean =>
  isOn(group, 'stickiness.enabled') && (group.protocol === 'HTTP' || group.protocol === 'HTTPS')

export const stickinessLines = (group: TargetGroup, files: Files): readonly string[] => {
  if (!isSticky(group)) return []
  const application = textOf(group, 'stickiness.type') === 'app_cookie'
  const kind = application ? 'app_cookie' : 'lb_cookie'
  const seconds = numberOf(group, `stickiness.${kind}.duration_seconds`)
  const cookie = application ? 'AWSALBAPP-0' : 'AWSALB'
  const own = textOf(group, 'stickiness.app_cookie.cookie_name')
  const both = application ? ` { req.cook(${own}) -m found }` : ''
  const hash = `str(${group.arn}|),concat(,txn.srv),sha2(256),hex,bytes(0,${TOKEN_LENGTH})`
  const value = `%[var(txn.token)]~%[date(${seconds})]; Expires=%[date,http_date(604800)]; Path=/`
  const when = application ? ` if { res.cook(${own}) -m found }` : ''
  const cors = application ? [] : [`http-response add-header Set-Cookie "AWSALBCORS=${value}; SameSite=None; Secure"`]
  return [
    'http-request set-var(txn.now) date',
    `http-request set-var(txn.target) req.cook(${cookie}),field(1,~),map_str(${files.path(tokensFile(group))}) if { req.cook(${cookie}),field(2,~),sub(txn.now) gt 0 }${both}`,
    'use-server %[var(txn.target)] if { var(txn.target) -m found }',
    'http-response set-var(txn.srv) srv_name',
    `http-response set-var(txn.token) ${hash}`,
    `http-response add-header Set-Cookie "${cookie}=${value}"${when}`,
    ...cors,
  ]
}
