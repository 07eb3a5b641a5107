// UpdateContainerInstancesState: DRAINING keeps new tasks off up to ten instances; ACTIVE takes them in again. After: placement
// skips what is DRAINING, and the deployment loop moves services' tasks away; standalone tasks run on.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateContainerInstancesState.html
import type {
  ContainerInstance as ContainerInstanceAnswer,
  Failure,
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse,
} from '@aws-sdk/client-ecs'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { containerInstances } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { containerInstanceArnFor, findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeContainerInstance } from './describe.ts'

const MAX_INSTANCES = 10

export const updateContainerInstancesState: EcsOperation<
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse
> =
  ({ store }) =>
  (request, { cluster: named, containerInstances: identifiers = [], status }) => {
    if (identifiers.length === 0) throw invalid('Container instances cannot be empty.')
    if (identifiers.length > MAX_INSTANCES)
      throw invalid(`At most ${MAX_INSTANCES} container instances can be updated at a time.`)
    if (status !== 'ACTIVE' && status !== 'DRAINING')
      throw invalid(`The container instance status must be ACTIVE or DRAINING, not ${status}.`)
    return store.write(tx => {
      const cluster = findCluster(tx, request, named)
      const changed: ContainerInstanceAnswer[] = []
      const failures: Failure[] = []
      for (const identifier of identifiers) {
        const instance = findContainerInstance(tx, request, cluster, identifier)
        if (!instance) failures.push({ arn: containerInstanceArnFor(request, cluster, identifier), reason: 'MISSING' })
        else if (instance.status === 'INACTIVE') failures.push({ arn: instance.arn, reason: 'INACTIVE' })
        else {
          const next = withStatus(instance, status)
          if (next !== instance) tx.put(containerInstances, next)
          changed.push(describeContainerInstance(tx, next, { tags: true }))
        }
      }
      return { containerInstances: changed, failures }
    })
  }

const withStatus = (instance: ContainerInstance, status: 'ACTIVE' | 'DRAINING'): ContainerInstance =>
  instance.status === status ? instance : { ...instance, status, version: instance.version + 1 }
