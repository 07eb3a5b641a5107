// What the plan knows of a task behind load balancers, and how it is told. Pure. Before: servings.ts reads it from the store.
// After: fleet.ts, which says what the task is worth.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (when a task is healthy)
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'

/** Why a task's target is not healthy, and where. */
export type Trouble = {
  readonly targetGroupArn: string
  readonly port?: number
  /** Of a target that is a port of a container instance. */
  readonly instanceId?: string
  readonly reason: string
  /** Set where no check will ever succeed until somebody changes something: since when it is so. */
  readonly since?: number
}

/**
 * Of all targets of one task, the worst. `waiting`: not registered or not checked yet, or nobody checks because the load
 * balancer does not work. `unchecked`: no listener uses the target group.
 */
export type Serving =
  | { readonly state: 'healthy'; readonly trouble?: undefined }
  | { readonly state: 'waiting'; readonly trouble?: Trouble }
  | { readonly state: 'unhealthy' | 'unchecked'; readonly trouble: Trouble }

/** By task ARN. RUNNING tasks of deployments with load balancers; any other task is not here. */
export type Servings = ReadonlyMap<string, Serving>

export const NO_SERVINGS: Servings = new Map()

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-unhealthy-event-messages.html */
export const unhealthyTargetEvent = (
  { name }: Pick<Service, 'name'>,
  task: Pick<Task, 'id'>,
  { instanceId, port, targetGroupArn, reason }: Trouble,
): string => {
  const where = [
    `(task ${task.id})`,
    ...(instanceId === undefined ? [] : [`(instance ${instanceId})`]),
    ...(port === undefined ? [] : [`(port ${port})`]),
  ]
  return `(service ${name}) ${where.join(' ')} is unhealthy in (target-group ${targetGroupArn}) due to (reason ${reason})`
}

/** The `stoppedReason` of a task that is stopped for it. */
export const unhealthyTargetReason = ({ targetGroupArn }: Pick<Trouble, 'targetGroupArn'>): string =>
  `Task failed ELB health checks in (target-group ${targetGroupArn})`

/** For the `statusReason` of a service deployment. */
export const troubleInWords = ({ targetGroupArn, reason }: Trouble): string =>
  `Tasks are not healthy in (target-group ${targetGroupArn}) due to (reason ${reason})`
