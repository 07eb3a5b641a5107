// The messages of the ACS link, in the ECS agent's own words: what the server's dispatcher/ and the host's agent/ share.
// One JSON object a text frame: {"type": ..., "message": ...}. Unknown types are ignored by both sides.

/** One port, or a range of them that the agent gives as many host ports in a row. */
export type PayloadPortMapping = { readonly hostPort: number; readonly protocol: 'tcp' | 'udp' } & (
  | { readonly containerPort: number; readonly containerPortRange?: never }
  | { readonly containerPort?: never; readonly containerPortRange: string }
)

export type PayloadContainer = {
  readonly name: string
  readonly image: string
  readonly containerArn: string
  readonly command?: readonly string[]
  readonly entryPoint?: readonly string[]
  readonly links?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Shares. */
  readonly cpu: number
  /** MiB; absent or 0: no hard limit. */
  readonly memory?: number
  readonly essential: boolean
  /** `"{}"` or `{"command":[...]}`; nothing else is understood by the ECS agent. */
  readonly overrides: string
  readonly portMappings: readonly PayloadPortMapping[]
  readonly mountPoints: readonly {
    readonly sourceVolume: string
    readonly containerPath: string
    readonly readOnly: boolean
  }[]
  readonly volumesFrom: readonly { readonly sourceContainer: string; readonly readOnly: boolean }[]
  readonly dependsOn?: readonly {
    readonly containerName: string
    readonly condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'
  }[]
  /** Seconds. */
  readonly startTimeout?: number
  readonly stopTimeout?: number
  readonly healthCheckType?: 'docker'
  /** Seconds. */
  readonly restartPolicy?: {
    readonly enabled: boolean
    readonly ignoredExitCodes?: readonly number[]
    readonly restartAttemptPeriod?: number
  }
  /** JSON strings in Docker Engine create-container spelling. */
  readonly dockerConfig: { readonly version: string; readonly config: string; readonly hostConfig: string }
}

export type PayloadTask = {
  readonly arn: string
  readonly taskClusterArn: string
  readonly family: string
  readonly version: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly overrides: string
  readonly launchType: 'EC2' | 'EXTERNAL'
  readonly networkMode: string
  readonly pidMode?: 'host' | 'task'
  readonly ipcMode?: 'host' | 'task' | 'none'
  /** vCPUs and MiB of the whole task, where it has a size. */
  readonly cpu?: number
  readonly memory?: number
  readonly serviceName?: string
  readonly group?: string
  /**
   * With network mode awsvpc. AWS's are real before the payload is sent. Stowage's have the address that the agent is to give
   * them; none where the subnet is not Stowage's: the agent takes one that its host has to give. It reports what it is
   * (domain/sandbox.ts).
   */
  readonly elasticNetworkInterfaces?: readonly {
    readonly attachmentArn: string
    /** `eni-...` */
    readonly ec2Id: string
    readonly index: number
    readonly ipv4Addresses?: readonly { readonly privateAddress: string; readonly primary: boolean }[]
    /** With the subnet's prefix: `172.31.0.1/20`. */
    readonly subnetGatewayIpv4Address?: string
  }[]
  readonly volumes: readonly {
    readonly name: string
    readonly type: 'host' | 'docker'
    /** Empty: a volume that the agent makes for the task. */
    readonly host: { readonly sourcePath?: string }
    /** With type `docker`. */
    readonly dockerVolumeConfiguration?: {
      readonly scope: 'task' | 'shared'
      readonly autoprovision?: boolean
      readonly driver?: string
      readonly driverOpts?: Readonly<Record<string, string>>
      readonly labels?: Readonly<Record<string, string>>
    }
  }[]
  readonly containers: readonly PayloadContainer[]
  /** One for each GPU, with the one container that has it. */
  readonly associations?: readonly PayloadAssociation[]
}

export type PayloadAssociation = {
  /** The GPU's id. */
  readonly name: string
  readonly type: 'gpu'
  readonly content: { readonly value: string; readonly encoding: 'base64' | 'identity' }
  readonly containers: readonly string[]
}

export type TaskIdentifier = {
  readonly taskArn: string
  readonly taskClusterArn: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
}

type FromServer<Message> = Message & {
  readonly messageId: string
  readonly clusterArn: string
  readonly containerInstanceArn: string
}

export type PayloadMessage = FromServer<{
  /** Fences: rises by one with every payload and manifest to this instance, across restarts of the server. */
  readonly seqNum: number
  /** Epoch milliseconds. */
  readonly generatedAt: number
  readonly tasks: readonly PayloadTask[]
}>
export type TaskManifestMessage = FromServer<{
  readonly generatedAt: number
  /** Same counter as seqNum; the agent ignores a manifest that is not newer than what it saw. */
  readonly timeline: number
  readonly tasks: readonly TaskIdentifier[]
}>
export type TaskStopVerificationAck = {
  readonly messageId: string
  readonly generatedAt: number
  readonly stopTasks: readonly TaskIdentifier[]
}
export type HeartbeatMessage = { readonly messageId: string; readonly healthy: boolean }

export type ServerMessage =
  | { readonly type: 'PayloadMessage'; readonly message: PayloadMessage }
  | { readonly type: 'TaskManifestMessage'; readonly message: TaskManifestMessage }
  | { readonly type: 'TaskStopVerificationAck'; readonly message: TaskStopVerificationAck }
  | { readonly type: 'HeartbeatMessage'; readonly message: HeartbeatMessage }

export type AgentMessage =
  | {
      readonly type: 'AckRequest'
      readonly message: { readonly cluster: string; readonly containerInstance: string; readonly messageId: string }
    }
  | {
      readonly type: 'NackRequest'
      readonly message: {
        readonly cluster: string
        readonly containerInstance: string
        readonly messageId: string
        readonly reason: string
      }
    }
  | { readonly type: 'HeartbeatAckRequest'; readonly message: { readonly messageId: string } }
  | {
      readonly type: 'TaskStopVerificationMessage'
      readonly message: { readonly messageId: string; readonly stopCandidates: readonly TaskIdentifier[] }
    }
