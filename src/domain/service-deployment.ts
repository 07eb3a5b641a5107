// Service deployments and service revisions: the history of a service. A revision is what the tasks of one deployment are made
// from; a service deployment is the rollout of one, with what became of it. The target revision's number is that of the
// deployment's id, which is how clients (Terraform) find the one by the other.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  LaunchType,
  NetworkConfiguration,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs'
import { lastSegment, serviceDeploymentArn, serviceRevisionArn } from './arn.ts'
import type { DaemonFields, DaemonRevisionFields } from './daemon.ts'
import { type Deployment, rolloutReason, type Service, type ServiceTarget } from './service.ts'
import type { TrafficShift } from './traffic-shift.ts'

export type ServiceRevision = {
  readonly arn: string
  readonly serviceArn: string
  readonly clusterArn: string
  readonly taskDefinitionArn: string
  readonly launchType: LaunchType
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
  readonly platformVersion?: string
  readonly networkConfiguration?: NetworkConfiguration
  readonly loadBalancers?: readonly ServiceTarget[]
  readonly daemon?: DaemonRevisionFields & Pick<Service, 'propagateTags' | 'enableECSManagedTags'>
  readonly createdAt: number
}

export type ServiceDeployment = {
  readonly arn: string
  readonly serviceArn: string
  readonly clusterArn: string
  /** The deployment that rolls `targetRevisionArn` out. */
  readonly deploymentId: string
  readonly targetRevisionArn: string
  /** What ran when it began, newest first. */
  readonly sourceRevisionArns: readonly string[]
  readonly status: ServiceDeploymentStatus
  readonly statusReason?: string
  /** Of a daemon that is being deleted: there is no revision that it rolls out. */
  readonly deletes?: true
  /** As it was when the deployment began. */
  readonly deploymentConfiguration: DeploymentConfiguration
  /** Of a strategy that shifts traffic, once it has begun: how far it is. */
  readonly shift?: TrafficShift
  /** Of a daemon: how it is rolled out. */
  readonly daemon?: Pick<DaemonFields, 'drainPercent' | 'bakeTimeInMinutes'>
  readonly rollback?: {
    readonly reason: string
    readonly startedAt: number
    readonly serviceRevisionArn: string
  }
  /** The target's tasks when it was over; until then they are counted. */
  readonly targetTasks?: { readonly requested: number; readonly running: number; readonly pending: number }
  /** What the circuit breaker saw, written when it has seen enough; until then the deployment's row tells. */
  readonly circuitBreaker?: {
    readonly status: ServiceDeploymentRollbackMonitorsStatus
    readonly failureCount: number
    readonly threshold: number
  }
  readonly createdAt: number
  readonly startedAt?: number
  readonly stoppedAt?: number
  readonly finishedAt?: number
  readonly updatedAt: number
}

const OVER: ReadonlySet<ServiceDeploymentStatus> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
])

/** Its status changes no more. */
export const isOver = ({ status }: Pick<ServiceDeployment, 'status'>): boolean => OVER.has(status)

/** `.../<19 digits>` of `ecs-svc/<19 digits>`. */
export const revisionArnOf = ({ serviceArn, id }: Pick<Deployment, 'serviceArn' | 'id'>): string =>
  serviceRevisionArn(serviceArn, lastSegment(id))

/** The id of the deployment that a revision was made for. */
export const deploymentIdOf = (revisionArn: string): string => `ecs-svc/${lastSegment(revisionArn)}`

export const revisionOf = (deployment: Deployment): ServiceRevision => ({
  arn: revisionArnOf(deployment),
  serviceArn: deployment.serviceArn,
  clusterArn: deployment.clusterArn,
  taskDefinitionArn: deployment.taskDefinitionArn,
  launchType: deployment.launchType,
  ...(deployment.capacityProviderStrategy === undefined
    ? {}
    : { capacityProviderStrategy: deployment.capacityProviderStrategy }),
  ...(deployment.platformVersion === undefined ? {} : { platformVersion: deployment.platformVersion }),
  ...(deployment.networkConfiguration === undefined ? {} : { networkConfiguration: deployment.networkConfiguration }),
  ...(deployment.loadBalancers === undefined ? {} : { loadBalancers: deployment.loadBalancers }),
  ...(deployment.daemon === undefined ? {} : { daemon: deployment.daemon }),
  createdAt: deployment.createdAt,
})

/** The deployment of a revision whose own row is gone, as it was left: rolled out, then replaced. */
export const deploymentOf = (revision: ServiceRevision): Deployment => {
  const { arn, ...made } = revision
  const id = deploymentIdOf(arn)
  return {
    ...made,
    id,
    status: 'INACTIVE',
    rolloutState: 'COMPLETED',
    rolloutStateReason: rolloutReason(id, 'COMPLETED'),
    failedTasks: 0,
    consecutiveFailures: 0,
    updatedAt: made.createdAt,
  }
}

export const rolloutOf = ({ drainPercent, bakeTimeInMinutes }: DaemonFields) => ({ drainPercent, bakeTimeInMinutes })

export type NewServiceDeployment = {
  readonly service: Service
  readonly deployment: Deployment
  /** Revisions that run when it begins, newest first. */
  readonly sources: readonly string[]
  /** 21 characters. */
  readonly id: string
  readonly now: number
}

export const newServiceDeployment = (spec: NewServiceDeployment): ServiceDeployment => {
  const { service, deployment, sources, id, now } = spec
  return {
    arn: serviceDeploymentArn(service.arn, id),
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    deploymentId: deployment.id,
    targetRevisionArn: revisionArnOf(deployment),
    sourceRevisionArns: sources,
    status: 'PENDING',
    deploymentConfiguration: service.deploymentConfiguration,
    ...(service.daemon === undefined ? {} : { daemon: rolloutOf(service.daemon) }),
    createdAt: now,
    updatedAt: now,
  }
}
