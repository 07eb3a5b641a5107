// A service, its deployments and its events.
import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  DeploymentController,
  LaunchType,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  PropagateTags,
  SchedulingStrategy,
  Tag,
} from '@aws-sdk/client-ecs'
import type { DaemonFields } from './daemon.ts'
import type { ServiceRevision } from './service-deployment.ts'
import type { TaskSetFields } from './task-set.ts'
import { shiftsTraffic } from './traffic-shift.ts'
import type { Rebalancing } from './zone-rebalancing.ts'

export type Service = {
  readonly arn: string
  readonly name: string
  readonly clusterArn: string
  /** DRAINING: deleted, its tasks still stopping. INACTIVE: deleted and empty; described, not listed. */
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly desiredCount: number
  /** Empty while a service with the deployment controller EXTERNAL has no PRIMARY task set. */
  readonly taskDefinitionArn: string
  /** With a capacity provider strategy: what its providers' tasks are launched as; callers are shown the strategy instead. */
  readonly launchType: LaunchType
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
  /** What it had before it was given a strategy: what it goes back to when the strategy is taken away. */
  readonly launchTypeBefore?: LaunchType
  readonly platformVersion?: string
  readonly schedulingStrategy: SchedulingStrategy
  readonly deploymentConfiguration: DeploymentConfiguration
  readonly deploymentController: DeploymentController
  readonly placementConstraints: readonly PlacementConstraint[]
  readonly placementStrategy: readonly PlacementStrategy[]
  readonly networkConfiguration?: NetworkConfiguration
  /** As asked for; absent when it has none. */
  readonly loadBalancers?: readonly LoadBalancer[]
  /** Answered with load balancers; this server needs no role to register targets. */
  readonly roleArn?: string
  readonly healthCheckGracePeriodSeconds?: number
  readonly enableECSManagedTags: boolean
  readonly propagateTags: PropagateTags
  readonly enableExecuteCommand: boolean
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED'
  /** The revision that was last rolled out to the end: what a failed deployment is rolled back to. */
  readonly lastCompletedRevisionArn?: string
  /** It is a daemon, which the operations on services do not show. */
  readonly daemon?: DaemonFields
  readonly clientToken?: string
  readonly createdBy: string
  readonly createdAt: number
  /** When it became INACTIVE: the retention loop's input. */
  readonly inactiveAt?: number
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
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
  readonly platformVersion?: string
  readonly networkConfiguration?: NetworkConfiguration
  /** Where its tasks are registered, each entry with its container, port and one target group. */
  readonly loadBalancers?: readonly ServiceTarget[]
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  readonly rolloutStateReason: string
  /**
   * How many tasks this deployment is to have now, as DescribeServices answers it: the service's desired count for the
   * PRIMARY; for an ACTIVE one what it has left to hold, which only falls. The deployment loop's to write; absent, like 0,
   * until it has looked.
   */
  readonly desiredCount?: number
  /**
   * While it is in progress: tasks that ended by themselves before they were healthy, or were stopped because their health
   * check failed, since a task last became healthy. The circuit breaker's count.
   */
  readonly failedTasks: number
  /** Healthy tasks when `failedTasks` was last counted: when there are more, one has become healthy. Only while there are failures. */
  readonly healthyAtFailure?: number
  /** What became of the last of them, in words for a user. */
  readonly lastFailure?: string
  /** Failed starts in a row: the back-off's input. Tasks that were made before the last failure and fail with it count as one. */
  readonly consecutiveFailures: number
  readonly lastFailureAt?: number
  /** Container instances on which a task of it failed to start lately: the next are placed elsewhere, where there is room. */
  readonly shunned?: readonly { readonly containerInstanceArn: string; readonly until: number }[]
  /** Likewise for tasks that reached RUNNING and exited by themselves within seconds, until one stays up. */
  readonly consecutiveCrashes?: number
  readonly lastCrashAt?: number
  /** No task of this deployment is started before this time (failed starts and crashes back off). */
  readonly notBefore?: number
  /** What service events have been told and when, so that each is told once until its cause goes away. */
  readonly notices?: Readonly<Partial<Record<NoticeKind, Notice>>>
  /** The last steady state told in an event, so that it is told once. */
  readonly steadySince?: number
  /** Availability Zone rebalancing under way, or to be tried again. */
  readonly rebalancing?: Rebalancing
  /** Since when replacements of its unhealthy tasks have found no room on any instance, with nothing else under way. */
  readonly crowdedSince?: number
  /** Of a daemon: what its tasks are made by. */
  readonly daemon?: NonNullable<ServiceRevision['daemon']>
  /** Since when every instance of a daemon has this revision, while it is watched for its bake time. */
  readonly bakingSince?: number
  /** Of a service with the deployment controller EXTERNAL: it is a task set. */
  readonly taskSet?: TaskSetFields
  readonly createdAt: number
  readonly updatedAt: number
}

/** One target group that a deployment's tasks are registered with, and by which of their ports. */
export type ServiceTarget = {
  readonly targetGroupArn: string
  readonly containerName: string
  readonly containerPort: number
}

/**
 * What a service asks for, resolved for a deployment that begins: its own target groups; where an entry has an alternate one,
 * that which the revision that was last rolled out (`before`) has, or, when traffic is to be shifted, the other.
 */
export const serviceTargetsOf = (
  { loadBalancers = [], deploymentConfiguration }: Pick<Service, 'loadBalancers' | 'deploymentConfiguration'>,
  before: readonly ServiceTarget[] = [],
): readonly ServiceTarget[] =>
  loadBalancers.map(({ targetGroupArn = '', containerName = '', containerPort = 0, advancedConfiguration }) => {
    const groups = [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn ?? targetGroupArn]
    const known = before.find(target => groups.includes(target.targetGroupArn))?.targetGroupArn
    const other = groups.find(group => group !== known) ?? targetGroupArn
    const chosen = known !== undefined && shiftsTraffic(deploymentConfiguration) ? other : (known ?? targetGroupArn)
    return { targetGroupArn: chosen, containerName, containerPort }
  })

/** https://docs.aws.amazon.com/cli/latest/reference/ecs/update-service.html, in its examples' answers. */
export const rolloutReason = (id: string, state: 'IN_PROGRESS' | 'COMPLETED'): string =>
  `ECS deployment ${id} ${state === 'COMPLETED' ? 'completed' : 'in progress'}.`

export type NoticeKind =
  | 'alarms'
  | 'blocked'
  | 'failing'
  | 'protected'
  | 'rebalancing'
  | 'unplaced'
  | 'targets'
  | 'unregistered'

/** `cause` distinguishes what is otherwise the same message with other figures in it. */
export type Notice = { readonly cause: string; readonly at: number }

export type ServiceEvent = {
  readonly id: string
  readonly serviceArn: string
  /** Orders the service's events of the same millisecond. */
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

/** The service as it answers when this deployment, or task set, is what it consists of. */
export const shownAs = (service: Service, deployment: Deployment): Service => {
  const { platformVersion: _, networkConfiguration: __, capacityProviderStrategy: ___, ...others } = service
  const { loadBalancers: ____, ...rest } = others
  const { taskDefinitionArn, launchType, capacityProviderStrategy, platformVersion, networkConfiguration } = deployment
  // The pairs are the service's; which of each its deployment has is no news.
  const paired = service.loadBalancers?.some(({ advancedConfiguration }) => advancedConfiguration !== undefined)
  const loadBalancers = paired ? service.loadBalancers : deployment.loadBalancers
  return {
    ...rest,
    taskDefinitionArn,
    launchType,
    ...(capacityProviderStrategy === undefined ? {} : { capacityProviderStrategy }),
    ...(platformVersion === undefined ? {} : { platformVersion }),
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(loadBalancers === undefined ? {} : { loadBalancers }),
    ...daemonAs(service, deployment),
  }
}

const daemonAs = ({ daemon }: Service, { daemon: revision }: Deployment): Partial<Service> => {
  if (daemon === undefined || revision === undefined) return {}
  const { propagateTags, enableECSManagedTags, ...fields } = revision
  return { propagateTags, enableECSManagedTags, daemon: { ...daemon, ...fields } }
}
