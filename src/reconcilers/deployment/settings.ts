// The deployment loop's constants: how long, how many, how often. Each with where it comes from.
import type { BackoffPolicy } from '../../lib/backoff.ts'

export type DeploymentSettings = {
  /**
   * While a deployment is in progress, a task without a health check counts as healthy this long after it reached RUNNING.
   * AWS waits 40 s; most that fail at start have failed within three.
   */
  readonly healthyAfterMs: number
  /** Tasks started by one commit. AWS starts 500 a minute for a service; a commit of this size takes some 3 ms. */
  readonly startsPerPass: number
  /** Tasks asked to stop by one commit. */
  readonly stopsPerPass: number
  /** Starts that failed in a row before the next waits, and how long it waits then. AWS's longest wait is 27 minutes. */
  readonly failedStarts: { readonly atOnce: number; readonly backoff: BackoffPolicy }
  /**
   * The same for tasks that reach RUNNING and exit by themselves within `withinMs`. AWS starts those again and again without
   * a pause. A crash now and then must be replaced at once, so several come first.
   */
  readonly crashes: { readonly atOnce: number; readonly withinMs: number; readonly backoff: BackoffPolicy }
  /**
   * After a run, signals for the service gather for a millisecond for every so many of its tasks: a run looks at all of them,
   * in a microsecond or less each, so that a service of any size, each of whose tasks reports, takes half a percent of the loop.
   */
  readonly tasksPerRestMs: number
  /** A service whose zones could not be evened out is left alone this long; AWS does not say how often it tries. */
  readonly rebalanceAgainMs: number
  /**
   * How long the circuit breaker waits for a load balancer that failed, or for a listener that uses the target group, while
   * tasks run that nobody can check. AWS has no such wait: its load balancers do not fail for the want of a port.
   */
  readonly hopelessAfterMs: number
  /**
   * How long the replacement of an unhealthy task must have found no room before the unhealthy one goes first: placement has looked
   * again by then, at what the task that was stopped last has left.
   */
  readonly crowdedAfterMs: number
  /**
   * How long, and of how many container instances, a deployment remembers that a task of it failed to start there: its next ones go
   * elsewhere where they can. AWS does not say what it does.
   */
  readonly shunsInstanceMs: number
  readonly shunnedInstances: number
  /** Failures in a row after which a service event says so. AWS does not say how many it takes. */
  readonly failuresBeforeEvent: number
}

export const DEPLOYMENT_SETTINGS: DeploymentSettings = {
  healthyAfterMs: 3_000,
  startsPerPass: 125,
  stopsPerPass: 100,
  failedStarts: { atOnce: 1, backoff: { firstMs: 1_000, mostMs: 27 * 60_000, factor: 2, jitter: 0.2 } },
  crashes: { atOnce: 5, withinMs: 10_000, backoff: { firstMs: 1_000, mostMs: 5 * 60_000, factor: 2, jitter: 0.2 } },
  tasksPerRestMs: 5,
  rebalanceAgainMs: 60_000,
  hopelessAfterMs: 60_000,
  crowdedAfterMs: 1_000,
  shunsInstanceMs: 5 * 60_000,
  shunnedInstances: 20,
  failuresBeforeEvent: 3,
}
