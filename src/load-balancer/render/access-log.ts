// What HAProxy writes of each request where a load balancer has its access log on: a line to its standard output, which is a file
// (haproxy/process.ts). Raw: ids and times as HAProxy has them; access-log/line.ts makes AWS's line of it.
// Before: http-frontend.ts. After: access-log/deliver.ts.
import { isOn } from '../attributes.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf } from '../names.ts'

const USER_AGENT_BYTES = 512
const HOST_BYTES = 256
/** Of the request's first line, kept until its end; a longer one is cut. */
export const REQUEST_BYTES = 8192
const LINE_BYTES = 16_384

export const isLogged = ({ loadBalancer }: PlacedListener): boolean => isOn(loadBalancer, 'access_logs.s3.enabled')

/** Kept from the request as it came, for the line at its end. */
export const CAPTURES: readonly string[] = [
  `capture req.hdr(user-agent) len ${USER_AGENT_BYTES}`,
  `capture req.hdr(host) len ${HOST_BYTES}`,
]

/** Of load balancers that share a port only some may have a log. After the listener has been chosen. */
export const silenced = (listeners: readonly PlacedListener[]): string | false =>
  listeners.length > 1 &&
  !listeners.every(isLogged) &&
  `set-log-level silent unless { var(txn.l) -m str ${listeners
    .filter(isLogged)
    .map(({ listener }) => idOf(listener.arn))
    .join(' ')} }`

/** `rule`: the only one, where there is nothing to choose. */
export const logLines = (listeners: readonly PlacedListener[], rule: string | undefined): readonly string[] => {
  const [first, ...others] = listeners
  const listener = others.length > 0 ? '%[var(txn.l)]' : idOf(first?.listener.arn ?? '')
  const ids = `${listener} ${rule ?? '%[var(txn.r)]'} %b %s`
  const times = '%Ts %ms %TR %Tw %Tc %Tr %Ta'
  return [
    `log stdout len ${LINE_BYTES} format raw local0 info`,
    `log-format "${ids} ${times} %ci:%cp %si:%sp %ST %U %B %sslc %sslv %{+Q,+E}r %{+Q,+E}[capture.req.hdr(0)] %{+Q,+E}[capture.req.hdr(1)]"`,
  ]
}
