// A service with its capacity changed as UpdateService asks: to a strategy, or back to the launch type that it was made with.
// Either makes tasks anew, and the caller has to say so. Before: update-service.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
import { isDeepStrictEqual } from 'node:util'
import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Service } from '../../../domain/service.ts'
import { invalid } from '../refuse.ts'
import { type Capacity, capacityFor } from './strategy.ts'

export const changedCapacity = (
  cluster: Cluster,
  service: Service,
  { capacityProviderStrategy: asked, forceNewDeployment }: UpdateServiceRequest,
): Service => {
  if (asked === undefined) return service
  if (asked.length === 0 && !service.capacityProviderStrategy) return service
  const capacity =
    asked.length === 0 ? capacityBefore(service) : capacityFor(cluster, { capacityProviderStrategy: asked })
  if (isDeepStrictEqual(capacity.capacityProviderStrategy, service.capacityProviderStrategy)) return service
  if (!forceNewDeployment)
    throw invalid(
      'When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.',
    )
  return withCapacity(service, capacity)
}

const capacityBefore = ({ launchTypeBefore }: Service): Capacity => {
  if (launchTypeBefore) return { launchType: launchTypeBefore }
  throw invalid(
    'No launch type to fall back to for empty capacity provider strategy. Your service was not created with a launch type.',
  )
}

const withCapacity = (service: Service, capacity: Capacity): Service => {
  const { capacityProviderStrategy: _, platformVersion, ...rest } = service
  const launchTypeBefore = service.capacityProviderStrategy ? service.launchTypeBefore : service.launchType
  return {
    ...rest,
    ...capacity,
    ...(launchTypeBefore === undefined ? {} : { launchTypeBefore }),
    // Only FARGATE has one.
    ...(capacity.launchType === 'FARGATE' ? { platformVersion: platformVersion ?? 'LATEST' } : {}),
  }
}
