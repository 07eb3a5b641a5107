// A task set: what a deployment is in a service whose deployments somebody else controls (deployment controller EXTERNAL). It is
// a deployment's row with these fields beside; its share of the service's desired count is set by hand, and nothing is rolled
// out or replaced by itself. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
import type { Tag } from '@aws-sdk/client-ecs'
import type { Deployment, Service } from './service.ts'

export type TaskSetFields = {
  readonly arn: string
  readonly externalId?: string
  /** Percent of the service's desired count, 0 to 100, fractions allowed. */
  readonly scale: number
  /** Deleted, its tasks still stopping. */
  readonly draining: boolean
  readonly tags: readonly Tag[]
}

export type TaskSet = Deployment & { readonly taskSet: TaskSetFields }

export const isTaskSet = (deployment: Deployment): deployment is TaskSet => deployment.taskSet !== undefined

export const isExternal = ({ deploymentController }: Pick<Service, 'deploymentController'>): boolean =>
  deploymentController.type === 'EXTERNAL'

/** Always rounded up: 1.2 is 2 tasks. What floating point adds to a whole number is not. */
export const computedDesiredCount = (service: Pick<Service, 'desiredCount'>, { taskSet }: TaskSet): number =>
  taskSet.draining ? 0 : Math.ceil(Math.round(service.desiredCount * taskSet.scale * 1e4) / 1e6)
