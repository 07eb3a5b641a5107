// Whether a service is to be rebalanced across Availability Zones, as CreateService and UpdateService leave it: what was asked,
// or what it was; a new service that can be is, unless the caller says otherwise.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
import type { AvailabilityZoneRebalancing } from '@aws-sdk/client-ecs'
import type { Service } from '../../../domain/service.ts'
import { isExternal } from '../../../domain/task-set.ts'
import { ONLY_ZONE_SPREAD, rebalancingProblem } from '../../../domain/zone-rebalancing.ts'
import { invalid, notBuilt } from '../refuse.ts'

type Asked = AvailabilityZoneRebalancing | undefined

/** The service as it is to be made; throws when it asks for what it can't have. */
export const withRebalancing = (service: Service, asked: Asked): Service => {
  if (asked === undefined)
    return {
      ...service,
      availabilityZoneRebalancing: rebalancingProblem(service) === undefined ? 'ENABLED' : 'DISABLED',
    }
  return checked({ ...service, availabilityZoneRebalancing: asked }, 'created')
}

/** The same for a service that is changed: without a word it stays as it is, as long as it still can. */
export const withChangedRebalancing = (service: Service, asked: Asked): Service =>
  checked(asked === undefined ? service : { ...service, availabilityZoneRebalancing: asked }, 'updated')

const checked = (service: Service, done: 'created' | 'updated'): Service => {
  const problem = service.availabilityZoneRebalancing === 'ENABLED' ? rebalancingProblem(service) : undefined
  if (problem === undefined) return service
  if (isExternal(service)) throw notBuilt('availabilityZoneRebalancing with the EXTERNAL deployment controller')
  throw invalid(problem === ONLY_ZONE_SPREAD ? `The service couldn't be ${done} because ${problem}` : problem)
}
