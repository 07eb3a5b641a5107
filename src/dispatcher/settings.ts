// The dispatcher's limits and periods, each with its reason. Tests set their own.

export type DispatcherSettings = {
  /**
   * After a start, instances count as connected as the last process left them for this long: agents come back within it, and
   * a RunTask right after a restart is placed, not refused. Its payload leaves when the agent is there.
   */
  readonly reconnectGraceMs: number
  /** Between two heartbeats on a link. An ECS agent closes a link that was silent for 60-120 s; ours is told twice as often. */
  readonly heartbeatMs: number
  /** Heartbeats without an answer after which a link is given up: a host that lost power is seen after two minutes at most. */
  readonly missedHeartbeats: number
  /**
   * Between two probes of an ACS link, which the other side's websocket answers by itself. With `missedProbes` it decides how
   * soon a host that lost power is noticed: between three and four periods after it was last heard.
   */
  readonly probeMs: number
  /** Probes without an answer after which a link is cut. */
  readonly missedProbes: number
  /** After this, a payload that was neither acknowledged nor settled by a report goes out again on the same link. */
  readonly redeliverAfterMs: number
  /** Payloads under way to one agent. More would only queue in its socket, and be sent in vain when the link drops. */
  readonly payloadsInFlight: number
  /** Tasks in one payload: an agent takes them in as one step, so a bigger one only delays its first task. */
  readonly tasksPerPayload: number
  /** Bytes in one payload, beyond its first task. */
  readonly payloadBytes: number
  /** Bytes in one frame from an agent: a stop verification names up to some 10,000 tasks; telemetry is at most 1 MiB. */
  readonly frameBytes: number
  /** Ignored frames that are logged, a link: one that sends nothing else must not fill the log. */
  readonly loggedBadFrames: number
  /** Tasks whose latest metrics are kept; about 1 kB each. */
  readonly tasksWithStats: number
}

export const DEFAULT_SETTINGS: DispatcherSettings = {
  reconnectGraceMs: 10_000,
  heartbeatMs: 30_000,
  missedHeartbeats: 3,
  probeMs: 3_750,
  missedProbes: 3,
  redeliverAfterMs: 60_000,
  payloadsInFlight: 8,
  tasksPerPayload: 100,
  payloadBytes: 256 * 1024,
  frameBytes: 4 * 1024 * 1024,
  loggedBadFrames: 10,
  tasksWithStats: 200_000,
}
