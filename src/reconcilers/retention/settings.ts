// The retention loop's constants: how long what is over stays, how many at a time.
import { TOKEN_LIFETIME_MS } from '../../domain/idempotency.ts'

export type RetentionSettings = {
  /** AWS shows stopped tasks for at least an hour. */
  readonly stoppedTaskMs: number
  /** INACTIVE services and clusters can be described for a while; AWS doesn't promise how long. */
  readonly inactiveMs: number
  /** A deployment that was replaced is not shown any more. */
  readonly inactiveDeploymentMs: number
  readonly clientTokenMs: number
  /** AWS keeps the newest 100 events of a service. */
  readonly eventsKept: number
  /** Events beyond those that may gather before the oldest are deleted: so not every new event costs a delete of its own. */
  readonly eventsSlack: number
  /** Rows deleted by one commit: a few milliseconds. */
  readonly rowsPerPass: number
}

const HOUR_MS = 3_600_000

export const RETENTION_SETTINGS: RetentionSettings = {
  stoppedTaskMs: HOUR_MS,
  inactiveMs: 24 * HOUR_MS,
  inactiveDeploymentMs: HOUR_MS,
  clientTokenMs: TOKEN_LIFETIME_MS,
  eventsKept: 100,
  eventsSlack: 20,
  rowsPerPass: 500,
}
