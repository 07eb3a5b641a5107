// The instance loop's constants, each with its reason.

export type InstanceSettings = {
  /**
   * Silence after which an instance is lost and its service tasks are replaced elsewhere. AWS never replaces those of a lost
   * host by itself; 15 s outlasts a restart of an agent and a reconnection, and is short for those who wait.
   */
  readonly disconnectedAfterMs: number
  /** Task rows that one commit marks: a few milliseconds. */
  readonly tasksPerPass: number
}

export const INSTANCE_SETTINGS: InstanceSettings = { disconnectedAfterMs: 15_000, tasksPerPass: 500 }
