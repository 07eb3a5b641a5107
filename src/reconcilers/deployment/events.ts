// The service events that the deployment loop tells, word for word as ECS has them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { type Trouble, unhealthyTargetEvent } from './serving.ts'

/** `stoppedReason`s of tasks that this loop stops. */
export const scalingReason = (deploymentId: string): string =>
  `Scaling activity initiated by (deployment ${deploymentId})`
export const UNHEALTHY_REASON = 'Task failed container health checks'

type Named = Pick<Service, 'name'>

const idsOf = (tasks: readonly Pick<Task, 'id'>[]): string => tasks.map(({ id }) => `(task ${id})`).join(' ')

export const stoppedEvent = ({ name }: Named, tasks: readonly Pick<Task, 'id'>[]): string =>
  `(service ${name}) has stopped ${tasks.length} running tasks: ${idsOf(tasks)}.`

/** `trouble`: of its target; without it its container's check failed. */
export const unhealthyEvent = (service: Named, task: Pick<Task, 'id'>, trouble?: Trouble): string =>
  trouble === undefined
    ? `(service ${service.name}) (task ${task.id}) failed container health checks.`
    : unhealthyTargetEvent(service, task, trouble)

export const completedEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) (deployment ${deploymentId}) deployment completed.`

export const failedEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) (deployment ${deploymentId}) deployment failed: tasks failed to start.`

/** ECS's text for this one is not documented. */
export const shiftFailedEvent = ({ name }: Named, deploymentId: string, failure: string): string =>
  `(service ${name}) (deployment ${deploymentId}) deployment failed: ${failure}`

/** ECS's text for this one is not documented. */
export const stoppedDeploymentEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) (deployment ${deploymentId}) deployment failed: stopped by user.`

export const rollingBackEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) rolling back to deployment ${deploymentId}.`

/** AWS names the task set where it tells of one; of this event its docs have no example. */
export const taskSetSteadyEvent = ({ name }: Named, id: string): string =>
  `(service ${name}, taskSet ${id}) has reached a steady state.`

export const steadyEvent = ({ name }: Named): string => `(service ${name}) has reached a steady state.`

export const blockedEvent = ({ name }: Named): string =>
  `(service ${name}) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.`

/** ECS has no such event: it looks at the alarms. */
export const unwatchedEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) (deployment ${deploymentId}) deployment alarms are not looked at: there are no CloudWatch alarms here yet.`

export const failingEvent = ({ name }: Named): string =>
  `(service ${name}) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`

export const protectedEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) was unable to reach steady state because task set (${deploymentId}) was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks`
