// The load-balancer loop's constants, each with its reason.

export type LoadBalancerSettings = {
  /** Where HAProxy's files are. */
  readonly folder: string
  /** Addresses that load balancers listen on: each takes one. */
  readonly addresses: readonly string[]
  /** Where HAProxy is looked for; the usual places when absent. */
  readonly programs?: readonly string[]
  /**
   * Changes of listeners, rules, groups and certificates after a reload wait until none has come for so long, and share the next
   * one: a reload takes 50-100 ms, and leaves a process that ends.
   */
  readonly structureRestMs: number
  /** However they keep coming, the next reload is no later after the last. One that comes after a longer pause waits for nothing. */
  readonly structureMostMs: number
  /**
   * How long after a reload a process that ends may have requests by the rules from before it: a client's connection idles for
   * no longer than this. Weights count as those of the data plane only then, or when there is no such process.
   */
  readonly endingMs: number
  /** The longest wait after a look that failed: until HAProxy is told, targets that go would still get requests. */
  readonly mostBackoffMs: number
  /** How soon a port that was taken is tried again. */
  readonly portRetryMs: number
  /** How often a target that drains is asked for its requests: how much later than its last request its task may end. */
  readonly drainLookMs: number
  /** AWS's. How often the access logs are brought to where they are to go. */
  readonly accessLogsMs: number
  /** Findings of checks of one group within this time share a look at it. */
  readonly healthRestMs: number
}

export const LOAD_BALANCER_SETTINGS: Omit<LoadBalancerSettings, 'folder' | 'addresses'> = {
  structureRestMs: 200,
  structureMostMs: 3_000,
  endingMs: 65_000,
  mostBackoffMs: 2_000,
  portRetryMs: 1_000,
  drainLookMs: 100,
  accessLogsMs: 5 * 60_000,
  healthRestMs: 20,
}
