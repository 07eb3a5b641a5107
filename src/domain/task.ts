// A task: its record, its status ladder, and who may take which step.
//
// `desiredStatus` is the server's word, `lastStatus` what was observed; they have separate writers, and `lastStatus` only
// moves up the ladder. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
import type {
  Attachment,
  HealthStatus,
  LaunchType,
  NetworkBinding,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
  TaskOverride,
  TaskStopCode,
} from '@aws-sdk/client-ecs'
import { detach } from './network-interface.ts'
import type { Reservation } from './task-definition.ts'

export const TASK_LADDER = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const
export type TaskStatus = (typeof TASK_LADDER)[number]

/** Who may bring a task to this status. PROVISIONING: whoever makes it. STOPPED: also the server, for a task that never got a host. */
export const TASK_STATUS_OWNER: Readonly<Record<TaskStatus, 'server' | 'agent' | 'both'>> = {
  PROVISIONING: 'server',
  PENDING: 'server',
  ACTIVATING: 'agent',
  RUNNING: 'agent',
  DEACTIVATING: 'server',
  STOPPING: 'server',
  DEPROVISIONING: 'server',
  STOPPED: 'both',
}

/** `gateway` has the subnet's prefix: `172.31.0.1/20`. */
export type SubnetAddress = { readonly subnetId: string; readonly ipv4: string; readonly gateway: string }

export type TaskContainer = {
  readonly containerArn: string
  readonly name: string
  readonly image: string
  readonly imageDigest?: string
  readonly runtimeId?: string
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED'
  readonly exitCode?: number
  readonly reason?: string
  readonly networkBindings: readonly NetworkBinding[]
  readonly healthStatus: HealthStatus
  readonly essential: boolean
  readonly hasHealthCheck: boolean
  /** As AWS answers them: strings. */
  readonly cpu: string
  readonly memory?: string
  readonly memoryReservation?: string
  /** How many it has for itself, and which, once it has a host. */
  readonly gpus?: number
  readonly gpuIds?: readonly string[]
}

export type Task = {
  readonly arn: string
  readonly id: string
  readonly clusterArn: string
  readonly taskDefinitionArn: string
  readonly family: string
  readonly revision: number
  readonly group: string
  readonly startedBy?: string
  /** Both set on a service's task, neither on a standalone one. */
  readonly serviceArn?: string
  readonly deploymentId?: string
  readonly launchType: LaunchType
  /** Chosen by a capacity provider strategy: then it goes to this provider's instances only. */
  readonly capacityProviderName?: string
  /** Where it is placed. FARGATE tasks have one too; it is not shown to callers. */
  readonly containerInstanceArn?: string
  readonly availabilityZone?: string
  /** The one instance that it may be placed on: a task of a DAEMON service is made for it. */
  readonly madeFor?: string
  /** The one Availability Zone that it may be placed in: it is to even out its service's spread. */
  readonly madeForZone?: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly lastStatus: TaskStatus
  readonly healthStatus: HealthStatus
  readonly containers: readonly TaskContainer[]
  readonly overrides: TaskOverride
  readonly reservation: Reservation
  readonly cpu: string
  readonly memory: string
  /** That its definition asked for; nothing bounds it. */
  readonly ephemeralStorageGiB?: number
  readonly placementConstraints: readonly PlacementConstraint[]
  readonly placementStrategy: readonly PlacementStrategy[]
  readonly networkConfiguration?: NetworkConfiguration
  readonly attachments: readonly Attachment[]
  /** What its subnet gave it; absent where the subnet is not here, and the host gives the address. */
  readonly subnetAddress?: SubnetAddress
  readonly enableExecuteCommand: boolean
  readonly tags: readonly Tag[]
  /** 1 when made, +1 with every change a caller could see (`changeTask`). */
  readonly version: number
  /** Until then neither scale-in nor a deployment stops it (`isProtected`). */
  readonly protectedUntil?: number
  /** On a STOPPED service task: its deployment's loop has counted its end (failed start or not). Exactly once, across crashes. */
  readonly settled?: boolean
  /** When all its targets in load balancers were first healthy. The deployment loop's to write. */
  readonly servedAt?: number
  /** Why it could not be placed yet, in words for a user; replaced when the reason changes. */
  readonly placementExplanation?: string
  readonly stopCode?: TaskStopCode
  readonly stoppedReason?: string
  readonly createdAt: number
  /** Its container instance is lost: what was last seen of it stands, and nobody knows. The instance loop's to write. */
  readonly connectivity?: 'DISCONNECTED'
  readonly connectivityAt?: number
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  readonly startedAt?: number
  readonly stoppingAt?: number
  readonly executionStoppedAt?: number
  readonly stoppedAt?: number
}

/** Nobody has given it a host; nobody will when it is to stop. */
export const hasNoHostYet = ({ lastStatus, containerInstanceArn }: Task): boolean =>
  lastStatus === 'PROVISIONING' && !containerInstanceArn

export const rankOf = (status: TaskStatus): number => TASK_LADDER.indexOf(status)

/** True where `next` is above `from`: the only direction in which a status moves. */
export const climbs = (from: TaskStatus, next: TaskStatus): boolean => rankOf(next) > rankOf(from)

/**
 * The task with `change` applied and its version raised; a `lastStatus` that would not climb is left out. A task that is
 * STOPPED has no network interface any more.
 */
export const changeTask = (task: Task, change: Partial<Task>): Task => {
  const { lastStatus, ...rest } = change
  const status = lastStatus && climbs(task.lastStatus, lastStatus) ? lastStatus : task.lastStatus
  const changed = { ...task, ...rest, lastStatus: status, version: task.version + 1 }
  return status === 'STOPPED' ? { ...changed, attachments: detach(changed.attachments) } : changed
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html */
export const isProtected = (task: Pick<Task, 'protectedUntil'>, now: number): boolean =>
  task.protectedUntil !== undefined && now < task.protectedUntil

export const isStopped = (task: Pick<Task, 'lastStatus'>): boolean => task.lastStatus === 'STOPPED'

export type WhyStopped = { readonly stopCode: TaskStopCode; readonly stoppedReason: string }

/**
 * The task asked to stop, with why. One that no host has yet is STOPPED at once; for the rest the agent reports it. One that
 * load balancers send requests to (`hasTargets`) is DEACTIVATING: its agent is told when they do so no more.
 * A task already asked to stop keeps its first reason.
 */
export const stopTask = (task: Task, why: WhyStopped, now: number, hasTargets: boolean): Task => {
  if (task.desiredStatus === 'STOPPED') return task
  const asked = {
    desiredStatus: 'STOPPED',
    stopCode: why.stopCode,
    stoppedReason: why.stoppedReason,
    stoppingAt: now,
  } as const
  if (task.containerInstanceArn) return changeTask(task, hasTargets ? { ...asked, lastStatus: 'DEACTIVATING' } : asked)
  const containers = task.containers.map(container => ({ ...container, lastStatus: 'STOPPED' as const }))
  return changeTask(task, { ...asked, lastStatus: 'STOPPED', stoppedAt: now, containers })
}

/** What its agent is to do about it: a task that is DEACTIVATING runs until the load balancers are done with it. */
export const isToStop = ({ desiredStatus, lastStatus }: Pick<Task, 'desiredStatus' | 'lastStatus'>): boolean =>
  desiredStatus === 'STOPPED' && lastStatus !== 'DEACTIVATING'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html: by its essential containers, UNHEALTHY before UNKNOWN before HEALTHY. */
export const healthOf = (containers: readonly TaskContainer[]): HealthStatus => {
  const essential = containers.filter(container => container.essential && container.hasHealthCheck)
  if (essential.length === 0) return 'UNKNOWN'
  if (essential.some(container => container.healthStatus === 'UNHEALTHY')) return 'UNHEALTHY'
  return essential.some(container => container.healthStatus !== 'HEALTHY') ? 'UNKNOWN' : 'HEALTHY'
}
