// A task definition: what RegisterTaskDefinition made of its input, with defaults filled. Never changes but for status.
import type {
  Compatibility,
  ContainerDefinition,
  EphemeralStorage,
  IpcMode,
  NetworkMode,
  PidMode,
  RuntimePlatform,
  Tag,
  TaskDefinitionPlacementConstraint,
  Volume,
} from '@aws-sdk/client-ecs'

export type TaskDefinition = {
  readonly arn: string
  readonly family: string
  readonly revision: number
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS'
  readonly containerDefinitions: readonly ContainerDefinition[]
  readonly volumes: readonly Volume[]
  readonly placementConstraints: readonly TaskDefinitionPlacementConstraint[]
  /** As sent; absent means bridge (`networkModeOf`). */
  readonly networkMode?: NetworkMode
  readonly pidMode?: PidMode
  readonly ipcMode?: IpcMode
  readonly requiresAttributes: readonly string[]
  readonly compatibilities: readonly Compatibility[]
  readonly requiresCompatibilities?: readonly Compatibility[]
  /** CPU units and MiB as AWS answers them: decimal strings. */
  readonly cpu?: string
  readonly memory?: string
  readonly taskRoleArn?: string
  readonly executionRoleArn?: string
  readonly runtimePlatform?: RuntimePlatform
  readonly ephemeralStorage?: EphemeralStorage
  readonly tags: readonly Tag[]
  readonly registeredAt: number
  readonly registeredBy: string
  readonly deregisteredAt?: number
  readonly deleteRequestedAt?: number
}

/** A family and the number its newest revision got; the counter survives the revisions. */
export type TaskDefinitionFamily = {
  /** `<region>/<family>` */
  readonly key: string
  readonly family: string
  readonly region: string
  readonly lastRevision: number
}

export const networkModeOf = (definition: Pick<TaskDefinition, 'networkMode'>): NetworkMode =>
  definition.networkMode ?? 'bridge'

/** What a task of this definition takes from its instance. Ports: fixed host ports only; dynamic ones are the host's to give. */
export type Reservation = {
  /** CPU units, 1024 a core. */
  readonly cpu: number
  /** MiB. */
  readonly memory: number
  readonly ports: readonly number[]
  readonly portsUdp: readonly number[]
  /** GPUs; absent for none. */
  readonly gpus?: number
}
