// A container instance: a host with an agent, registered into a cluster.
import type { Attribute, Tag, VersionInfo } from '@aws-sdk/client-ecs'

export type ContainerInstance = {
  readonly arn: string
  readonly id: string
  readonly clusterArn: string
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  /** What the agent offers in all: CPU units, MiB, and host ports that are taken by the host itself. */
  readonly registered: {
    readonly cpu: number
    readonly memory: number
    readonly ports: readonly number[]
    readonly portsUdp: readonly number[]
    /** Ids of its GPUs; absent where it has none. */
    readonly gpus?: readonly string[]
  }
  readonly attributes: readonly Attribute[]
  readonly availabilityZone: string
  /** FARGATE tasks of any cluster may run here. */
  readonly fargateCapacity: boolean
  /** True while an agent's link is open. The dispatcher's to write. */
  readonly agentConnected: boolean
  /** While it is not connected: when its agent was last heard. The dispatcher's to write; absent for one that never connected. */
  readonly silentSince?: number
  /** Since when it counts as lost: silent for too long, its tasks DISCONNECTED. The instance loop's to write. */
  readonly lostAt?: number
  readonly versionInfo: VersionInfo
  /** The identity document's; of a host outside EC2 `ownEc2InstanceId`. Absent from rows of before it had one. */
  readonly ec2InstanceId?: string
  readonly tags: readonly Tag[]
  readonly registeredAt: number
  /** When it became INACTIVE: the retention loop's input. */
  readonly inactiveAt?: number
  readonly version: number
  /** Fences the agent link: every payload and manifest takes the next number. Persisted before it is sent. */
  readonly linkSequence: number
}

/** Rows from before Stowage wrote it down count from their registration. */
/** False for one that has registered and whose agent is yet to connect for the first time: nothing can be placed on it. */
export const hasConnected = ({ agentConnected, silentSince }: ContainerInstance): boolean =>
  agentConnected || silentSince !== undefined

export const inactiveSince = ({ inactiveAt, registeredAt }: ContainerInstance): number => inactiveAt ?? registeredAt

/** The attribute by which an agent offers its host to FARGATE tasks of every cluster. */
export const FARGATE_CAPACITY_ATTRIBUTE = 'stowage.fargate-capacity'

/** The attribute by which an agent tells the address at which others reach its host's ports. */
export const HOST_ADDRESS_ATTRIBUTE = 'stowage.address'

/** What a host outside EC2 is called where AWS wants an EC2 instance id: `i-0` and 16 hex digits, from its own id. */
export const ownEc2InstanceId = (id: string): string => `i-0${id.slice(0, 16)}`

/** Instance ids are a region's: what indexes over them hold. */
export const ec2InstanceKey = (region: string, ec2InstanceId: string): string => `${region}|${ec2InstanceId}`

export const availabilityZoneOf = (attributes: readonly Attribute[], fallback: string): string =>
  attributes.find(attribute => attribute.name === 'ecs.availability-zone')?.value ?? fallback
