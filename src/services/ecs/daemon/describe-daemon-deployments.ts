// DescribeDaemonDeployments: up to twenty daemon deployments by ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemonDeployments.html
import type {
  DaemonDeployment,
  DescribeDaemonDeploymentsRequest,
  DescribeDaemonDeploymentsResponse,
  Failure,
} from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { findServiceDeployment } from '../service/find-service-deployment.ts'
import { describeDaemonDeployment } from './describe-deployment.ts'

const MAX_ARNS = 20

export const describeDaemonDeployments: EcsOperation<
  DescribeDaemonDeploymentsRequest,
  DescribeDaemonDeploymentsResponse
> =
  ({ store }) =>
  (request, input) => {
    const asked = input.daemonDeploymentArns ?? []
    if (asked.length === 0) throw invalid('Daemon deployment ARNs cannot be empty.')
    if (asked.length > MAX_ARNS) throw invalid(`At most ${MAX_ARNS} daemon deployments can be described at a time.`)
    const daemonDeployments: DaemonDeployment[] = []
    const failures: Failure[] = []
    for (const arn of asked) {
      const found = findServiceDeployment(store, request, arn, 'daemon-deployment')
      if (found) daemonDeployments.push(describeDaemonDeployment(store, found))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { daemonDeployments, failures }
  }
