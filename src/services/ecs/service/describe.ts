// A service as callers see it, made from its row, its deployments, its newest events and the store's sums over its tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
import type {
  Deployment as DeploymentAnswer,
  Service as ServiceAnswer,
  ServiceEvent as ServiceEventAnswer,
} from '@aws-sdk/client-ecs'
import type { Deployment, Service, ServiceEvent } from '../../../domain/service.ts'
import { revisionArnOf } from '../../../domain/service-deployment.ts'
import { isExternal } from '../../../domain/task-set.ts'
import type { Reader } from '../../../store/store.ts'
import { deployments, serviceDeployments, serviceEvents, serviceRevisions, tasks } from '../../../store/tables.ts'
import { describeCapacity } from '../capacity-provider/describe.ts'
import { FARGATE_PLATFORM_FAMILY, FARGATE_PLATFORM_VERSION } from '../task/check-launch.ts'
import { describeTaskSet, taskSetsOf } from '../task-set/describe.ts'
import { summaryOf } from './describe-service-deployment.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html */
const MAX_EVENTS = 100

export const describeService = (reader: Reader, service: Service, show: { readonly tags: boolean }): ServiceAnswer => {
  const counts = reader.sum(tasks, 'byService', service.arn)
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: counts['running'] ?? 0,
    pendingCount: counts['pending'] ?? 0,
    ...describeMake(service),
    schedulingStrategy: service.schedulingStrategy,
    deploymentConfiguration: service.deploymentConfiguration,
    deploymentController: service.deploymentController,
    ...describeRollouts(reader, service),
    events: newestEvents(reader, service).map(describeEvent),
    loadBalancers: [...(service.loadBalancers ?? [])],
    serviceRegistries: [],
    placementConstraints: [...service.placementConstraints],
    placementStrategy: [...service.placementStrategy],
    networkConfiguration: service.networkConfiguration,
    ...(service.roleArn === undefined ? {} : { roleArn: service.roleArn }),
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    ...currentDeployment(reader, service),
    createdAt: new Date(service.createdAt),
    createdBy: service.createdBy,
    ...(show.tags ? { tags: [...service.tags] } : {}),
  }
}

// How its tasks are made; what nobody has said yet of a service without a PRIMARY task set.
const describeMake = (service: Service): Partial<ServiceAnswer> =>
  service.taskDefinitionArn === ''
    ? {}
    : {
        ...describeCapacity(service),
        platformVersion: service.platformVersion,
        ...(service.launchType === 'FARGATE' ? { platformFamily: FARGATE_PLATFORM_FAMILY } : {}),
        taskDefinition: service.taskDefinitionArn,
      }

const describeRollouts = (reader: Reader, service: Service): Pick<ServiceAnswer, 'deployments' | 'taskSets'> =>
  isExternal(service)
    ? {
        deployments: [],
        taskSets: taskSetsOf(reader, service).map(row => describeTaskSet(reader, service, row, { tags: false })),
      }
    : { deployments: liveDeployments(reader, service).map(deployment => describeDeployment(reader, deployment)) }

// The newest service deployment, and the revisions that have tasks or are to have some. Those from before Stowage kept
// revisions have no row to describe.
const currentDeployment = (
  reader: Reader,
  service: Service,
): Pick<ServiceAnswer, 'currentServiceDeployment' | 'currentServiceRevisions'> => {
  const [newest] = reader.byIndex(serviceDeployments, 'byService', service.arn)
  if (newest === undefined || newest.createdAt < service.createdAt) return {}
  const revisions = liveDeployments(reader, service).map(revisionArnOf)
  return {
    currentServiceDeployment: newest.arn,
    currentServiceRevisions: revisions
      .filter(arn => reader.get(serviceRevisions, arn) !== undefined)
      .map(arn => summaryOf(reader, arn)),
  }
}

/** PRIMARY first, then the ACTIVE ones, newest first. */
export const liveDeployments = (reader: Reader, service: Service): Deployment[] =>
  [...reader.byIndex(deployments, 'liveByService', service.arn)].sort(
    (a, b) => Number(b.status === 'PRIMARY') - Number(a.status === 'PRIMARY') || b.createdAt - a.createdAt,
  )

const describeDeployment = (reader: Reader, deployment: Deployment): DeploymentAnswer => {
  const counts = reader.sum(tasks, 'byDeployment', deployment.id)
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: deployment.desiredCount ?? 0,
    runningCount: counts['running'] ?? 0,
    pendingCount: counts['pending'] ?? 0,
    failedTasks: deployment.failedTasks,
    ...describeCapacity(deployment),
    ...(deployment.launchType === 'FARGATE'
      ? { platformVersion: FARGATE_PLATFORM_VERSION, platformFamily: FARGATE_PLATFORM_FAMILY }
      : {}),
    networkConfiguration: deployment.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
  }
}

// Newest first. The retention loop keeps a service's events few, so that reading them all costs little; those before its
// creation belong to an earlier service of the same name.
const newestEvents = (reader: Reader, service: Service): ServiceEvent[] => {
  const events = [...reader.byIndex(serviceEvents, 'byService', service.arn)]
  return events
    .slice(-MAX_EVENTS)
    .filter(event => event.createdAt >= service.createdAt)
    .reverse()
}

const describeEvent = (event: ServiceEvent): ServiceEventAnswer => ({
  id: event.id,
  createdAt: new Date(event.createdAt),
  message: event.message,
})
