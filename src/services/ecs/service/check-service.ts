// What CreateService and UpdateService refuse alike, and the deployment configuration that passes. Throws before anything
// is changed. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
import type {
  CreateServiceRequest,
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import { DEFAULT_THRESHOLD } from '../../../domain/circuit-breaker.ts'
import { invalid, notBuilt, refuseNotBuilt } from '../refuse.ts'

type ServiceRequest = Omit<CreateServiceRequest, 'serviceName'> | Omit<UpdateServiceRequest, 'service'>

const MAX_GRACE_SECONDS = 2_147_483_647

export const refuseUnbuiltService = (input: ServiceRequest): void => {
  refuseNotBuilt({
    loadBalancers: input.loadBalancers,
    serviceRegistries: input.serviceRegistries,
    volumeConfigurations: input.volumeConfigurations,
    vpcLatticeConfigurations: input.vpcLatticeConfigurations,
    gatewayConnectors: input.gatewayConnectors,
    monitoring: input.monitoring,
    enableExecuteCommand: input.enableExecuteCommand,
  })
  if (input.serviceConnectConfiguration?.enabled) throw notBuilt('serviceConnectConfiguration')
  const controller = input.deploymentController?.type
  if (controller === 'CODE_DEPLOY') throw notBuilt(`Deployment controller ${controller}`)
}

export const checkCounts = (input: Pick<ServiceRequest, 'desiredCount' | 'healthCheckGracePeriodSeconds'>): void => {
  if ((input.desiredCount ?? 0) < 0) throw invalid('Desired count must not be negative.')
  const grace = input.healthCheckGracePeriodSeconds ?? 0
  if (grace < 0 || grace > MAX_GRACE_SECONDS)
    throw invalid(`Health check grace period must be from 0 to ${MAX_GRACE_SECONDS} seconds.`)
}

/** What a service gets that says nothing: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html */
export const DEFAULT_DEPLOYMENT_CONFIGURATION: DeploymentConfiguration = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  alarms: { alarmNames: [], rollback: false, enable: false },
  strategy: 'ROLLING',
  bakeTimeInMinutes: 0,
}

/** `asked` laid over what holds so far; what can't be honoured, or would block every deployment, is refused. */
export const deploymentConfigurationFrom = (
  asked: DeploymentConfiguration | undefined,
  sofar: DeploymentConfiguration,
): DeploymentConfiguration => {
  if (!asked) return sofar
  const { deploymentCircuitBreaker, alarms, strategy, bakeTimeInMinutes, maximumPercent, minimumHealthyPercent } = asked
  if (alarms?.enable) throw notBuilt('deploymentConfiguration.alarms')
  if (strategy && strategy !== 'ROLLING') throw notBuilt(`Deployment strategy ${strategy}`)
  if (bakeTimeInMinutes) throw notBuilt('bakeTimeInMinutes')
  if (asked.earlySuccessCriteria?.enable) throw notBuilt('earlySuccessCriteria')
  const { lifecycleHooks, linearConfiguration, canaryConfiguration } = asked
  refuseNotBuilt({ lifecycleHooks, linearConfiguration, canaryConfiguration })
  const merged = {
    ...sofar,
    ...(deploymentCircuitBreaker === undefined
      ? {}
      : { deploymentCircuitBreaker: circuitBreakerFrom(deploymentCircuitBreaker) }),
    ...(alarms === undefined ? {} : { alarms }),
    ...(maximumPercent === undefined ? {} : { maximumPercent }),
    ...(minimumHealthyPercent === undefined ? {} : { minimumHealthyPercent }),
  }
  checkPercents(merged)
  return merged
}

// What counts failures and when it is enough is filled in where the circuit breaker is on.
const circuitBreakerFrom = (asked: DeploymentCircuitBreaker): DeploymentCircuitBreaker => {
  const { type, value } = asked.thresholdConfiguration ?? DEFAULT_THRESHOLD
  if (value === undefined || value < 1 || (type !== 'COUNT' && value > 100))
    throw invalid(
      `The threshold of the deployment circuit breaker must be ${type === 'COUNT' ? 'at least 1' : 'from 1 to 100 percent'}.`,
    )
  if (!asked.enable) return asked
  return { ...asked, resetOnHealthyTask: asked.resetOnHealthyTask ?? true, thresholdConfiguration: { type, value } }
}

const checkPercents = ({ maximumPercent = 200, minimumHealthyPercent = 100 }: DeploymentConfiguration): void => {
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100)
    throw invalid('minimumHealthyPercent must be from 0 to 100.')
  if (maximumPercent < 100 || maximumPercent < minimumHealthyPercent)
    throw invalid('maximumPercent must be at least 100.')
  if (maximumPercent === 100 && minimumHealthyPercent === 100)
    throw invalid('Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.')
}
