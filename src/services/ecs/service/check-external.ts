// What CreateService and UpdateService refuse of a service with the deployment controller EXTERNAL: what its task sets are to say.
// AWS's own words for these are not documented.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-external-deployment.html
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { invalid } from '../refuse.ts'

type Asked = Partial<Omit<CreateServiceRequest, 'serviceName'> & Omit<UpdateServiceRequest, 'service'>>

const TASK_SETS_OWN = [
  'taskDefinition',
  'launchType',
  'platformVersion',
  'networkConfiguration',
  'capacityProviderStrategy',
  'loadBalancers',
] as const

export const checkExternal = (asked: Asked): void => {
  const wrong = TASK_SETS_OWN.find(member => isGiven(asked[member]))
  if (wrong)
    throw invalid(`A service with the EXTERNAL deployment controller has no ${wrong}: specify it in CreateTaskSet.`)
  if (asked.schedulingStrategy === 'DAEMON')
    throw invalid('The daemon scheduling strategy is not supported with the EXTERNAL deployment controller.')
  if (asked.deploymentConfiguration?.deploymentCircuitBreaker?.enable)
    throw invalid('The deployment circuit breaker can only be used with the ECS deployment controller.')
}

/** What it may change: the counts, the grace period, placement, and the flags for tags. */
export const checkExternalUpdate = (asked: Asked): void => {
  checkExternal(asked)
  if (asked.forceNewDeployment || asked.deploymentConfiguration)
    throw invalid(
      `Unable to update ${asked.forceNewDeployment ? 'the deployment' : 'deploymentConfiguration'} on services with an EXTERNAL deployment controller.`,
    )
}

const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== ''
