// DescribeContainerInstances: up to 100 instances of one cluster, by id or ARN, deregistered ones too.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html
import type {
  ContainerInstance,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  Failure,
} from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { containerInstanceArnFor, findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeContainerInstance } from './describe.ts'

const MAX_INSTANCES = 100

export const describeContainerInstances: EcsOperation<
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse
> =
  ({ store }) =>
  (request, input) => {
    const asked = input.containerInstances ?? []
    if (asked.length === 0) throw invalid('Container instances cannot be empty.')
    if (asked.length > MAX_INSTANCES)
      throw invalid(`At most ${MAX_INSTANCES} container instances can be described at a time.`)
    const cluster = findCluster(store, request, input.cluster)
    const show = {
      tags: input.include?.includes('TAGS') ?? false,
      health: input.include?.includes('CONTAINER_INSTANCE_HEALTH') ?? false,
    }
    const containerInstances: ContainerInstance[] = []
    const failures: Failure[] = []
    for (const identifier of asked) {
      const instance = findContainerInstance(store, request, cluster, identifier)
      if (instance) containerInstances.push(describeContainerInstance(store, instance, show))
      else failures.push({ arn: containerInstanceArnFor(request, cluster, identifier), reason: 'MISSING' })
    }
    return { containerInstances, failures }
  }
