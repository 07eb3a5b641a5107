// DescribeServices: up to ten services of one cluster, by name or ARN, DRAINING and INACTIVE ones too.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
import type { DescribeServicesRequest, DescribeServicesResponse, Failure, Service } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { findCluster, findService, serviceArnFor } from '../find.ts'
import { invalid } from '../refuse.ts'
import { describeService } from './describe.ts'

const MAX_SERVICES = 10

export const describeServices: EcsOperation<DescribeServicesRequest, DescribeServicesResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = input.services ?? []
    if (asked.length === 0) throw invalid('Services cannot be empty.')
    if (asked.length > MAX_SERVICES) throw invalid(`At most ${MAX_SERVICES} services can be described at a time.`)
    const cluster = findCluster(store, request, input.cluster)
    const show = { tags: input.include?.includes('TAGS') ?? false }
    const services: Service[] = []
    const failures: Failure[] = []
    for (const identifier of asked) {
      const service = findService(store, request, cluster, identifier)
      if (service) services.push(describeService(store, service, show))
      else failures.push({ arn: serviceArnFor(request, cluster, identifier), reason: 'MISSING' })
    }
    return { services, failures }
  }
