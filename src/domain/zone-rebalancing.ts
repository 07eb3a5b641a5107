// Availability Zone rebalancing: which services can have it, and what it has come to in one. The deployment loop moves tasks
// from the zones with most of a service's to those with fewest, one at a time, while the service is steady.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
import type { Service } from './service.ts'

/** Kept in a deployment's row. */
export type Rebalancing = {
  /** A task was made for this zone at `at`; once it is healthy, one of a fuller zone goes. Absent between two moves. */
  readonly zone?: string
  readonly at?: number
  /** It could not go on, and is not tried again before this time. */
  readonly notBefore?: number
}

type Rebalanced = Pick<
  Service,
  | 'schedulingStrategy'
  | 'launchType'
  | 'deploymentController'
  | 'deploymentConfiguration'
  | 'placementStrategy'
  | 'placementConstraints'
>

const ZONE = 'ecs.availability-zone'

/** Seen in ECS's answer to UpdateService. */
export const ONLY_ZONE_SPREAD =
  'Availability Zone Rebalancing only supports availability zone spread as task placement strategy.'

/** Why a service of this kind can't be rebalanced, in ECS's words where they are known; undefined when it can. */
export const rebalancingProblem = (service: Rebalanced): string | undefined => {
  const [first] = service.placementStrategy
  if (service.schedulingStrategy !== 'REPLICA')
    return 'AvailabilityZoneRebalancing does not support the DAEMON scheduling strategy'
  if (service.deploymentController.type !== 'ECS')
    return 'AvailabilityZoneRebalancing only supports the ECS deployment controller'
  if (service.launchType === 'EXTERNAL') return 'AvailabilityZoneRebalancing does not support the EXTERNAL launch type'
  if ((service.deploymentConfiguration.maximumPercent ?? 200) <= 100)
    return 'AvailabilityZoneRebalancing does not support maximumPercent <= 100'
  if (first !== undefined && (first.type !== 'spread' || first.field !== `attribute:${ZONE}`)) return ONLY_ZONE_SPREAD
  if (service.placementConstraints.some(({ expression }) => expression?.includes(ZONE)))
    return `AvailabilityZoneRebalancing does not support attribute:${ZONE} as placement constraint`
  return undefined
}

/** Whether the service is to be rebalanced: rows from before it was checked may ask for what can't be. */
export const isRebalanced = (service: Rebalanced & Pick<Service, 'status' | 'availabilityZoneRebalancing'>): boolean =>
  service.availabilityZoneRebalancing === 'ENABLED' &&
  service.status === 'ACTIVE' &&
  rebalancingProblem(service) === undefined
