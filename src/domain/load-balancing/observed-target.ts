// A target as the data plane sees it just now. Before: load-balancer/, which reads it from HAProxy. After: the load-balancer
// loop's plan, which compares it with what was asked for.
import type { TargetHealthReasonEnum } from '@aws-sdk/client-elastic-load-balancing-v2'

export type ObservedTarget = {
  /** `<id>:<port>` */
  readonly name: string
  /** `<address>:<port>` */
  readonly address: string
  /** `initial`: checked, given no requests. `known`: it was seen healthy, or failed for long enough to be unhealthy. */
  readonly phase: 'initial' | 'known'
  readonly admin: 'ready' | 'drain' | 'maintenance'
  /** By its thresholds; of an initial one, by its last check. */
  readonly up: boolean
  /** What the last check found. */
  readonly check: CheckResult
  /** Requests and connections under way, in HAProxy processes that end too. */
  readonly sessions: number
}

export type CheckResult =
  | { readonly result: 'none' | 'passed' }
  | { readonly result: 'failed'; readonly reason: TargetHealthReasonEnum; readonly description: string }
