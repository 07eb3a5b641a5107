// DeleteService: the service is DRAINING from now on and wants no tasks. After: the deployment loop stops what runs and
// makes the service INACTIVE when nothing is left. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
import type { DeleteServiceRequest, DeleteServiceResponse } from '@aws-sdk/client-ecs'
import { services } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findService, serviceNotFound } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeService } from './describe.ts'

export const deleteService: EcsOperation<DeleteServiceRequest, DeleteServiceResponse> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const service = findService(tx, request, cluster, input.service ?? '')
      if (!service || service.status === 'INACTIVE') throw serviceNotFound()
      if (service.status === 'DRAINING') return { service: describeService(tx, service, { tags: true }) }
      if (service.desiredCount > 0 && service.schedulingStrategy === 'REPLICA' && !input.force)
        throw invalid('The service cannot be stopped while it is scaled above 0.')
      const draining = { ...service, status: 'DRAINING', desiredCount: 0 } as const
      tx.put(services, draining)
      return { service: describeService(tx, draining, { tags: true }) }
    })
