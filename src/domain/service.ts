// A service, its deployments and its events.
import type {
  DeploymentConfiguration,
  DeploymentController,
  LaunchType,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  PropagateTags,
  SchedulingStrategy,
  Tag,
} from '@aws-sdk/client-ecs'

export type Service = {
  readonly arn: string
  readonly name: string
  readonly clusterArn: string
  /** DRAINING: deleted, its tasks still stopping. INACTIVE: deleted and empty; described, not listed. */
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly desiredCount: number
  readonly taskDefinitionArn: string
  readonly launchType: LaunchType
  readonly platformVersion?: string
  readonly schedulingStrategy: SchedulingStrategy
  readonly deploymentConfiguration: DeploymentConfiguration
  readonly deploymentController: DeploymentController
  readonly placementConstraints: readonly PlacementConstraint[]
  readonly placementStrategy: readonly PlacementStrategy[]
  readonly networkConfiguration?: NetworkConfiguration
  readonly healthCheckGracePeriodSeconds?: number
  readonly enableECSManagedTags: boolean
  readonly propagateTags: PropagateTags
  readonly enableExecuteCommand: boolean
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED'
  readonly clientToken?: string
  readonly createdBy: string
  readonly createdAt: number
  readonly tags: readonly Tag[]
}

export type Deployment = {
  /** `ecs-svc/<19 digits>`; also the `startedBy` of its tasks. */
  readonly id: string
  readonly serviceArn: string
  readonly clusterArn: string
  /** PRIMARY: the newest. ACTIVE: older, still has tasks. INACTIVE: replaced and empty; not shown. */
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE'
  readonly taskDefinitionArn: string
  readonly launchType: LaunchType
  readonly platformVersion?: string
  readonly networkConfiguration?: NetworkConfiguration
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  readonly rolloutStateReason: string
  /** Tasks that ended without ever being RUNNING, since the deployment or the last healthy task: the back-off's input. */
  readonly failedTasks: number
  readonly consecutiveFailures: number
  /** No task of this deployment is started before this time (failed starts back off). */
  readonly notBefore?: number
  /** The last steady state told in an event, so that it is told once. */
  readonly steadySince?: number
  readonly createdAt: number
  readonly updatedAt: number
}

export type ServiceEvent = {
  readonly id: string
  readonly serviceArn: string
  /** Rises with every event of the process; orders events of the same millisecond. */
  readonly sequence: number
  readonly createdAt: number
  readonly message: string
}

/** Tasks that a service must keep healthy, and the most it may have, while it deploys. Percentages as ECS defines them. */
export const deploymentBounds = (
  desiredCount: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
): { readonly minimum: number; readonly maximum: number } => ({
  minimum: Math.ceil((desiredCount * minimumHealthyPercent) / 100),
  maximum: Math.floor((desiredCount * maximumPercent) / 100),
})
