// The targets loop's constants: how many at a time, how long. Each with where it comes from.

export type TargetsSettings = {
  /** Tasks looked at by one commit: a few milliseconds, as the deployment loop's. */
  readonly tasksPerPass: number
  /**
   * A target that is still there this long after its deregistration delay is taken away by this loop: the load-balancer loop
   * has ended its requests by then, or there is none that could. So no task waits for ever to be stopped. Much longer than
   * that loop's longest back-off: a data plane that was not told yet still sends requests to the task.
   */
  readonly drainSlackMs: number
  /** When a registration that was refused (no address of the host yet, another task has the address) is tried again. */
  readonly againMs: number
}

export const TARGETS_SETTINGS: TargetsSettings = { tasksPerPass: 200, drainSlackMs: 60_000, againMs: 2_000 }
