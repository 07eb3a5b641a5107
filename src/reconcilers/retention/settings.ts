// The retention loop's constants: how long what is over stays, how many at a time.
import { TOKEN_LIFETIME_MS } from '../../domain/idempotency.ts'

export type RetentionSettings = {
  /** AWS shows stopped tasks for at least an hour; who looks into a failure the next day wants more. */
  readonly stoppedTaskMs: number
  /** No more than this many stopped tasks, but those of the last hour: at 2.1 kB each (one container, measured) they take 210 MB. */
  readonly stoppedTasksKept: number
  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html: the history of the last 90 days. */
  readonly serviceDeploymentMs: number
  /** INACTIVE services, clusters and container instances can be described for a while; AWS doesn't promise how long. */
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
const DAY_MS = 24 * HOUR_MS

export const RETENTION_SETTINGS: RetentionSettings = {
  stoppedTaskMs: 30 * DAY_MS,
  stoppedTasksKept: 100_000,
  serviceDeploymentMs: 90 * DAY_MS,
  inactiveMs: DAY_MS,
  inactiveDeploymentMs: HOUR_MS,
  clientTokenMs: TOKEN_LIFETIME_MS,
  eventsKept: 100,
  eventsSlack: 20,
  rowsPerPass: 500,
}
