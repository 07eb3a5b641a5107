// What CreateService and UpdateService refuse of a service with the DAEMON scheduling strategy, in AWS's words where they are
// known. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
import type { CreateServiceRequest, DeploymentConfiguration, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Service } from '../../../domain/service.ts'
import { invalid } from '../refuse.ts'
import { DEFAULT_DEPLOYMENT_CONFIGURATION } from './check-service.ts'

type Asked = Pick<
  CreateServiceRequest & UpdateServiceRequest,
  'desiredCount' | 'placementStrategy' | 'deploymentConfiguration' | 'capacityProviderStrategy'
>

/** One task an instance: the number is not the caller's to say, and there are never two while one is replaced. */
export const checkDaemon = (asked: Asked): void => {
  const { desiredCount, placementStrategy = [], deploymentConfiguration, capacityProviderStrategy = [] } = asked
  if (desiredCount !== undefined)
    throw invalid(
      'The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again',
    )
  if (placementStrategy.length > 0)
    throw invalid(
      'The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again',
    )
  if ((deploymentConfiguration?.maximumPercent ?? 100) > 100)
    throw invalid(
      'The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment configuration. Change the maximumPercent value to 100, and try again',
    )
  if (capacityProviderStrategy.length > 0) throw noStrategy()
}

/** By what the cluster's default makes of it, too. */
export const checkDaemonCapacity = ({
  launchType,
  capacityProviderStrategy,
}: Pick<Service, 'launchType' | 'capacityProviderStrategy'>): void => {
  if (capacityProviderStrategy !== undefined) throw noStrategy()
  // AWS's own words for this one are not documented.
  if (launchType === 'FARGATE')
    throw invalid('The daemon scheduling strategy does not support the FARGATE launch type.')
}

const noStrategy = () =>
  invalid(
    'Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.',
  )

export const DAEMON_DEPLOYMENT_CONFIGURATION: DeploymentConfiguration = {
  ...DEFAULT_DEPLOYMENT_CONFIGURATION,
  maximumPercent: 100,
  minimumHealthyPercent: 0,
}
