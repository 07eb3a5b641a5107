// DescribeServiceDeployments: up to twenty service deployments by ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  Failure,
  ServiceDeployment,
} from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeServiceDeployment } from './describe-service-deployment.ts'
import { checkService, findServiceDeployment } from './find-service-deployment.ts'

const MAX_ARNS = 20

export const describeServiceDeployments: EcsOperation<
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse
> =
  ({ store }) =>
  (request, input) => {
    const asked = input.serviceDeploymentArns ?? []
    if (asked.length === 0) throw invalid('Service deployment ARNs cannot be empty.')
    if (asked.length > MAX_ARNS) throw invalid(`At most ${MAX_ARNS} service deployments can be described at a time.`)
    const serviceDeployments: ServiceDeployment[] = []
    const failures: Failure[] = []
    for (const arn of asked) {
      checkService(store, request, 'service-deployment', arn)
      const found = findServiceDeployment(store, request, arn)
      if (found) serviceDeployments.push(describeServiceDeployment(store, found))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { serviceDeployments, failures }
  }
