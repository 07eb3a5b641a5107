// The messages of the TCS link (telemetry): container health and stats. From the agent a frame is header lines, an empty
// line and the JSON; a frame that starts with `{` is taken too. The only way by which container health reaches the server.

export type StatsSet = {
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly sampleCount: number
}

export type ContainerMetric = {
  readonly containerName: string
  /** Percent of the whole instance. */
  readonly cpuStatsSet: StatsSet
  /** MiB. */
  readonly memoryStatsSet: StatsSet
  readonly networkStatsSet?: Readonly<
    Record<
      'rxBytes' | 'rxDropped' | 'rxErrors' | 'rxPackets' | 'txBytes' | 'txDropped' | 'txErrors' | 'txPackets',
      StatsSet
    >
  >
  readonly storageStatsSet: { readonly readSizeBytes: StatsSet; readonly writeSizeBytes: StatsSet }
}

type Metadata = {
  readonly cluster: string
  readonly containerInstance: string
  readonly messageId: string
  readonly fin: boolean
}

export type PublishMetricsRequest = {
  readonly metadata: Metadata & { readonly idle: boolean }
  readonly taskMetrics: readonly {
    readonly taskArn: string
    readonly taskDefinitionFamily: string
    readonly taskDefinitionVersion: string
    readonly containerMetrics: readonly ContainerMetric[]
  }[]
  /** Epoch seconds with milliseconds. */
  readonly timestamp: number
}

export type PublishHealthRequest = {
  readonly metadata: Metadata
  readonly tasks: readonly {
    readonly taskArn: string
    readonly taskDefinitionFamily: string
    readonly taskDefinitionVersion: string
    readonly containers: readonly {
      readonly containerName: string
      readonly healthStatus: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
      readonly statusSince: number
    }[]
  }[]
  readonly timestamp: number
}

export type PublishInstanceStatusRequest = {
  readonly metadata: { readonly cluster: string; readonly containerInstance: string; readonly requestId: string }
  readonly statuses: readonly {
    readonly type: 'ContainerRuntime'
    readonly status: 'OK' | 'IMPAIRED' | 'INSUFFICIENT_DATA' | 'INITIALIZING'
    readonly statusReason?: string
    readonly lastUpdated: number
    readonly lastStatusChange: number
  }[]
  readonly timestamp: number
}

export type TelemetryMessage =
  | { readonly type: 'PublishMetricsRequest'; readonly message: PublishMetricsRequest }
  | { readonly type: 'PublishHealthRequest'; readonly message: PublishHealthRequest }
  | { readonly type: 'PublishInstanceStatusRequest'; readonly message: PublishInstanceStatusRequest }

/** From the server: an acknowledgement for each publish, whose text the agent ignores, and heartbeats. */
export type TelemetryServerMessage =
  | {
      readonly type: 'AckPublishMetric' | 'AckPublishHealth' | 'AckPublishInstanceStatus'
      readonly message: { readonly message: string }
    }
  | { readonly type: 'HeartbeatMessage'; readonly message: { readonly healthy: boolean } }
