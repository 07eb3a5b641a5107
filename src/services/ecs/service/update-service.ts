// UpdateService: changes what a service is to be, and begins a deployment where tasks must be made anew: another task
// definition, platform version, network or load balancers, or because the caller says so. The PRIMARY deployment becomes ACTIVE then. After:
// the deployment loop. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
import { isDeepStrictEqual } from 'node:util'
import type { UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { scopeOf } from '../../../domain/arn.ts'
import type { Deployment, Service } from '../../../domain/service.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { computedDesiredCount, isExternal, isTaskSet } from '../../../domain/task-set.ts'
import type { Transaction } from '../../../store/store.ts'
import { deployments, services } from '../../../store/tables.ts'
import { changedCapacity } from '../capacity-provider/changed-capacity.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster, findService, findTaskDefinition, serviceNotFound } from '../find.ts'
import { notBuilt } from '../refuse.ts'
import { checkLaunch } from '../task/check-launch.ts'
import { taskDefinitionNotFound } from '../task/check-task-request.ts'
import { networkConfigurationOf } from '../task/network-configuration.ts'
import { beginDeployment } from './begin-deployment.ts'
import { checkDaemon, checkDaemonCapacity } from './check-daemon.ts'
import { checkExternalUpdate } from './check-external.ts'
import { withChangedRebalancing } from './check-rebalancing.ts'
import { checkCounts, deploymentConfigurationFrom, refuseUnbuiltService } from './check-service.ts'
import { checkPairs } from './check-strategy.ts'
import { describeService, liveDeployments } from './describe.ts'
import { checkTargetContainers, checkTargetGroups, roleArnFrom } from './load-balancers.ts'
import { placeAnew } from './place-anew.ts'
import { serviceTaskDefinition } from './service-task-definition.ts'

export const updateService: EcsOperation<UpdateServiceRequest, UpdateServiceResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    refuseUnbuiltService(input)
    checkCounts(input)
    return store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const service = findService(tx, request, cluster, input.service ?? '')
      if (!service) throw serviceNotFound()
      if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
      if (input.deploymentController?.type && input.deploymentController.type !== service.deploymentController.type)
        throw notBuilt('Changing the deployment controller')
      if (isExternal(service)) checkExternalUpdate(input)
      if (service.schedulingStrategy === 'DAEMON') checkDaemon(input)
      const updated = changed(
        changedCapacity(cluster, service, input),
        input,
        isExternal(service) ? undefined : definitionFor(tx, request, service, input),
      )
      checkTargets(tx, request, updated, input)
      tx.put(services, updated)
      placeAnew(tx, service, updated)
      if (input.forceNewDeployment || !sameTasks(service, updated)) beginDeployment(tx, updated, { clock, ids })
      else renew(tx, updated, clock.now())
      return { service: describeService(tx, updated, { tags: true }) }
    })
  }

// A service may go on with a deregistered definition, but not change to one.
const definitionFor = (
  tx: Transaction,
  request: RequestContext,
  service: Service,
  input: UpdateServiceRequest,
): TaskDefinition =>
  input.taskDefinition
    ? serviceTaskDefinition(tx, request, input.taskDefinition)
    : findTaskDefinition(tx, request, service.taskDefinitionArn, taskDefinitionNotFound)

// Given target groups must be in use; those that it has may have lost their load balancer, and the service can still be changed.
const checkTargets = (
  tx: Transaction,
  request: RequestContext,
  { loadBalancers = [], taskDefinitionArn, deploymentConfiguration }: Service,
  input: UpdateServiceRequest,
): void => {
  checkPairs(deploymentConfiguration, loadBalancers)
  if (input.loadBalancers) checkTargetGroups(tx, loadBalancers)
  if (loadBalancers.length === 0 || !(input.loadBalancers || input.taskDefinition)) return
  checkTargetContainers(tx, findTaskDefinition(tx, request, taskDefinitionArn, taskDefinitionNotFound), loadBalancers)
}

// None, when the list is empty.
const withLoadBalancers = (service: Service, { loadBalancers }: UpdateServiceRequest): Service => {
  if (loadBalancers === undefined) return service
  const { loadBalancers: _, roleArn, ...rest } = service
  if (loadBalancers.length === 0) return rest
  const { accountId } = scopeOf(service.arn)
  return {
    ...rest,
    loadBalancers,
    roleArn: roleArn ?? roleArnFrom(undefined, accountId, loadBalancers, undefined) ?? '',
  }
}

const changed = (service: Service, input: UpdateServiceRequest, definition: TaskDefinition | undefined): Service => {
  const networkConfiguration = networkConfigurationOf(input.networkConfiguration)
  const changes: Service = {
    ...withLoadBalancers(service, input),
    taskDefinitionArn: definition?.arn ?? service.taskDefinitionArn,
    desiredCount: input.desiredCount ?? service.desiredCount,
    deploymentConfiguration: deploymentConfigurationFrom(
      input.deploymentConfiguration,
      service.deploymentConfiguration,
    ),
    placementConstraints: input.placementConstraints ?? service.placementConstraints,
    placementStrategy: input.placementStrategy ?? service.placementStrategy,
    enableECSManagedTags: input.enableECSManagedTags ?? service.enableECSManagedTags,
    propagateTags: input.propagateTags ?? service.propagateTags,
    ...(input.platformVersion === undefined ? {} : { platformVersion: input.platformVersion }),
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(input.healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds }),
  }
  if (changes.schedulingStrategy === 'DAEMON') checkDaemonCapacity(changes)
  if (definition) checkLaunch(definition, changes)
  return withChangedRebalancing(changes, input.availabilityZoneRebalancing)
}

const sameTasks = (before: Service, after: Service): boolean =>
  before.taskDefinitionArn === after.taskDefinitionArn &&
  before.platformVersion === after.platformVersion &&
  isDeepStrictEqual(before.capacityProviderStrategy, after.capacityProviderStrategy) &&
  isDeepStrictEqual(before.networkConfiguration, after.networkConfiguration) &&
  isDeepStrictEqual(before.loadBalancers, after.loadBalancers)

// An update ends the wait after failed starts: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
const renew = (tx: Transaction, service: Service, now: number): void => {
  for (const one of liveDeployments(tx, service)) {
    if (one.status !== 'PRIMARY' && !isTaskSet(one)) continue
    const { notBefore: _, lastFailureAt: __, lastCrashAt: ___, consecutiveCrashes: ____, ...rest } = one
    const desiredCount = isTaskSet(one) ? computedDesiredCount(service, one) : service.desiredCount
    const renewed: Deployment = { ...rest, consecutiveFailures: 0, desiredCount }
    if (!isDeepStrictEqual(renewed, one)) tx.put(deployments, { ...renewed, updatedAt: now })
  }
}
