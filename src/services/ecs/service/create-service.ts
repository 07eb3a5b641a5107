// CreateService: the service and its first deployment, in one transaction. The same request again answers the service that
// is there; another one under its name is refused. After: the deployment loop makes tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
import { isDeepStrictEqual } from 'node:util'
import type { CreateServiceRequest, CreateServiceResponse } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { serviceArn } from '../../../domain/arn.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Service } from '../../../domain/service.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { isExternal } from '../../../domain/task-set.ts'
import type { Transaction } from '../../../store/store.ts'
import { idempotency, services } from '../../../store/tables.ts'
import { capacityFor } from '../capacity-provider/strategy.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkToken, findToken, requestHash, tokenKey } from '../idempotency.ts'
import { invalid } from '../refuse.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { checkLaunch } from '../task/check-launch.ts'
import { networkConfigurationOf } from '../task/network-configuration.ts'
import { beginDeployment } from './begin-deployment.ts'
import { checkDaemon, checkDaemonCapacity, DAEMON_DEPLOYMENT_CONFIGURATION } from './check-daemon.ts'
import { checkExternal } from './check-external.ts'
import { withRebalancing } from './check-rebalancing.ts'
import {
  checkCounts,
  DEFAULT_DEPLOYMENT_CONFIGURATION,
  deploymentConfigurationFrom,
  refuseUnbuiltService,
} from './check-service.ts'
import { checkPairs } from './check-strategy.ts'
import { describeService } from './describe.ts'
import { checkTargetContainers, checkTargetGroups, roleArnFrom } from './load-balancers.ts'
import { serviceTaskDefinition } from './service-task-definition.ts'

const MAX_TOKEN = 36

export const createService: EcsOperation<CreateServiceRequest, CreateServiceResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    checkRequest(input)
    const tags = validateTags(input.tags)
    const hash = requestHash(input)
    return store.write(tx => {
      const now = clock.now()
      const cluster = findCluster(tx, request, input.cluster)
      const key = input.clientToken ? tokenKey('CreateService', cluster.arn, input.clientToken) : undefined
      const earlier = key ? createdUnder(tx, key, hash, now) : undefined
      if (earlier) return { service: describeService(tx, earlier, { tags: true }) }
      // Of a service whose deployments somebody else controls each task set names its own.
      const definition = input.taskDefinition ? serviceTaskDefinition(tx, request, input.taskDefinition) : undefined
      const made = newService(request, cluster, definition, { ...input, tags }, now)
      const service = withRebalancing(made, input.availabilityZoneRebalancing)
      if (definition) checkLaunch(definition, service)
      checkTargets(tx, service, definition)
      const existing = tx.get(services, service.arn)
      if (existing?.status === 'DRAINING') throw invalid('Unable to Start a service that is still Draining.')
      if (existing?.status === 'ACTIVE') {
        if (!isSame(existing, service, input)) throw notIdempotent()
        return { service: describeService(tx, existing, { tags: true }) }
      }
      tx.put(services, service)
      if (!isExternal(service)) beginDeployment(tx, service, { clock, ids }, service.desiredCount)
      if (key)
        tx.put(idempotency, { key, requestHash: hash, resourceArns: [service.arn], failures: [], createdAt: now })
      return { service: describeService(tx, service, { tags: true }) }
    })
  }

const notIdempotent = () => invalid('Creation of service was not idempotent.')

const checkRequest = (input: CreateServiceRequest): void => {
  const name = input.serviceName ?? ''
  if (!name) throw invalid('Service name can not be blank.')
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalid('Service name contains invalid characters.')
  refuseUnbuiltService(input)
  if (input.deploymentController?.type === 'EXTERNAL') checkExternal(input)
  else if (!input.taskDefinition) throw invalid('TaskDefinition can not be blank.')
  if (input.schedulingStrategy === 'DAEMON') checkDaemon(input)
  else if (input.desiredCount === undefined) throw invalid('Desired count is required for scheduling strategy REPLICA.')
  checkCounts(input)
  if (input.clientToken) checkToken(input.clientToken, MAX_TOKEN)
}

const checkTargets = (
  tx: Transaction,
  { loadBalancers = [], deploymentConfiguration }: Service,
  definition: TaskDefinition | undefined,
): void => {
  checkPairs(deploymentConfiguration, loadBalancers)
  checkTargetGroups(tx, loadBalancers)
  if (definition) checkTargetContainers(tx, definition, loadBalancers)
}

// What the token made, as long as it is not deleted.
const createdUnder = (tx: Transaction, key: string, hash: string, now: number): Service | undefined => {
  const record = findToken(tx, key, now)
  const service = record?.resourceArns[0] ? tx.get(services, record.resourceArns[0]) : undefined
  if (service?.status !== 'ACTIVE') return undefined
  if (record?.requestHash !== hash) throw notIdempotent()
  return service
}

const newService = (
  request: RequestContext,
  cluster: Cluster,
  definition: TaskDefinition | undefined,
  input: CreateServiceRequest & { readonly tags: Service['tags'] },
  now: number,
): Service => {
  const capacity = capacityFor(cluster, input)
  const { launchType } = capacity
  const { schedulingStrategy = 'REPLICA' } = input
  if (schedulingStrategy === 'DAEMON') checkDaemonCapacity(capacity)
  const name = input.serviceName ?? ''
  const platformVersion = input.platformVersion ?? (launchType === 'FARGATE' ? 'LATEST' : undefined)
  const { healthCheckGracePeriodSeconds, clientToken } = input
  const networkConfiguration = networkConfigurationOf(input.networkConfiguration)
  const loadBalancers = input.loadBalancers ?? []
  const roleArn = roleArnFrom(input.role, request.accountId, loadBalancers, definition)
  return {
    arn: serviceArn(request, cluster.name, name),
    name,
    clusterArn: cluster.arn,
    status: 'ACTIVE',
    desiredCount: input.desiredCount ?? 0,
    taskDefinitionArn: definition?.arn ?? '',
    ...capacity,
    ...(platformVersion === undefined ? {} : { platformVersion }),
    schedulingStrategy,
    deploymentConfiguration: deploymentConfigurationFrom(
      input.deploymentConfiguration,
      schedulingStrategy === 'DAEMON' ? DAEMON_DEPLOYMENT_CONFIGURATION : DEFAULT_DEPLOYMENT_CONFIGURATION,
    ),
    deploymentController: { type: input.deploymentController?.type ?? 'ECS' },
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: input.placementStrategy ?? [],
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(loadBalancers.length === 0 ? {} : { loadBalancers }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(healthCheckGracePeriodSeconds === undefined ? {} : { healthCheckGracePeriodSeconds }),
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    enableExecuteCommand: false,
    availabilityZoneRebalancing: 'DISABLED',
    ...(clientToken === undefined ? {} : { clientToken }),
    createdBy: request.caller.arn,
    createdAt: now,
    tags: input.tags,
  }
}

// All that was asked for, without who asked, when, and under which token.
const isSame = (existing: Service, asked: Service, input: CreateServiceRequest): boolean => {
  // Not asked for: what a service gets by itself was another thing once, and UpdateService may have changed it.
  const { availabilityZoneRebalancing = existing.availabilityZoneRebalancing } = input
  return isDeepStrictEqual(askedOf(existing), askedOf({ ...asked, availabilityZoneRebalancing }))
}

const askedOf = (service: Service) => {
  const { createdAt: _, createdBy: __, clientToken: ___, lastCompletedRevisionArn: ____, ...asked } = service
  if (isExternal(service)) return withoutShown(asked)
  // How many tasks a DAEMON service has is the deployment loop's to say.
  return asked.schedulingStrategy === 'DAEMON' ? { ...asked, desiredCount: 0 } : asked
}

// What the PRIMARY task set says of it is not what was asked of the service.
const withoutShown = (service: Partial<Service>): Partial<Service> => {
  const { taskDefinitionArn: _, launchType: __, capacityProviderStrategy: ___, ...rest } = service
  const { platformVersion: ____, networkConfiguration: _____, loadBalancers: ______, ...asked } = rest
  return asked
}
