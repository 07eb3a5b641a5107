// What an expression can ask about a container instance. Whoever evaluates one makes this; members that cost something are
// getters or functions there, so that only what an expression asks for is worked out.
import type { Attribute } from '@aws-sdk/client-ecs'

export type InstanceFacts = {
  readonly attributes: readonly Attribute[]
  readonly agentConnected: boolean
  readonly agentVersion: string | undefined
  readonly ec2InstanceId: string | undefined
  /** Milliseconds since 1970. */
  readonly registeredAt: number
  readonly runningTasksCount: number
  /** Whether a task of this group (`service:web`, `family:web`, ...) is on the instance and meant to stay. */
  readonly hasTaskGroup: (group: string) => boolean
  /** All such groups. */
  readonly taskGroups: () => Iterable<string>
}
