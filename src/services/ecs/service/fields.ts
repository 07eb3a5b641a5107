// Every field that CreateService and UpdateService can be sent, and what becomes of it (field-support.ts). What is refused is
// refused by this table (check-service.ts) and printed from it in docs/coverage.md.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
import type {
  AdvancedConfiguration,
  CanaryConfiguration,
  CreateServiceRequest,
  DeploymentAlarms,
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  DeploymentController,
  DeploymentEarlySuccessCriteria,
  DeploymentLifecycleHook,
  DeploymentLifecycleHookTimeoutConfiguration,
  LinearConfiguration,
  ServiceConnectConfiguration,
  ThresholdConfiguration,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import {
  loadBalancerFields,
  networkConfigurationFields,
  placementConstraintFields,
  placementStrategyFields,
  strategyItemFields,
  tagFields,
} from '../common-fields.ts'
import { accepted, type FieldsOf, honoured, only, onlyBecause, refused, within } from '../field-support.ts'

const thresholdFields: FieldsOf<ThresholdConfiguration> = { type: honoured, value: honoured }

const circuitBreakerFields: FieldsOf<DeploymentCircuitBreaker> = {
  enable: honoured,
  rollback: honoured,
  resetOnHealthyTask: honoured,
  thresholdConfiguration: within(thresholdFields),
}

const NO_ALARMS =
  'kept and answered; there are no CloudWatch alarms yet, so that none rolls a deployment back, and an event of the service says so'

const alarmFields: FieldsOf<DeploymentAlarms> = {
  alarmNames: accepted(NO_ALARMS),
  rollback: accepted(NO_ALARMS),
  enable: accepted(NO_ALARMS),
}

const earlySuccessFields: FieldsOf<DeploymentEarlySuccessCriteria> = {
  enable: refused(),
  healthyPercent: accepted('only read where it is enabled, which is refused'),
  sourceServiceRevisionCleanup: accepted('only read where it is enabled, which is refused'),
}

const hookTimeoutFields: FieldsOf<DeploymentLifecycleHookTimeoutConfiguration> = {
  timeoutInMinutes: honoured,
  action: honoured,
}

const lifecycleHookFields: FieldsOf<DeploymentLifecycleHook> = {
  targetType: onlyBecause('there is no Lambda', 'PAUSE'),
  hookTargetArn: refused('there is no Lambda'),
  roleArn: refused('there is no Lambda'),
  lifecycleStages: honoured,
  hookDetails: refused('there is no Lambda'),
  timeoutConfiguration: within(hookTimeoutFields),
}

const linearFields: FieldsOf<LinearConfiguration> = { stepPercent: honoured, stepBakeTimeInMinutes: honoured }

const canaryFields: FieldsOf<CanaryConfiguration> = { canaryPercent: honoured, canaryBakeTimeInMinutes: honoured }

const advancedFields: FieldsOf<AdvancedConfiguration> = {
  alternateTargetGroupArn: honoured,
  productionListenerRule: honoured,
  testListenerRule: honoured,
  roleArn: accepted('kept and answered; this server needs no role to change a rule'),
}

const deploymentConfigurationFields: FieldsOf<DeploymentConfiguration> = {
  deploymentCircuitBreaker: within(circuitBreakerFields),
  maximumPercent: honoured,
  minimumHealthyPercent: honoured,
  alarms: within(alarmFields),
  strategy: honoured,
  bakeTimeInMinutes: honoured,
  lifecycleHooks: within(lifecycleHookFields),
  linearConfiguration: within(linearFields),
  canaryConfiguration: within(canaryFields),
  earlySuccessCriteria: within(earlySuccessFields),
}

const deploymentControllerFields: FieldsOf<DeploymentController> = { type: only('ECS', 'EXTERNAL') }

const NO_SERVICE_CONNECT = 'only read where Service Connect is enabled, which is refused'

const serviceConnectFields: FieldsOf<ServiceConnectConfiguration> = {
  enabled: refused('there is no Service Connect'),
  namespace: accepted(NO_SERVICE_CONNECT),
  services: accepted(NO_SERVICE_CONNECT),
  logConfiguration: accepted(NO_SERVICE_CONNECT),
  accessLogConfiguration: accepted(NO_SERVICE_CONNECT),
  containerConfigurations: accepted(NO_SERVICE_CONNECT),
}

/** Of both requests: what one of them lacks it cannot be sent. */
export const serviceFields: FieldsOf<CreateServiceRequest & UpdateServiceRequest> = {
  cluster: honoured,
  serviceName: honoured,
  service: honoured,
  taskDefinition: honoured,
  desiredCount: honoured,
  clientToken: honoured,
  loadBalancers: within({ ...loadBalancerFields, advancedConfiguration: within(advancedFields) }),
  serviceRegistries: refused(),
  volumeConfigurations: refused(),
  vpcLatticeConfigurations: refused(),
  gatewayConnectors: refused(),
  monitoring: refused(),
  enableExecuteCommand: refused(),
  role: honoured,
  serviceConnectConfiguration: within(serviceConnectFields),
  availabilityZoneRebalancing: honoured,
  deploymentController: within(deploymentControllerFields),
  deploymentConfiguration: within(deploymentConfigurationFields),
  launchType: only('EC2', 'EXTERNAL', 'FARGATE'),
  capacityProviderStrategy: within(strategyItemFields),
  platformVersion: honoured,
  placementConstraints: within(placementConstraintFields),
  placementStrategy: within(placementStrategyFields),
  networkConfiguration: within(networkConfigurationFields),
  healthCheckGracePeriodSeconds: honoured,
  schedulingStrategy: honoured,
  forceNewDeployment: honoured,
  enableECSManagedTags: honoured,
  propagateTags: honoured,
  tags: within(tagFields),
}
