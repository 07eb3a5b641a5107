// Headers that a listener puts into every answer, its own too, or takes out of it: HSTS, CORS and the like, by its attributes.
// Before: http-frontend.ts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
import { RESPONSE_HEADERS } from '../../domain/load-balancing/attributes.ts'
import { isOn, textOf } from '../attributes.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf } from '../names.ts'
import { literal, quote } from './text.ts'

/** `Strict-Transport-Security` of `strict_transport_security`. */
const headerName = (name: string): string =>
  name.replaceAll(/(^|_)[a-z]/g, part => part.toUpperCase().replace('_', '-'))

export const responseHeaders = (listeners: readonly PlacedListener[]): readonly string[] =>
  listeners.flatMap(({ listener }) => {
    const guard = listeners.length > 1 ? ` if { var(txn.l) -m str ${idOf(listener.arn)} }` : ''
    const put = RESPONSE_HEADERS.flatMap(name => {
      const value = textOf(listener, `routing.http.response.${name}.header_value`)
      return value === '' ? [] : [`set-header ${headerName(name)} ${quote(literal(value))}${guard}`]
    })
    const server = isOn(listener, 'routing.http.response.server.enabled') ? [] : [`del-header Server${guard}`]
    return [...put, ...server].map(rule => `http-after-response ${rule}`)
  })
