// What CreateService and UpdateService refuse alike, and the deployment configuration that passes. Throws before anything
// is changed. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
import type {
  CreateServiceRequest,
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import { DEFAULT_THRESHOLD } from '../../../domain/circuit-breaker.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { strategyFrom } from './check-strategy.ts'
import { serviceFields } from './fields.ts'
import { checkLoadBalancers } from './load-balancers.ts'

type ServiceRequest = Omit<CreateServiceRequest, 'serviceName'> | Omit<UpdateServiceRequest, 'service'>

/** AWS's quota of tasks of one service. Without one a single request could have tasks made until the memory is full. */
const MAX_DESIRED_COUNT = 5_000

const MAX_GRACE_SECONDS = 2_147_483_647

/** By the table in fields.ts. */
export const refuseUnbuiltService = (input: ServiceRequest): void => {
  refuseUnbuilt(serviceFields, input)
  checkLoadBalancers(input.loadBalancers ?? [])
}

export const checkCounts = (input: Pick<ServiceRequest, 'desiredCount' | 'healthCheckGracePeriodSeconds'>): void => {
  if ((input.desiredCount ?? 0) < 0) throw invalid('Desired count must not be negative.')
  if ((input.desiredCount ?? 0) > MAX_DESIRED_COUNT)
    throw invalid(`A service can have at most ${MAX_DESIRED_COUNT} tasks.`)
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

/** `asked` laid over what holds so far; what would block every deployment is refused. After `refuseUnbuiltService`. */
export const deploymentConfigurationFrom = (
  asked: DeploymentConfiguration | undefined,
  sofar: DeploymentConfiguration,
): DeploymentConfiguration => {
  if (!asked) return sofar
  const { deploymentCircuitBreaker, alarms, maximumPercent, minimumHealthyPercent } = asked
  const { strategy: _, lifecycleHooks: __, linearConfiguration: ___, canaryConfiguration: ____, ...rest } = sofar
  const merged = {
    ...rest,
    ...strategyFrom(asked, sofar),
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
